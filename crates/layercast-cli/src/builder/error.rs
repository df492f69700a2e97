//! What stands against a build: no builder, one that cannot, one that is gone.

use std::io;
use std::path::PathBuf;

/// Why a build did not come to an end. Each message reads after "failed to".
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// `docker` cannot be started.
    #[error("start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// No connection to a daemon.
    #[error("reach Docker at {endpoint}: {}", reason(source))]
    Unreached {
        /// Its address.
        endpoint: String,
        /// What the system says.
        source: io::Error,
    },
    /// An address that we cannot use.
    #[error("reach Docker at `{written}`: that is no address that can be used here")]
    Endpoint {
        /// As it was given.
        written: String,
    },
    /// A context of Docker's that is not there.
    #[error("reach Docker: there is no context `{name}`")]
    NoContext {
        /// Its name.
        name: String,
    },
    /// Who answers is no daemon.
    #[error("build: what answers at {endpoint} does not speak as Docker does")]
    NoDocker {
        /// Its address.
        endpoint: String,
    },
    /// A daemon without BuildKit.
    #[error("build: the Docker at {endpoint} ({version}) has no BuildKit")]
    TooOld {
        /// Its address.
        endpoint: String,
        /// The version of Docker.
        version: String,
    },
    /// The connection ended before the build.
    #[error("build: the connection to Docker at {endpoint} was lost before the build was over")]
    Lost {
        /// Its address.
        endpoint: String,
    },
    /// The builder's program did not end by itself.
    #[error("build: docker buildx was ended from outside ({status})")]
    Killed {
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// More than Docker's API can do.
    #[error("build: Docker's API does not take {what}")]
    OnlyBuildx {
        /// A flag, or what of it.
        what: String,
    },
    /// The result would come between our own words.
    #[error("build: the result and this report cannot both go to stdout")]
    ToStdout,
    /// The result cannot go where it is to go.
    #[error("write the result to {}: {reason}", path.display())]
    Destination {
        /// A folder or a file.
        path: PathBuf,
        /// What stands against it.
        reason: &'static str,
    },
    /// No SSH agent to hand over.
    #[error("hand over an SSH agent: SSH_AUTH_SOCK names none")]
    NoAgent,
    /// An image without a name cannot be pushed.
    #[error("push the image: it has no name")]
    NoName,
    /// The builder ended with an error of its own.
    #[error("build: {message}")]
    Builder {
        /// Its words.
        message: String,
    },
    /// The user, or whoever stops programs, said so.
    #[error("build: interrupted")]
    Interrupted,
}

impl BuildError {
    /// What to do next, where there is something to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Start { .. } => Some("install Docker with its buildx plugin, or put it on the PATH"),
            Self::Unreached { source, .. } => Some(match source.kind() {
                io::ErrorKind::PermissionDenied => MAY_NOT,
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => START,
                _ => "see that the machine is up, and that its name, port and certificates are right",
            }),
            Self::Endpoint { .. } => Some(
                "unix:///PATH, tcp://HOST:PORT and ssh://USER@HOST can be; for others install Docker's buildx plugin",
            ),
            Self::NoContext { .. } => Some("`docker context ls` lists the contexts there are"),
            Self::NoDocker { .. } => Some("see that DOCKER_HOST names Docker and no other program"),
            Self::TooOld { .. } => Some("Docker 18.09 for Linux is the first with BuildKit: renew it"),
            Self::Lost { .. } => {
                Some("see that Docker still runs, and build again: finished steps are cached")
            }
            Self::Killed { .. } => {
                Some("see that there is memory left, and build again: finished steps are cached")
            }
            Self::OnlyBuildx { .. } => Some("install Docker's buildx plugin; with it, this can be built"),
            Self::ToStdout => Some("name a file: `--output type=tar,dest=FILE`"),
            Self::Destination { .. } => {
                Some("type=local fills a folder, which is made where there is none; type=tar writes a file")
            }
            Self::NoAgent => Some("start an agent: `eval $(ssh-agent)`, then `ssh-add`"),
            Self::NoName => Some("name it by `--tag REGISTRY/NAME:TAG`"),
            Self::Builder { message } => hint_in(message),
            Self::Interrupted => None,
        }
    }
}

const MAY_NOT: &str = "your user may not use Docker's socket: join the group `docker`, or use sudo";
const START: &str = "start Docker, or name the one to use in DOCKER_HOST";

/// By the words of the builder.
fn hint_in(message: &str) -> Option<&'static str> {
    let known: [(&str, &'static str); 9] = [
        ("permission denied while trying to connect", MAY_NOT),
        ("Cannot connect to the Docker daemon", START),
        ("failed to connect to the docker API", START),
        ("no builder", "`docker buildx ls` lists the builders there are"),
        ("is not a docker command", "install Docker's buildx plugin, or build by `--via docker`"),
        ("unknown command: docker buildx", "install Docker's buildx plugin, or build by `--via docker`"),
        ("no space left on device", "free room with `docker builder prune` or `docker system prune`"),
        (
            "cannot be written: Operation not permitted",
            "only root makes devices: `type=tar` puts them into an archive",
        ),
        ("error reading from server: EOF", "the builder is gone: see that it still runs, and build again"),
    ];
    known.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
}

/// The reason of an I/O error in our own words, as the system's carry numbers.
fn reason(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound if source.get_ref().is_none() => "there is no such socket".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
        io::ErrorKind::TimedOut => "it does not answer".to_owned(),
        _ => source.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(error: &BuildError, expected: Expect) {
        expected.assert_eq(&format!("failed to {error}\n{}\n", error.hint().unwrap_or("-")));
    }

    fn unreached(kind: io::ErrorKind) -> BuildError {
        BuildError::Unreached { endpoint: "unix:///run/docker.sock".to_owned(), source: kind.into() }
    }

    fn said(message: &str) -> BuildError {
        BuildError::Builder { message: message.to_owned() }
    }

    #[test]
    fn who_may_not_use_the_socket_hears_how_one_may() {
        check(
            &unreached(io::ErrorKind::PermissionDenied),
            expect![[r#"
            failed to reach Docker at unix:///run/docker.sock: permission denied
            your user may not use Docker's socket: join the group `docker`, or use sudo
        "#]],
        );
        check(
            &said("permission denied while trying to connect to the Docker daemon socket"),
            expect![[r#"
            failed to build: permission denied while trying to connect to the Docker daemon socket
            your user may not use Docker's socket: join the group `docker`, or use sudo
        "#]],
        );
        // A step may not do something either, and that is no matter of sockets.
        check(
            &said("open /x: permission denied"),
            expect![[r#"
            failed to build: open /x: permission denied
            -
        "#]],
        );
    }

    #[test]
    fn a_machine_that_does_not_answer_is_looked_after() {
        check(
            &unreached(io::ErrorKind::TimedOut),
            expect![[r#"
            failed to reach Docker at unix:///run/docker.sock: it does not answer
            see that the machine is up, and that its name, port and certificates are right
        "#]],
        );
        check(
            &unreached(io::ErrorKind::HostUnreachable),
            expect![[r#"
            failed to reach Docker at unix:///run/docker.sock: host unreachable
            see that the machine is up, and that its name, port and certificates are right
        "#]],
        );
        check(
            &unreached(io::ErrorKind::ConnectionRefused),
            expect![[r#"
            failed to reach Docker at unix:///run/docker.sock: nobody listens there
            start Docker, or name the one to use in DOCKER_HOST
        "#]],
        );
    }
}
