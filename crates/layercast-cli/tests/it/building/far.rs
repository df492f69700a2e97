//! Daemons that are far away: by TCP, by TLS with Docker's three files, by SSH.

use super::{Alone, Bench, stderr, stdout};
use base64::Engine;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

const FILE: &str = "FROM busybox\nCOPY Dockerfile /\nRUN wc -c < /Dockerfile\n";

#[test]
fn a_daemon_is_reached_by_tcp() {
    let files = [("Dockerfile", FILE)];
    let Some(bench) = Bench::with("a_daemon_is_reached_by_tcp", &files) else { return };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let host = format!("tcp://{}", listener.local_addr().expect("it has an address"));
    let socket = bench.lab.join("docker.sock");
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = UnixStream::connect(&socket).expect("the lab is up");
            let (mut from, mut to) = (near.try_clone().expect("a copy"), far.try_clone().expect("a copy"));
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut &far, &mut &near);
                let _ = near.shutdown(std::net::Shutdown::Both);
            });
        }
    });
    let alone = Alone::with(&files);
    let output = alone.build(&host, &["--no-cache"]).output().expect("the companion starts");
    assert!(stderr(&output).contains(&format!("builder: Docker's API at {host}\n")), "{}", stderr(&output));
    assert!(stdout(&output).contains(&format!("    3  │ {}\n", FILE.len())), "{}", stdout(&output));
}

#[test]
fn a_daemon_is_reached_by_ssh() {
    let files = [("Dockerfile", FILE)];
    let Some(bench) = Bench::with("a_daemon_is_reached_by_ssh", &files) else { return };
    let alone = Alone::with(&files);
    // An `ssh` that goes nowhere, and does over here what it should do over there.
    let bin = alone.folder.path().join("bin");
    std::fs::create_dir(&bin).expect("it can be made");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> asked\nwhile test \"$1\" != --; do shift; done\nshift 2\n\
         DOCKER_HOST=unix://{0}/docker.sock PATH={0}/bin:/usr/bin:/bin exec \"$@\"\n",
        bench.lab.display()
    );
    let ssh = bin.join("ssh");
    std::fs::write(&ssh, script).expect("it can be written to");
    std::fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).expect("it is ours");
    let mut build = alone.build("ssh://me@far.example:2222", &["--no-cache"]);
    let output = build.env("PATH", &bin).output().expect("the companion starts");
    assert!(stdout(&output).contains(&format!("    3  │ {}\n", FILE.len())), "{}", stderr(&output));
    let asked = std::fs::read_to_string(alone.folder.path().join("asked")).expect("ssh was asked");
    let first = asked.lines().next().expect("once at least");
    assert_eq!(first, "-p 2222 -o ConnectTimeout=20 -T -- me@far.example docker system dial-stdio");
    alone.check_nothing_is_left();
}

/// Docker's three files in a folder of their own, and a port with a daemon that wants them.
struct Tls {
    keys: tempfile::TempDir,
    host: String,
}

/// By TLS: a real daemon, where there is one; else one that is too old.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor, daemon: Option<PathBuf>) {
    listener.set_nonblocking(true).expect("a socket can be");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket is one");
    while let Ok((near, _)) = listener.accept().await {
        let (acceptor, daemon) = (acceptor.clone(), daemon.clone());
        tokio::spawn(async move {
            let mut near = acceptor.accept(near).await?;
            if let Some(daemon) = daemon {
                let mut far = tokio::net::UnixStream::connect(daemon).await?;
                return tokio::io::copy_bidirectional(&mut near, &mut far).await.map(|_| ());
            }
            let body = r#"{"Version": "18.06", "ApiVersion": "1.38"}"#;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            near.write_all(format!("{head}{body}").as_bytes()).await?;
            // Until the other side has read it.
            tokio::io::copy(&mut near, &mut tokio::io::sink()).await.map(|_| ())
        });
    }
}

impl Tls {
    fn new() -> Self {
        Self::before(None)
    }

    fn before(daemon: Option<PathBuf>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = authority();
        let issued = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let key = KeyPair::generate().expect("a key can be made");
            let params = CertificateParams::new(names).expect("the names are names");
            (params.signed_by(&key, &authority).expect("it can be signed"), key)
        };
        let (certificate, key) = issued(&["127.0.0.1"]);
        let (own, own_key) = issued(&["me.example"]);
        let keys = tempfile::tempdir().expect("a temporary folder can be made");
        let write = |name: &str, text: String| std::fs::write(keys.path().join(name), text).expect("written");
        write("ca.pem", pem("CERTIFICATE", authority.der()));
        write("cert.pem", pem("CERTIFICATE", own.der()));
        write("key.pem", pem("PRIVATE KEY", &own_key.serialize_der()));

        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).expect("it is a certificate");
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().expect("it has a root");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("it is a key");
        let config = ServerConfig::builder()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("they belong together");
        let config = Arc::new(config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let host = format!("tcp://{}", listener.local_addr().expect("it has an address"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime starts").block_on(serve(listener, TlsAcceptor::from(config), daemon));
        });
        Self { keys, host }
    }

    /// What a build there says, with the files in `keys`.
    fn build(&self, keys: &Path) -> String {
        let alone = Alone::with(&[("Dockerfile", FILE)]);
        let mut build = alone.build(&self.host, &["--no-cache"]);
        build.env("DOCKER_TLS_VERIFY", "1").env("DOCKER_CERT_PATH", keys);
        let output = build.output().expect("the companion starts");
        alone.check_nothing_is_left();
        stdout(&output) + &stderr(&output)
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key can be made");
    CertifiedIssuer::self_signed(params, key).expect("it signs itself")
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}

#[test]
fn a_daemon_is_reached_by_tls() {
    let tls = Tls::new();
    // It was understood, which nobody else can do.
    let text = tls.build(tls.keys.path());
    assert!(text.contains("(18.06) has no BuildKit"), "{text}");
}

#[test]
fn a_build_goes_by_tls() {
    let Some(bench) = Bench::with("a_build_goes_by_tls", &[]) else { return };
    let tls = Tls::before(Some(bench.lab.join("docker.sock")));
    let text = tls.build(tls.keys.path());
    assert!(text.contains(&format!("    3  │ {}\n", FILE.len())) && text.contains("the image"), "{text}");
}

#[test]
fn a_daemon_that_somebody_else_vouches_for_is_none() {
    let tls = Tls::new();
    std::fs::write(tls.keys.path().join("ca.pem"), pem("CERTIFICATE", authority().der()))
        .expect("it can be written to");
    let text = tls.build(tls.keys.path());
    assert!(text.contains("invalid peer certificate"), "{text}");
    assert!(text.contains("see that the machine is up, and that its name, port and certificates are right"));
}

#[test]
fn files_that_are_not_there_are_named() {
    let tls = Tls::new();
    let empty = tempfile::tempdir().expect("a temporary folder can be made");
    let text = tls.build(empty.path());
    assert!(text.contains(&format!("{}/ca.pem", empty.path().display())), "{text}");
}
