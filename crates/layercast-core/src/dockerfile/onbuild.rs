//! ONBUILD: an instruction kept for the images and stages that start from this one.

use super::reader::{Reader, Refusal};
use super::{Instruction, Phase};

/// ONBUILD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onbuild {
    /// The keyword of the instruction it holds, in upper case.
    pub keyword: String,
    /// The instruction it holds as a text of its own, heredoc bodies included.
    pub trigger: String,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Onbuild, Refusal> {
    if reader.arguments().is_empty() {
        return Err(reader.refuse("argument-missing", "ONBUILD holds no instruction"));
    }
    let inner = reader.inner();
    // The tree is made of the inner instruction too; what is wrong beyond that shows when it is triggered.
    if let Err(refusal) = Instruction::read_from(&inner)
        && refusal.phase == Phase::Tree
    {
        return Err(refusal);
    }
    reader.flags(&[])?;
    let keyword = inner.keyword().to_ascii_uppercase();
    let refuse = |message: String| {
        let note = "It holds a step for the images that start from this one: RUN, COPY, ENV and the like.";
        Err(inner.refuse_keyword("invalid-trigger", message).note(note))
    };
    match keyword.as_str() {
        "ONBUILD" => refuse("ONBUILD cannot hold another ONBUILD".to_owned()),
        "FROM" | "MAINTAINER" => refuse(format!("ONBUILD cannot hold {keyword}")),
        _ => {
            let mut trigger = reader.arguments().to_owned();
            for heredoc in reader.heredocs() {
                trigger = format!("{trigger}\n{}{}", heredoc.body, heredoc.word.name);
            }
            Ok(Onbuild { keyword, trigger })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::tests::{check_refused, read};

    #[test]
    fn a_trigger_is_any_instruction_but_three() {
        let trigger = |source| match read(source) {
            Ok(Instruction::Onbuild(onbuild)) => onbuild.trigger,
            other => panic!("{other:?}"),
        };
        assert_eq!(trigger("ONBUILD COPY --from=a b c"), "COPY --from=a b c");
        assert_eq!(trigger("ONBUILD RUN <<A\nx\nA"), "RUN <<A\nx\nA");
        check_refused(
            "ONBUILD FROM a",
            "ONBUILD cannot hold FROM (It holds a step for the images that start from this one: RUN, COPY, ENV and the like.) @ FROM",
        );
        check_refused("ONBUILD ENV a", "ENV gives `a` no value (Write `ENV a=value`.) @ a");
    }
}
