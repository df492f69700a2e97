//! How apt is set up: options of the command, files of its configuration, and what official images bring with them.

use super::super::super::call::Call;
use super::super::super::machine::Machine;
use super::super::super::tree::name_of;

const FOLDER: &str = "/etc/apt/apt.conf.d";

/// How apt is set up, as far as it decides what lies in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    /// Recommended packages come too.
    pub(super) recommends: bool,
    /// The .debs stay where they were fetched to.
    pub(super) keeps_archives: bool,
    /// The tables that apt builds of its lists stay.
    pub(super) keeps_caches: bool,
    /// The lists stay as they were fetched: compressed.
    pub(super) keeps_compressed_lists: bool,
}

impl Configuration {
    /// What holds for a call. Debian's official images, and those built on them, delete archives and caches after each
    /// run and keep the lists compressed, by files in apt's folder of configuration.
    pub(super) fn of(call: &Call, machine: &mut Machine<'_>) -> Self {
        let is_there = |name: &str, machine: &Machine<'_>| {
            let path = format!("{FOLDER}/{name}");
            !machine.state.tree.is_removed(&path)
        };
        let cleans = is_there("docker-clean", machine);
        let mut configuration = Self {
            recommends: true,
            keeps_archives: !cleans,
            keeps_caches: !cleans,
            keeps_compressed_lists: is_there("docker-gzip-indexes", machine),
        };
        for text in texts(machine) {
            configuration.read(&text, call.program == "apt");
        }
        for option in options(call) {
            configuration.read(&option, call.program == "apt");
        }
        for word in &call.arguments {
            match word.as_str() {
                "--no-install-recommends" | "--without-recommends" | "-R" => configuration.recommends = false,
                "--install-recommends" | "--with-recommends" => configuration.recommends = true,
                _ => {}
            }
        }
        configuration
    }

    /// Settings as the files have them: `APT::Install-Recommends "0";`, or `APT { Install-Recommends "0"; };`.
    fn read(&mut self, text: &str, is_apt: bool) {
        let text = text.to_ascii_lowercase();
        let is_on = |name: &str| {
            let (_, after) = text.rsplit_once(name)?;
            let value: String = after
                .trim_start_matches([' ', '=', '"', '\'', '\t'])
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            Some(matches!(value.as_str(), "1" | "true" | "yes" | "on" | "with" | "enable"))
        };
        if let Some(on) = is_on("install-recommends") {
            self.recommends = on;
        }
        // What only the program `apt` heeds begins with `Binary::apt`.
        let own = !text.contains("binary::apt::") || is_apt;
        if let Some(on) = is_on("keep-downloaded-packages").filter(|_| own) {
            self.keeps_archives &= on;
        }
        if let Some(on) = is_on("gzipindexes") {
            self.keeps_compressed_lists = on;
        }
    }
}

/// `-o NAME=VALUE`, however it is written.
fn options(call: &Call) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = call.arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" | "--option" => found.extend(words.next().cloned()),
            other => {
                let rest = other.strip_prefix("--option=").or_else(|| other.strip_prefix("-o"));
                found.extend(rest.map(|rest| rest.trim_start_matches('=').to_owned()));
            }
        }
    }
    found
}

/// The texts that steps have written into apt's configuration, in the order of the files' names.
fn texts(machine: &mut Machine<'_>) -> Vec<String> {
    let mut paths: Vec<String> =
        machine.under(FOLDER).into_iter().map(|(path, _)| name_of(&path).to_owned()).collect();
    paths.push("/etc/apt/apt.conf".to_owned());
    paths.iter().filter_map(|path| machine.text_of(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICIAL: Configuration = Configuration {
        recommends: true,
        keeps_archives: false,
        keeps_caches: false,
        keeps_compressed_lists: true,
    };

    #[track_caller]
    fn check(text: &str, expected: Configuration) {
        let mut configuration = OFFICIAL;
        configuration.read(text, false);
        assert_eq!(configuration, expected, "{text}");
    }

    #[test]
    fn settings_are_read_however_they_are_written() {
        let without = Configuration { recommends: false, ..OFFICIAL };
        check("APT::Install-Recommends \"0\";\nAPT::Install-Suggests \"1\";", without);
        check("apt::install-recommends=false", without);
        check("APT { Install-Recommends \"false\"; };", without);
        check("APT::Install-Recommends \"true\";", OFFICIAL);
        check("Acquire::GzipIndexes \"false\";", Configuration { keeps_compressed_lists: false, ..OFFICIAL });
    }
}
