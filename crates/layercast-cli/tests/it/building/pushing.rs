//! Images that are pushed: by either way, however Docker keeps them, and to registries that want a sign-in.

use super::{Bench, events, stderr, stdout, steps};
use base64::Engine;
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};

#[test]
fn a_pushed_image_is_weighed_as_it_travels() {
    let files =
        [("Dockerfile", "FROM busybox\nENV A=1\nWORKDIR /x\nRUN --network=none seq 1 9999 > numbers\n")];
    let Some(bench) = Bench::with("a_pushed_image_is_weighed_as_it_travels", &files) else { return };
    let port = std::fs::read_to_string(bench.lab.join("registry.port")).expect("the lab has a registry");
    for (way, socket) in
        ["docker", "buildx"].into_iter().flat_map(|way| bench.sockets().map(move |it| (way, it)))
    {
        let kept = socket.file_stem().expect("a socket has a name").to_string_lossy().into_owned();
        let tag = format!("127.0.0.1:{port}/building/pushed-by-{way}-from-{kept}:1");
        let mut build = bench.build(&["--via", way, "--format", "json", "--push", "--tag", &tag]);
        let host = format!("unix://{}", socket.display());
        let steps = steps(&events(&build.env("DOCKER_HOST", host).output().expect("the companion starts")));
        let pushed = bench.pushed(&tag);
        let told: Vec<&Value> = steps.iter().map(|step| &step["download"]["real"]).collect();
        assert_eq!(told, pushed.iter().collect::<Vec<_>>(), "{tag}: {steps:?}");
        let lines: Vec<_> = steps.iter().map(|step| (&step["line"], &step["unpacked"]["real"])).collect();
        assert_eq!((lines[1], lines[2]), ((&3.into(), &0.into()), (&4.into(), &48888.into())), "{tag}");
    }
}

/// A registry that wants a name and a password, before the lab's own.
fn guarded(port: u16, sign_in: &str) -> u16 {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let own = listener.local_addr().expect("it has an address").port();
    let sign_in = format!("authorization: basic {sign_in}").to_lowercase();
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let sign_in = sign_in.clone();
            std::thread::spawn(move || guard(near, port, &sign_in));
        }
    });
    own
}

fn guard(mut near: TcpStream, port: u16, sign_in: &str) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        near.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    if !String::from_utf8_lossy(&head).to_lowercase().contains(sign_in) {
        let reply = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"here\"\r\nContent-Length: 0\r\n\
                     Connection: close\r\n\r\n";
        return near.write_all(reply.as_bytes());
    }
    let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    far.write_all(&head)?;
    let (mut from, mut to) = (near.try_clone()?, far.try_clone()?);
    std::thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    let _ = io::copy(&mut far, &mut near);
    near.shutdown(Shutdown::Both)
}

#[test]
fn who_has_signed_in_may_push() {
    let Some(bench) =
        Bench::with("who_has_signed_in_may_push", &[("Dockerfile", "FROM scratch\nCOPY . /\n")])
    else {
        return;
    };
    let secret = "me:not-to-be-seen-4712";
    let sign_in = base64::engine::general_purpose::STANDARD.encode(secret);
    let port = std::fs::read_to_string(bench.lab.join("registry.port")).expect("the lab has a registry");
    let port = guarded(port.trim().parse().expect("it is a number"), &sign_in);
    let tag = format!("127.0.0.1:{port}/building/guarded:1");
    let config = tempfile::tempdir().expect("a temporary folder can be made");
    let push = |auths: Value| {
        let text = json!({ "auths": auths }).to_string();
        std::fs::write(config.path().join("config.json"), text).expect("it can be written to");
        let mut build = bench.build(&["--via", "docker", "--format", "json", "--push", "--tag", &tag]);
        let output = build.env("DOCKER_CONFIG", config.path()).output().expect("the companion starts");
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains(secret) && !all.contains(&sign_in), "{all}");
        output
    };
    let refused = push(json!({}));
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("failed to build: "), "{}", stderr(&refused));
    let steps = steps(&events(&push(json!({ format!("127.0.0.1:{port}"): { "auth": sign_in } }))));
    assert!(steps[0]["download"]["real"].is_u64(), "{steps:?}");
}
