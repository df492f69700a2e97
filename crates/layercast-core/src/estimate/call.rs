//! One program that a RUN starts, its words expanded.

/// One program that a RUN starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The program, its folder left aside.
    pub program: String,
    /// The folder it was named with, as written: `/venv/bin`.
    pub folder: Option<String>,
    /// Its arguments, expanded.
    pub arguments: Vec<String>,
    /// True where more arguments, or parts of them, are only known when it runs.
    pub open: bool,
    /// The variables set for it alone; none for a value that is not known.
    pub variables: Vec<(String, Option<String>)>,
    /// What the pipe before it brings.
    pub input: Stream,
}

/// What goes through a pipe.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stream {
    /// Nothing, or nothing that matters.
    #[default]
    Nothing,
    /// This text.
    Text(String),
    /// What lies at an address.
    Download(String),
    /// The file at a path of the image.
    File(String),
    /// Something.
    Unknown,
}

/// How a program ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Whether it succeeds; none where that is only known when it runs.
    pub success: Option<bool>,
    /// What it prints.
    pub output: Stream,
}

impl Outcome {
    /// It succeeds, and prints nothing that matters.
    pub fn done() -> Self {
        Self { success: Some(true), output: Stream::Unknown }
    }

    /// It succeeds and prints this.
    pub fn prints(text: impl Into<String>) -> Self {
        Self { success: Some(true), output: Stream::Text(text.into()) }
    }

    /// It succeeds or fails.
    pub fn is(success: bool) -> Self {
        Self { success: Some(success), output: Stream::Nothing }
    }

    /// Only the build will tell.
    pub fn unsure() -> Self {
        Self { success: None, output: Stream::Unknown }
    }
}

impl Call {
    /// True where one of the options is given: `-r` also within `-rf`, `--name` also as `--name=value`.
    pub fn has(&self, options: &[&str]) -> bool {
        self.arguments.iter().take_while(|word| *word != "--").any(|word| {
            options.iter().any(|option| {
                let long = option.starts_with("--") || option.len() != 2;
                match long {
                    true => {
                        word == option || word.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
                    }
                    false => {
                        let letter = &option[1..];
                        word.starts_with('-') && !word.starts_with("--") && word[1..].contains(letter)
                    }
                }
            })
        })
    }

    /// The value of the last of these options: `-o x`, `-ox`, `--output x`, `--output=x`.
    pub fn value(&self, options: &[&str]) -> Option<&str> {
        let mut found = None;
        let mut words = self.arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            for option in options {
                let Some(rest) = word.strip_prefix(option) else { continue };
                let is_short = option.len() == 2 && !option.starts_with("--");
                found = match rest {
                    "" => words.next().or(found),
                    _ if rest.starts_with('=') => Some(&rest[1..]),
                    _ if is_short => Some(rest),
                    _ => continue,
                };
                break;
            }
        }
        found
    }

    /// The words that are no options. `with_value` names the options that take the next word.
    pub fn operands(&self, with_value: &[&str]) -> Vec<&str> {
        let mut operands = Vec::new();
        let mut words = self.arguments.iter().map(String::as_str);
        let mut options_end = false;
        while let Some(word) = words.next() {
            if options_end || !word.starts_with('-') || word == "-" {
                operands.push(word);
            } else if word == "--" {
                options_end = true;
            } else if with_value.contains(&word) {
                words.next();
            }
        }
        operands
    }

    /// The first word that is no option: `install` of `apt-get -y install`.
    pub fn verb(&self) -> &str {
        self.arguments.iter().find(|word| !word.starts_with('-')).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(text: &str) -> Call {
        let mut words = text.split(' ').map(str::to_owned);
        Call { program: words.next().unwrap_or_default(), arguments: words.collect(), ..Call::default() }
    }

    #[test]
    fn options_are_found_however_they_are_written() {
        let rm = call("rm -rf --one-file-system /a -- -b");
        assert!(rm.has(&["-r"]) && rm.has(&["--one-file-system"]) && !rm.has(&["-b"]));
        assert_eq!(rm.operands(&[]), ["/a", "-b"]);
        let curl = call("curl -fsSLo /x --retry 3 https://a.example");
        assert_eq!(curl.operands(&["--retry", "-fsSLo"]), ["https://a.example"]);
        let go = call("go build -o=app -ldflags -s ./cmd");
        assert_eq!(go.value(&["-o"]), Some("app"));
        assert_eq!(go.value(&["-ldflags"]), Some("-s"));
        assert_eq!(call("tar -C/opt xz").value(&["-C", "--directory"]), Some("/opt"));
        assert_eq!(call("apt-get -qq -y install vim").verb(), "install");
    }
}
