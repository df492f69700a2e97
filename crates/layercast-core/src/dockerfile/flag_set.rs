//! The flags of one instruction, held against those it has.

use super::reader::{Reader, Refusal, Text, flag_range};
use crate::suggest::did_you_mean;
use crate::syntax::flags::Flag;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    /// `--name=value`, once.
    Text,
    /// `--name`, `--name=true` or `--name=false`, once.
    Bool,
    /// `--name=value`, any number of times.
    List,
}

/// The flags that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlagSet {
    given: Vec<(&'static str, Text)>,
}

impl FlagSet {
    pub(super) fn read(
        reader: &Reader<'_>,
        flags: &[Flag],
        known: &'static [(&'static str, FlagKind)],
    ) -> Result<Self, Refusal> {
        let mut set = Self::default();
        for flag in flags {
            let refuse = |rule, message| reader.refuse_at(rule, flag.place, message);
            let shown = format!("--{}", flag.name);
            let Some((name, kind)) = known.iter().find(|(name, _)| *name == flag.name) else {
                return Err(unknown(reader, flag, known));
            };
            if *kind != FlagKind::List && set.get(name).is_some() {
                return Err(
                    refuse("duplicate-flag", format!("`{shown}` is given twice")).note("Keep one of them.")
                );
            }
            let value = match (kind, flag.value.as_deref()) {
                (FlagKind::Bool, None) => "true".to_owned(),
                (FlagKind::Bool, Some(value))
                    if matches!(value.to_ascii_lowercase().as_str(), "true" | "false") =>
                {
                    value.to_ascii_lowercase()
                }
                (FlagKind::Bool, Some("")) => {
                    return Err(refuse("flag-without-value", format!("`{shown}=` has no value")));
                }
                (FlagKind::Bool, Some(value)) => {
                    let message = format!("`{shown}` is either true or false, not `{value}`");
                    return Err(refuse("invalid-flag", message)
                        .note(format!("Write `{shown}` alone, or leave it out.")));
                }
                (_, Some(value)) => value.to_owned(),
                (_, None) => {
                    let refusal = refuse("flag-without-value", format!("`{shown}` has no value"));
                    return Err(refusal.note(format!("Write it as `{shown}=…`, without blanks.")));
                }
            };
            set.given.push((name, Text { text: value, range: flag_range(reader, flag) }));
        }
        Ok(set)
    }

    /// The value of a flag, if it was given.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    /// The values of a flag that may be given several times.
    pub fn all(&self, name: &str) -> Vec<Text> {
        self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| value.clone()).collect()
    }

    /// True where a yes-or-no flag is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.text == "true")
    }
}

fn unknown(reader: &Reader<'_>, flag: &Flag, known: &'static [(&'static str, FlagKind)]) -> Refusal {
    let keyword = reader.keyword().to_ascii_uppercase();
    let message = format!("{keyword} has no flag `--{}`", flag.name);
    let refusal = reader.refuse_at("unknown-flag", flag.place, message);
    let names = || known.iter().map(|(name, _)| *name);
    match did_you_mean(&flag.name, names()) {
        Some(note) => refusal.note(note.replace('`', "").replace("mean ", "mean `--").replace('?', "`?")),
        None if known.is_empty() => refusal.note(format!("{keyword} takes no flags.")),
        None => refusal.note(format!("Its flags are --{}.", names().collect::<Vec<_>>().join(", --"))),
    }
}

#[cfg(test)]
mod tests {
    use crate::dockerfile::tests::check_refused;

    #[test]
    fn flags_that_do_not_exist_or_fit_are_refused() {
        check_refused("COPY --form=a b c", "COPY has no flag `--form` (Did you mean `--from`?) @ --form=a");
        check_refused("USER --x a", "USER has no flag `--x` (USER takes no flags.) @ --x");
        check_refused(
            "COPY --from a b",
            "`--from` has no value (Write it as `--from=…`, without blanks.) @ --from",
        );
        check_refused("COPY --link --link a b", "`--link` is given twice (Keep one of them.) @ --link");
        check_refused(
            "COPY --link=1 a b",
            "`--link` is either true or false, not `1` (Write `--link` alone, or leave it out.) @ --link=1",
        );
    }
}
