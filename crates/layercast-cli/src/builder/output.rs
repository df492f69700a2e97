//! `--output`: where the result of a build goes, as buildx has it written.
//! <https://docs.docker.com/reference/cli/docker/buildx/build/#output>

use std::collections::BTreeMap;

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Output {
    /// `local`, `tar`, `image` and others.
    pub(super) kind: String,
    /// A folder or a file; `-` for stdout.
    pub(super) destination: Option<String>,
    /// What else is said, to whoever makes it.
    pub(super) attributes: BTreeMap<String, String>,
}

impl Output {
    /// None for what has quotes or no type: that is buildx's to read.
    pub(super) fn parse(written: &str) -> Option<Self> {
        if !written.contains(',') && !written.starts_with("type=") {
            let kind = if written == "-" { "tar" } else { "local" };
            let destination = Some(written.to_owned()).filter(|it| !it.is_empty());
            return Some(Self { kind: kind.to_owned(), destination, ..Self::default() });
        }
        if written.contains('"') {
            return None;
        }
        let mut output = Self::default();
        for field in written.split(',') {
            let (name, value) = field.split_once('=')?;
            let value = value.to_owned();
            match name.trim().to_lowercase().as_str() {
                "type" => output.kind = value,
                "dest" => output.destination = Some(value),
                other => {
                    output.attributes.insert(other.to_owned(), value);
                }
            }
        }
        (!output.kind.is_empty()).then_some(output)
    }

    /// Whether it is an image with all its layers, in one file.
    pub(super) fn is_archive_of_image(&self) -> bool {
        let is_file =
            self.destination.is_some() && self.attributes.get("tar").is_none_or(|tar| tar != "false");
        is_file && ["oci", "docker"].contains(&self.kind.as_str())
    }

    /// Whether its bytes go where this program's own words go.
    pub(super) fn is_to_stdout(&self) -> bool {
        let written = (self.kind.as_str(), self.destination.as_deref());
        matches!(written, ("tar" | "oci", None | Some("-")) | ("docker", Some("-")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, kind: &str, destination: Option<&str>, attributes: &[(&str, &str)]) {
        let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let expected = Output {
            kind: kind.to_owned(),
            destination: destination.map(str::to_owned),
            attributes: attributes.collect(),
        };
        assert_eq!(Output::parse(written), Some(expected), "{written}");
    }

    #[test]
    fn a_type_and_a_destination() {
        check("type=local,dest=out", "local", Some("out"), &[]);
        check("dest=a=b.tar, Type=tar", "tar", Some("a=b.tar"), &[]);
        check("type=image", "image", None, &[]);
        check(
            "type=local,dest=out,platform-split=false",
            "local",
            Some("out"),
            &[("platform-split", "false")],
        );
    }

    #[test]
    fn a_word_alone_is_a_folder() {
        check("out", "local", Some("out"), &[]);
        check("a=b", "local", Some("a=b"), &[]);
        check("-", "tar", Some("-"), &[]);
    }

    #[test]
    fn what_is_buildx_s_to_read() {
        assert_eq!(Output::parse("type=local,\"dest=a,b\""), None);
        assert_eq!(Output::parse("dest=out,type="), None);
        assert_eq!(Output::parse("type=local,out"), None);
    }

    #[test]
    fn an_archive_without_a_file_goes_to_stdout() {
        let is_to_stdout = |written: &str| Output::parse(written).is_some_and(|it| it.is_to_stdout());
        for written in ["-", "type=tar", "type=tar,dest=-", "type=oci", "type=docker,dest=-"] {
            assert!(is_to_stdout(written), "{written}");
        }
        for written in ["out", "type=tar,dest=a.tar", "type=docker", "type=image", "type=local,dest=-"] {
            assert!(!is_to_stdout(written), "{written}");
        }
    }
}
