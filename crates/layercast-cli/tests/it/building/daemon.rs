//! A daemon that says what a test wants, over a socket: it knows nothing of building.

use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How a daemon agrees to go on in HTTP/2.
pub(super) const UPGRADED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

/// What it does when it is asked.
#[derive(Clone)]
pub(super) enum Does {
    /// Says this, and closes the connection.
    Says(String),
    /// Says this, and waits until the other side is gone.
    Holds(String),
    /// Goes on in HTTP/2, and answers each call with this error.
    Refuses(&'static str),
}

/// A daemon, and where it listens.
pub(super) struct Daemon {
    folder: tempfile::TempDir,
    /// The first line of each request.
    asked: Arc<Mutex<Vec<String>>>,
    open: Arc<AtomicUsize>,
}

impl Daemon {
    /// One that speaks the API's version, opens sessions, and builds as `build` has it.
    pub(super) fn building(build: Does) -> Self {
        Self::with(move |request| match () {
            () if request.contains("/session") => Does::Holds(UPGRADED.to_owned()),
            () if request.contains("/grpc") => build.clone(),
            () => version("1.47"),
        })
    }

    /// One that answers by the first line of a request.
    pub(super) fn with(answer: impl Fn(&str) -> Does + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let listener = UnixListener::bind(folder.path().join("docker.sock")).expect("a socket can be made");
        let daemon = Self { folder, asked: Arc::default(), open: Arc::default() };
        let (asked, open, answer) = (Arc::clone(&daemon.asked), Arc::clone(&daemon.open), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (asked, open, answer) = (Arc::clone(&asked), Arc::clone(&open), Arc::clone(&answer));
                open.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    serve(stream, &asked, &*answer);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        daemon
    }

    /// As DOCKER_HOST has it.
    pub(super) fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// True once a request with these words came in.
    pub(super) fn was_asked(&self, words: &str) -> bool {
        self.asked.lock().expect("nobody panics").iter().any(|request| request.contains(words))
    }

    /// Connections that nobody has closed.
    pub(super) fn n_open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

/// What `/version` says.
pub(super) fn version(api: &str) -> Does {
    ok(&format!(r#"{{"Version": "99.9", "ApiVersion": "{api}", "Os": "linux"}}"#))
}

/// A reply that is whole.
pub(super) fn ok(body: &str) -> Does {
    Does::Says(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

fn serve(mut stream: UnixStream, asked: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Does) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let request = head.lines().next().unwrap_or_default().to_owned();
    asked.lock().expect("nobody panics").push(request.clone());
    match answer(&request) {
        Does::Says(text) => drop(stream.write_all(text.as_bytes())),
        Does::Holds(text) => {
            let _ = stream.write_all(text.as_bytes());
            let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
            // The other side says nothing that we understand, until it is gone.
            while stream.read(&mut [0; 4096]).is_ok_and(|n_read| n_read > 0) {}
        }
        Does::Refuses(message) => {
            let _ = stream.write_all(UPGRADED.as_bytes());
            refuse(stream, message);
        }
    }
}

/// BuildKit, as far as it says no.
fn refuse(stream: UnixStream, message: &'static str) {
    stream.set_nonblocking(true).expect("a socket can be");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(async {
        let stream = tokio::net::UnixStream::from_std(stream).expect("a socket is one");
        let answer = |_| async move {
            let reply = hyper::Response::builder()
                .header("content-type", "application/grpc")
                .header("grpc-status", "2")
                .header("grpc-message", message);
            reply.body(http_body_util::Empty::<hyper::body::Bytes>::new())
        };
        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        // It ends when the other side is gone.
        let _ = server.serve_connection(TokioIo::new(stream), hyper::service::service_fn(answer)).await;
    });
}

/// A way to a real daemon, which can be cut.
pub(super) struct Wire {
    pub(super) socket: PathBuf,
    ends: Arc<Mutex<Vec<UnixStream>>>,
}

impl Wire {
    pub(super) fn to(daemon: PathBuf, socket: PathBuf) -> Self {
        let listener = UnixListener::bind(&socket).expect("a socket can be made");
        let wire = Self { socket, ends: Arc::default() };
        let ends = Arc::clone(&wire.ends);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = UnixStream::connect(&daemon).expect("the daemon is there");
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (copy_of(from), copy_of(to));
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                ends.lock().expect("nobody panics").extend([near, far]);
            }
        });
        wire
    }

    /// Ends every connection.
    pub(super) fn cut(&self) {
        for end in self.ends.lock().expect("nobody panics").drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

fn copy_of(stream: &UnixStream) -> UnixStream {
    stream.try_clone().expect("a socket can be copied")
}
