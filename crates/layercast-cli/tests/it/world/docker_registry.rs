//! Debian's docker-registry, started for one test.

use super::free_port;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running registry; it ends with the value.
pub(crate) struct DockerRegistry {
    process: Child,
    pub(crate) port: u16,
    storage: PathBuf,
    /// Gone with the value.
    _folder: tempfile::TempDir,
}

/// True where the program is there. Where it is not, says so, and fails where everything must be tested.
pub(crate) fn is_installed(test: &str) -> bool {
    let installed = Command::new("docker-registry").arg("--version").stdout(Stdio::null()).status().is_ok();
    if !installed {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "docker-registry is missing");
        eprintln!("left out: {test}, as docker-registry is not installed (apt-get install docker-registry)");
    }
    installed
}

impl DockerRegistry {
    /// Starts it with more lines of configuration.
    pub(crate) async fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let storage = folder.path().join("data");
        Self::start_in(folder, &storage, more).await
    }

    /// Starts another one on the storage of one that runs.
    pub(crate) async fn start_on(storage: &Path, more: &str) -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary folder"), storage, more).await
    }

    async fn start_in(folder: tempfile::TempDir, storage: &Path, more: &str) -> Self {
        let port = free_port();
        let config = format!(
            "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n{more}",
            storage.display()
        );
        let path = folder.path().join("config.yml");
        std::fs::write(&path, config).expect("the temporary folder can be written to");
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry was found before");
        let registry = Self { process, port, storage: storage.to_owned(), _folder: folder };
        registry.wait().await;
        registry
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `127.0.0.1:5000`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it keeps its blobs.
    pub(crate) fn storage(&self) -> &Path {
        &self.storage
    }

    async fn wait(&self) {
        let started = Instant::now();
        while super::http().get(format!("{}/v2/", self.origin())).send().await.is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "docker-registry does not answer");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
