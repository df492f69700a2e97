//! The lab's registry: Debian's docker-registry on a port of loopback, its storage in the lab.

use super::process::{Service, wait_until};
use super::{Lab, unless};
use crate::program::Program;
use crate::step::Failed;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

impl Lab {
    pub(super) fn start_registry(&self) -> Result<(), Failed> {
        unless(self.registry().id().is_some(), "registry", || {
            let port = self.free_port()?;
            let settings = format!(
                "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
                 storage: {{filesystem: {{rootdirectory: '{}'}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n",
                self.storage().display()
            );
            fs::write(self.path("registry.yml"), settings)?;
            fs::write(self.path("registry.port"), port.to_string())?;
            let program = Program::new("docker-registry").args(["serve".into(), self.path("registry.yml")]);
            self.registry().start(program, &self.path("registry.log"))?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            if wait_until(Duration::from_secs(20), || TcpStream::connect(address).is_ok()) {
                return Ok(());
            }
            Err(Failed(format!("docker-registry does not answer: {}", self.path("registry.log").display())))
        })
    }

    pub(super) fn stop_registry(&self) -> Result<(), Failed> {
        self.registry().stop(None)
    }

    /// `127.0.0.1:5000`, while it runs.
    pub(crate) fn registry_address(&self) -> Option<String> {
        self.registry().id()?;
        Some(format!("127.0.0.1:{}", self.port()?))
    }

    /// Where it keeps what was pushed.
    pub(super) fn storage(&self) -> PathBuf {
        self.path("registry")
    }

    fn registry(&self) -> Service {
        Service::new(self.path("registry.pid"))
    }

    fn port(&self) -> Option<u16> {
        fs::read_to_string(self.path("registry.port")).ok()?.trim().parse().ok()
    }

    /// The one of last time where it is still free: images carry it in their names.
    fn free_port(&self) -> Result<u16, Failed> {
        let again = self.port().and_then(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
        let listener = again.map_or_else(|| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)), Ok)?;
        Ok(listener.local_addr()?.port())
    }
}
