//! Where Docker's API is: DOCKER_HOST, a context of Docker's, or the usual socket; and how it is spoken to there.
//! <https://docs.docker.com/engine/manage-resources/contexts/>

use crate::builder::BuildError;
use crate::builder::settings::Settings;
use std::fmt;
use std::path::PathBuf;

/// The socket of a Docker that was told nothing.
const USUAL: &str =
    if cfg!(windows) { "npipe:////./pipe/docker_engine" } else { "unix:///var/run/docker.sock" };

/// A daemon's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// A socket of this machine.
    Unix(PathBuf),
    /// A host and port, with nothing to hide.
    Tcp {
        /// Name or address.
        host: String,
        /// Its port.
        port: u16,
    },
    /// A host and port, by TLS.
    Tls {
        /// Name or address, which its certificate has.
        host: String,
        /// Its port.
        port: u16,
        /// The folder of `ca.pem`, `cert.pem` and `key.pem`.
        keys: PathBuf,
    },
    /// A machine that `ssh` reaches, with Docker's command line on it.
    Ssh {
        /// `user@host`, as `ssh` takes it.
        destination: String,
        /// `-p`.
        port: Option<u16>,
    },
}

impl Endpoint {
    /// The one that Docker's own command line would speak to.
    pub(super) fn in_use(settings: &Settings) -> Result<Self, BuildError> {
        let is_set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = || settings.folder().to_owned();
        let keys = is_set("DOCKER_CERT_PATH").map_or_else(home, PathBuf::from);
        let keys = is_set("DOCKER_TLS_VERIFY").map(|_| keys);
        if let Some(host) = is_set("DOCKER_HOST") {
            return Self::parse(&host, keys).ok_or_else(|| BuildError::Endpoint { written: host.clone() });
        }
        let name = settings.context();
        if name == "default" {
            return Self::parse(USUAL, None)
                .ok_or_else(|| BuildError::Endpoint { written: USUAL.to_owned() });
        }
        let Some(context) = settings.context_named(&name) else {
            return Err(BuildError::NoContext { name });
        };
        let endpoint = if context.is_unverified { None } else { Self::parse(&context.host, context.keys) };
        endpoint.ok_or(BuildError::Endpoint { written: context.host })
    }

    /// An address as DOCKER_HOST has it; with keys, a port is spoken to by TLS.
    fn parse(written: &str, keys: Option<PathBuf>) -> Option<Self> {
        let (scheme, rest) = written.split_once("://")?;
        if rest.is_empty() {
            return None;
        }
        match scheme {
            "unix" => Some(Self::Unix(rest.into())),
            "tcp" | "http" | "https" => {
                let usual = if keys.is_some() { 2376 } else { 2375 };
                let (host, port) = host_and_port(rest)?;
                let port = port.unwrap_or(usual);
                match keys {
                    Some(keys) => Some(Self::Tls { host, port, keys }),
                    None if scheme == "https" => None,
                    None => Some(Self::Tcp { host, port }),
                }
            }
            "ssh" => {
                let (user, rest) =
                    rest.split_once('@').map_or((None, rest), |(user, rest)| (Some(user), rest));
                let (host, port) = host_and_port(rest)?;
                // What begins with a dash would be a flag of ssh's.
                let is_flag = user.unwrap_or(&host).starts_with('-');
                let destination = user.map_or_else(|| host.clone(), |user| format!("{user}@{host}"));
                (!is_flag).then_some(Self::Ssh { destination, port })
            }
            _ => None,
        }
    }
}

/// As it would be written in DOCKER_HOST.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port } | Self::Tls { host, port, .. } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Self::Tcp { host, port } | Self::Tls { host, port, .. } => write!(f, "tcp://{host}:{port}"),
            Self::Ssh { destination, port: None } => write!(f, "ssh://{destination}"),
            Self::Ssh { destination, port: Some(port) } => write!(f, "ssh://{destination}:{port}"),
        }
    }
}

fn host_and_port(written: &str) -> Option<(String, Option<u16>)> {
    let written = written.trim_end_matches('/');
    let (host, port) = match written.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, port.strip_prefix(':'))
        }
        None => written.split_once(':').map_or((written, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map(str::parse).transpose().ok()?;
    let is_host = !host.is_empty() && !host.contains(['/', '@']);
    is_host.then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, keys: Option<&str>, expected: &str) {
        let endpoint = Endpoint::parse(written, keys.map(PathBuf::from));
        let got = endpoint.map_or_else(
            || "refused".to_owned(),
            |endpoint| {
                let how = if matches!(endpoint, Endpoint::Tls { .. }) { " by TLS" } else { "" };
                format!("{endpoint}{how}")
            },
        );
        assert_eq!(got, expected, "{written}");
    }

    #[test]
    fn every_form_of_docker_host() {
        check("unix:///run/docker.sock", None, "unix:///run/docker.sock");
        check("tcp://build.example", None, "tcp://build.example:2375");
        check("tcp://build.example:4000/", None, "tcp://build.example:4000");
        check("tcp://build.example", Some("keys"), "tcp://build.example:2376 by TLS");
        check("tcp://[::1]:2375", None, "tcp://[::1]:2375");
        check("ssh://me@build.example:22", None, "ssh://me@build.example:22");
        check("ssh://build.example", None, "ssh://build.example");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        check("build.example:2375", None, "refused");
        check("tcp://", None, "refused");
        check("tcp://build.example:port", None, "refused");
        check("tcp://[::1:2375", None, "refused");
        check("https://build.example", None, "refused");
        check("ssh://-oProxyCommand=true", None, "refused");
        check("fd://", None, "refused");
        check("npipe:////./pipe/docker_engine", None, "refused");
    }
}
