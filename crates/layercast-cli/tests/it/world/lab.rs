//! The lab's Docker, which `cargo xtask test` brings up and names in LAYERCAST_LAB.

use super::companion::Home;
use std::path::PathBuf;
use std::process::Command;

/// A lab that is up.
pub(crate) struct Lab(PathBuf);

impl Lab {
    /// None where there is no lab, which is said; in CI that is a failure.
    pub(crate) fn of(test: &str) -> Option<Self> {
        let Some(lab) = std::env::var_os("LAYERCAST_LAB") else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "there is no lab to build in");
            eprintln!("left out: {test}, as there is no lab (cargo xtask test brings it up)");
            return None;
        };
        Some(Self(lab.into()))
    }

    /// A companion that offers to build in the folder `context` of a home.
    pub(crate) fn serve(&self, home: &Home) -> Command {
        let context = home.path().join("context").to_string_lossy().into_owned();
        let mut command = home.command(&["serve", "--port", "0", "--offline", "--build", &context]);
        let path = std::env::join_paths([self.0.join("bin"), "/usr/bin".into(), "/bin".into()]);
        command
            .env("PATH", path.expect("no colon in the lab's name"))
            .env("DOCKER_HOST", format!("unix://{}", self.0.join("docker.sock").display()))
            .env("DOCKER_CONFIG", self.0.join("config"));
        command
    }
}
