//! Signing in: by token without a name, by what `docker login` keeps, and never at the wrong host.

use crate::world::companion::Home;
use crate::world::docker_registry::{DockerRegistry, is_installed};
use crate::world::image::{Image, Push};
use crate::world::script::{Answer, Script};
use crate::world::token_server::TokenServer;
use layercast_core::facts::FailureReason;
use layercast_core::registry::sha256;
use serde_json::json;

/// A docker-registry that wants tokens, `image` pushed into two repositories.
async fn with_tokens(image: &Image) -> (DockerRegistry, TokenServer, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tokens = TokenServer::start().await;
    let registry = DockerRegistry::start(&tokens.registry_config(folder.path())).await;
    for repository in ["public/app", "corp/app"] {
        let (origin, token) = (registry.origin(), tokens.push_token(repository));
        image.push(&Push { origin: &origin, repository, token: &token }, "1").await;
    }
    (registry, tokens, folder)
}

#[tokio::test]
async fn a_public_image_needs_a_token_and_no_sign_in() {
    if !is_installed("the anonymous token flow") {
        return;
    }
    let image = Image::of("amd64", &["one", "two"]);
    let (registry, tokens, _folder) = with_tokens(&image).await;
    let home = Home::new();
    let companion = home.serve(&[]);
    let fact = companion.resolve(&format!("{}/public/app:1", registry.host()), "linux/amd64").await.unwrap();
    assert_eq!(fact.layers.iter().map(|layer| layer.download).sum::<u64>(), image.download());
    assert!(fact.layers.iter().all(|layer| layer.tar.is_some()));
    // One token serves all requests for a repository.
    assert_eq!(tokens.log.take(), ["nobody asks test registry for repository:public/app:pull"]);

    let denied = companion.resolve(&format!("{}/corp/app:1", registry.host()), "linux/amd64").await;
    let denied = denied.unwrap_err();
    assert_eq!(denied.reason, FailureReason::Denied);
    assert!(denied.message.ends_with("does not show corp/app:1 without signing in, or it does not exist"));
    assert!(denied.hint.contains(&format!("docker login {}", registry.host())), "{}", denied.hint);
}

#[tokio::test]
async fn a_private_image_is_seen_by_who_signed_in_with_docker() {
    if !is_installed("user and password of config.json") {
        return;
    }
    let image = Image::of("amd64", &["one"]);
    let (registry, tokens, _folder) = with_tokens(&image).await;
    let (host, name) = (registry.host(), format!("{}/corp/app:1", registry.host()));
    let home = Home::new();
    // base64 of ada:s3cret:x
    home.docker_config(&json!({"auths": {&host: {"auth": "YWRhOnMzY3JldDp4"}}}));
    let companion = home.serve(&[]);
    let fact = companion.resolve(&name, "linux/amd64").await.unwrap();
    assert_eq!(fact.digest, sha256(&image.manifest));
    assert_eq!(tokens.log.take(), ["ada:s3cret:x asks test registry for repository:corp/app:pull"]);

    let wrong = Home::new();
    // base64 of ada:wrong
    wrong.docker_config(&json!({"auths": {&host: {"auth": "YWRhOndyb25n"}}}));
    let companion = wrong.serve(&[]);
    let denied = companion.resolve(&name, "linux/amd64").await.unwrap_err();
    assert_eq!(denied.message, format!("{host} does not show you corp/app:1"));
    // What anybody may see is seen all the same.
    let public = companion.resolve(&format!("{host}/public/app:1"), "linux/amd64").await;
    assert!(public.is_ok(), "{public:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_helper_is_asked() {
    if !is_installed("credential helpers") {
        return;
    }
    let (registry, tokens, _folder) = with_tokens(&Image::of("amd64", &["one"])).await;
    let (host, name) = (registry.host(), format!("{}/corp/app:1", registry.host()));
    for config in [json!({"credHelpers": {&host: "x"}}), json!({"credsStore": "x", "auths": {&host: {}}})] {
        let home = Home::new();
        home.docker_config(&config);
        let script = "#!/bin/sh\nread -r server\n[ \"$1\" = get ] || exit 1\n\
            echo \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"ada\\\",\\\"Secret\\\":\\\"s3cret:x\\\"}\"\n";
        home.program("docker-credential-x", script);
        let companion = home.serve(&[]);
        let seen = companion.resolve(&name, "linux/amd64").await;
        assert!(seen.is_ok(), "{config}: {seen:?}");
        assert_eq!(tokens.log.take(), ["ada:s3cret:x asks test registry for repository:corp/app:pull"]);
    }
    let broken = Home::new();
    broken.docker_config(&json!({"credsStore": "missing"}));
    let denied = broken.serve(&[]).resolve(&name, "linux/amd64").await.unwrap_err();
    assert_eq!(denied.reason, FailureReason::Denied);
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_helper_that_hangs_is_not_waited_for() {
    if !is_installed("a credential helper that hangs") {
        return;
    }
    let image = Image::of("amd64", &["one"]);
    let (registry, _tokens, _folder) = with_tokens(&image).await;
    let home = Home::new();
    home.docker_config(&json!({"credsStore": "x"}));
    home.program("docker-credential-x", "#!/bin/sh\nexec sleep 9\n");
    let name = format!("{}/public/app:1", registry.host());
    let seen = home.serve(&[]).resolve(&name, "linux/amd64").await;
    assert_eq!(seen.unwrap().digest, sha256(&image.manifest));
}

#[tokio::test]
async fn a_registry_without_tokens_gets_user_and_password() {
    if !is_installed("basic authentication") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let users = folder.path().join("users");
    // bcrypt of s3cret:x
    std::fs::write(&users, "ada:$2b$05$abcdefghijklmnopqrstuuWrm/5AoaKADYlqOe34LrWvaAncFaCxG\n").unwrap();
    let open = DockerRegistry::start("").await;
    let image = Image::of("amd64", &["one"]);
    let origin = open.origin();
    image.push(&Push { origin: &origin, repository: "app", token: "" }, "1").await;
    let more = format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", users.display());
    let closed = DockerRegistry::start_on(open.storage(), &more).await;

    let (host, name) = (closed.host(), format!("{}/app:1", closed.host()));
    let home = Home::new();
    // base64 of ada:s3cret:x
    home.docker_config(&json!({"auths": {&host: {"auth": "YWRhOnMzY3JldDp4"}}}));
    let seen = home.serve(&[]).resolve(&name, "linux/amd64").await;
    assert_eq!(seen.unwrap().digest, sha256(&image.manifest));
    let stranger = Home::new();
    let denied = stranger.serve(&[]).resolve(&name, "linux/amd64").await.unwrap_err();
    assert_eq!(denied.reason, FailureReason::Denied);
}

#[tokio::test]
async fn a_mirror_never_sees_the_sign_in_of_the_registry_it_stands_for() {
    let mirror = Script::start().await;
    for path in ["library/debian/manifests/12", ""] {
        mirror.say(path, Answer::Status(401, &[("www-authenticate", "Basic realm=\"test\"")]));
    }
    let home = Home::new();
    let secret = json!({"auth": "YWRhOnMzY3JldDp4"});
    home.docker_config(&json!({"auths": {
        "https://index.docker.io/v1/": secret, "docker.io": secret, "registry-1.docker.io": secret,
    }}));
    let flag = format!("docker.io=http://{}", mirror.host());
    let denied = home.serve(&["--registry-mirror", &flag]).resolve("debian:12", "linux/amd64").await;
    assert_eq!(denied.unwrap_err().reason, FailureReason::Denied);
    let asked = mirror.log.take();
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|line| !line.contains("Authorization")), "{asked:?}");
}

#[tokio::test]
async fn no_secret_is_printed() {
    let registry = Script::start().await;
    for path in ["x/manifests/1", ""] {
        registry.say(path, Answer::Status(401, &[("www-authenticate", "Basic realm=\"test\"")]));
    }
    let home = Home::new();
    // base64 of ada:s3cret:x
    home.docker_config(&json!({"auths": {registry.host(): {"auth": "YWRhOnMzY3JldDp4"}}}));
    std::fs::write(home.path().join("Dockerfile"), format!("FROM {}/x:1\n", registry.host())).unwrap();
    for format in ["text", "json"] {
        let mut command = home.command(&["estimate", "--format", format, "Dockerfile"]);
        command.current_dir(home.path()).env("RUST_LOG", "trace").stderr(std::process::Stdio::piped());
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).unwrap();
        assert!(printed.contains("does not show you x:1"), "{printed}");
        assert!(!printed.contains("s3cret") && !printed.contains("YWRhOnMzY3JldDp4"), "{printed}");
    }
    let asked = registry.log.take();
    assert!(asked.contains(&"GET x/manifests/1 by Authorization".to_owned()), "{asked:?}");
}
