//! Where distributions of Python come from: what pip's own configuration says, else what the installed pip says.
//! Reference: <https://pip.pypa.io/en/stable/topics/configuration/>.
//!
//! **Invariant:** no index is named here. Who has neither a configuration nor a pip is told so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What pip's configuration says of where it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Configuration {
    /// The index; none where only pip itself knows.
    pub(super) index: Option<String>,
    /// More of them.
    pub(super) extra: Vec<String>,
    /// Bundles of certificates.
    pub(super) certificates: Vec<PathBuf>,
    /// True for `no-index`: nobody is to be asked.
    pub(super) no_index: bool,
}

/// The environment and the files of configuration, as pip would find them.
pub(super) struct Surroundings<'a> {
    /// A variable of the environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file.
    pub(super) file: &'a dyn Fn(&Path) -> Option<String>,
}

impl Configuration {
    /// Reads files first, then the environment, which wins.
    pub(super) fn read(around: &Surroundings<'_>) -> Self {
        let mut configuration = Self::default();
        for path in files(around) {
            if let Some(text) = (around.file)(&path) {
                configuration.add_file(&text);
            }
        }
        let variable = |name: &str| (around.variable)(name).filter(|value| !value.trim().is_empty());
        for (name, key) in [
            ("PIP_INDEX_URL", "index-url"),
            ("PIP_EXTRA_INDEX_URL", "extra-index-url"),
            ("PIP_CERT", "cert"),
            ("PIP_NO_INDEX", "no-index"),
        ] {
            if let Some(value) = variable(name) {
                configuration.set(key, &value);
            }
        }
        for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"] {
            configuration.certificates.extend(variable(name).map(PathBuf::from));
        }
        configuration.certificates.dedup();
        configuration
    }

    /// The indexes in pip's order; none where none is known.
    pub(super) fn indexes(&self, default: Option<String>) -> Vec<String> {
        if self.no_index {
            return Vec::new();
        }
        self.index.clone().or(default).into_iter().chain(self.extra.iter().cloned()).collect()
    }

    /// The form of INI that pip writes: sections, `key = value`, indented lines that go on.
    fn add_file(&mut self, text: &str) {
        let mut section = String::new();
        let mut entry: Option<(String, String)> = None;
        for line in text.lines() {
            let is_indented = line.starts_with([' ', '\t']);
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some((_, value)) = entry.as_mut().filter(|_| is_indented) {
                value.push('\n');
                value.push_str(line);
                continue;
            }
            self.take(&section, entry.take());
            if let Some(name) = line.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
                section = name.trim().to_owned();
            } else if let Some((key, value)) = line.split_once(['=', ':']) {
                entry = Some((key.trim().to_lowercase().replace('_', "-"), value.trim().to_owned()));
            }
        }
        self.take(&section, entry);
    }

    fn take(&mut self, section: &str, entry: Option<(String, String)>) {
        if let Some((key, value)) = entry.filter(|_| matches!(section, "global" | "install")) {
            self.set(&key, &value);
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "index-url" => self.index = Some(value.trim().to_owned()),
            "extra-index-url" => self.extra = value.split_whitespace().map(str::to_owned).collect(),
            "cert" => self.certificates.insert(0, PathBuf::from(value)),
            "no-index" => {
                self.no_index =
                    matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on" | "y" | "t")
            }
            _ => {}
        }
    }
}

/// The files that pip reads, the later winning.
fn files(around: &Surroundings<'_>) -> Vec<PathBuf> {
    let path = |name: &str| (around.variable)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let own = path("PIP_CONFIG_FILE");
    // A name that holds nothing turns all files off.
    if own.as_deref() == Some(Path::new("/dev/null")) {
        return Vec::new();
    }
    let mut files: Vec<PathBuf> = Vec::new();
    let shared = (around.variable)("XDG_CONFIG_DIRS").filter(|value| !value.is_empty());
    let shared = shared.unwrap_or_else(|| "/etc/xdg".to_owned());
    files.extend(shared.split(':').rev().map(|folder| Path::new(folder).join("pip/pip.conf")));
    files.push(PathBuf::from("/etc/pip.conf"));
    let home = path("HOME");
    files.extend(home.as_ref().map(|home| home.join(".pip/pip.conf")));
    let users = path("XDG_CONFIG_HOME").or(home.map(|home| home.join(".config")));
    files.extend(users.map(|folder| folder.join("pip/pip.conf")));
    files.extend(path("VIRTUAL_ENV").map(|folder| folder.join("pip.conf")));
    files.extend(own);
    files
}

/// So long pip may take to say where it looks.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the pip of this machine looks when nobody tells it; none where there is no pip.
pub(super) fn default_index() -> Option<String> {
    // pip prints no such thing; its own module of addresses holds it since pip 10.
    const ASK: &str = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)";
    ["python3", "python"].iter().find_map(|python| {
        let mut command = Command::new(python);
        command.args(["-c", ASK]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let end = Instant::now() + PATIENCE;
        while child.try_wait().ok()?.is_none() {
            if Instant::now() > end {
                // It may be gone by now.
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
        let address = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (address.starts_with("https://") || address.starts_with("http://")).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], files: &[(&str, &str)], expected: &[&str]) {
        let find = |list: &[(&str, &str)], wanted: &str| {
            list.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        };
        let configuration = Configuration::read(&Surroundings {
            variable: &|name| find(variables, name),
            file: &|path| find(files, path.to_str().unwrap_or_default()),
        });
        assert_eq!(configuration.indexes(Some("of pip itself".to_owned())), expected);
    }

    #[test]
    fn the_environment_wins_over_files_and_later_files_over_earlier_ones() {
        let global = ("/etc/pip.conf", "[global]\nindex-url = https://global.example/simple\n");
        let users = (
            "/home/me/.config/pip/pip.conf",
            "; mine\n[install]\nindex_url: https://users.example/simple\nextra-index-url =\n    https://a.example/simple\n    https://b.example/simple\n",
        );
        let home = ("HOME", "/home/me");
        check(&[], &[], &["of pip itself"]);
        check(&[], &[global], &["https://global.example/simple"]);
        check(
            &[home],
            &[global, users],
            &["https://users.example/simple", "https://a.example/simple", "https://b.example/simple"],
        );
        check(
            &[
                home,
                ("PIP_INDEX_URL", "https://env.example/simple"),
                ("PIP_EXTRA_INDEX_URL", "https://c.example"),
            ],
            &[global, users],
            &["https://env.example/simple", "https://c.example"],
        );
        check(&[("PIP_CONFIG_FILE", "/dev/null")], &[global], &["of pip itself"]);
        check(
            &[("PIP_CONFIG_FILE", "/x.conf")],
            &[global, ("/x.conf", "[global]\nindex-url=https://x.example")],
            &["https://x.example"],
        );
        check(&[("PIP_NO_INDEX", "1")], &[global], &[]);
        check(
            &[],
            &[("/etc/pip.conf", "[list]\nindex-url = https://no.example\nnonsense\n")],
            &["of pip itself"],
        );
    }

    #[test]
    fn certificates_of_pip_and_of_what_it_stands_on() {
        let certificates = |variables: &[(&str, &str)]| {
            let find = |wanted: &str| {
                variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
            };
            Configuration::read(&Surroundings { variable: &find, file: &|_| None }).certificates
        };
        let both = [("PIP_CERT", "/a.pem"), ("SSL_CERT_FILE", "/b.pem")];
        assert_eq!(certificates(&both), [Path::new("/a.pem"), Path::new("/b.pem")]);
        assert_eq!(certificates(&[]), [] as [&Path; 0]);
    }
}
