//! `layercast serve` on a free port, with nothing of the user's: no cache, no sign-ins.

use layercast_core::facts::{ImageFact, ImageFailure};
use layercast_core::image_ref::{ImageRef, Platform};
use layercast_core::registry::{RelayFailure, Reply, Resolution};
use reqwest::Response;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running companion; it ends with the value, its folder with it.
pub(crate) struct Companion {
    process: Child,
    pub(crate) origin: String,
    /// The secret in the printed address; empty where no build is offered.
    pub(crate) token: String,
}

/// A user's folders: cache, config.json, programs.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    /// Writes Docker's config.json.
    pub(crate) fn docker_config(&self, json: &serde_json::Value) {
        std::fs::write(self.path().join("config.json"), json.to_string()).expect("the folder is ours");
    }

    /// Puts a program on the path.
    #[cfg(unix)]
    pub(crate) fn program(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join(name);
        std::fs::write(&path, script).expect("the folder is ours");
        let runnable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, runnable).expect("the file is ours");
    }

    /// A command of the companion that knows this home alone.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_layercast"));
        let path = std::env::join_paths([self.path(), Path::new("/usr/bin"), Path::new("/bin")]);
        command
            .args(args)
            .arg("--cache-dir")
            .arg(self.cache())
            .env_clear()
            .env("PATH", path.expect("no colon in a temporary folder's name"))
            .env("HOME", self.path())
            .env("DOCKER_CONFIG", self.path())
            // Nobody answers there: this machine's registries are asked without it.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("http_proxy", "http://127.0.0.1:1")
            .stdout(Stdio::piped());
        command
    }

    /// Starts `layercast serve` with more arguments.
    pub(crate) fn serve(&self, args: &[&str]) -> Companion {
        let args = [&["serve", "--port", "0"], args].concat();
        Companion::start(&mut self.command(&args))
    }
}

impl Companion {
    /// Starts a `serve` and waits until it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command.spawn().expect("the companion starts");
        let stdout = process.stdout.take().expect("its standard output is piped");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("its standard output is text");
        let (origin, token) = line.trim().split_once("/#token=").unwrap_or((line.trim(), ""));
        Self { process, origin: origin.to_owned(), token: token.to_owned() }
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        self.process.wait().expect("it can be waited for")
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        super::http().get(format!("{}{path}", self.origin)).send().await.expect("the companion answers")
    }

    /// The bytes at a path, which must be there.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let response = self.get(path).await;
        let (status, url) = (response.status(), response.url().clone());
        let body = response.bytes().await.expect("the companion ends its answer").to_vec();
        assert_eq!(status, 200, "{url}: {}", String::from_utf8_lossy(&body));
        body
    }

    /// The status and the words of a failure.
    pub(crate) async fn failure(&self, path: &str) -> (u16, RelayFailure) {
        let response = self.get(path).await;
        let status = response.status().as_u16();
        let body = response.bytes().await.expect("the companion ends its answer");
        (status, serde_json::from_slice(&body).expect("a failure is JSON"))
    }

    /// What a page learns of an image through the relay.
    pub(crate) async fn resolve(&self, image: &str, platform: &str) -> Result<ImageFact, Box<ImageFailure>> {
        let image = ImageRef::parse(image).expect("a reference in a test");
        let mut resolution =
            Resolution::new(&image, &Platform::parse(platform).expect("a platform in a test"));
        while !resolution.is_done() {
            for request in resolution.next_requests() {
                let response = self.get(&request.relay_path(&image)).await;
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let header = |name: &str| {
                    headers.get(name).map_or(String::new(), |value| {
                        value.to_str().expect("a header in a test is text").to_owned()
                    })
                };
                let body = response.bytes().await.expect("the companion ends its answer").to_vec();
                resolution.answer(&request, Reply::from_relay(status, header, body));
            }
        }
        resolution.finish("test", "2026-11-20")
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
