//! MAINTAINER, STOPSIGNAL, USER and WORKDIR: one argument, the rest of the line.

use super::reader::{Reader, Refusal, Text};

pub(super) fn read(reader: &Reader<'_>) -> Result<Text, Refusal> {
    let argument = read_unflagged(reader)?;
    reader.flags(&[])?;
    Ok(argument)
}

/// The same where BuildKit looks at no flag.
pub(super) fn read_unflagged(reader: &Reader<'_>) -> Result<Text, Refusal> {
    reader.whole().ok_or_else(|| {
        let keyword = reader.keyword().to_ascii_uppercase();
        reader.refuse("argument-missing", format!("{keyword} has no argument"))
    })
}
