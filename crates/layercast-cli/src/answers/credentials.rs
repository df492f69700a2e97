//! The user's sign-ins at registries, as `docker login` keeps them: config.json and its helpers.
//!
//! **Invariant:** a secret is handed to the request for its own host and shown to nobody.

use docker_credential::DockerCredential;
use oci_client::secrets::RegistryAuth;
use std::time::Duration;
use tokio::sync::oneshot;

/// A helper that asks for a touch or a password waits for longer; nobody is there to answer it.
const HELPER_PATIENCE: Duration = Duration::from_secs(5);

/// The sign-in kept for a host; anonymous where there is none, or none that we could use.
pub(super) async fn fetch_credential(host: &str) -> RegistryAuth {
    kept(host).await.map_or(RegistryAuth::Anonymous, usable)
}

/// User and secret for a host, for a builder that signs in itself; both empty where none is kept. An identity token
/// has no user.
pub(crate) async fn sign_in(host: &str) -> (String, String) {
    match kept(host).await {
        Some(DockerCredential::UsernamePassword(user, password)) => (user, password),
        Some(DockerCredential::IdentityToken(token)) => (String::new(), token),
        None => (String::new(), String::new()),
    }
}

async fn kept(host: &str) -> Option<DockerCredential> {
    let server = server(host).to_owned();
    let (sender, receiver) = oneshot::channel();
    // A thread of its own: a helper that hangs must not keep the runtime from ending.
    std::thread::spawn(move || {
        // The receiver may have gone away; then nobody needs the answer.
        let _ = sender.send(docker_credential::get_credential(&server));
    });
    tokio::time::timeout(HELPER_PATIENCE, receiver).await.ok()?.ok()?.ok()
}

/// Identity tokens need another way to sign in (a POST), which oci-client does not have.
fn usable(found: DockerCredential) -> RegistryAuth {
    match found {
        DockerCredential::UsernamePassword(user, password) => RegistryAuth::Basic(user, password),
        DockerCredential::IdentityToken(_) => RegistryAuth::Anonymous,
    }
}

/// The key of config.json: Docker Hub's is an address of the first protocol.
fn server(host: &str) -> &str {
    match host {
        "registry-1.docker.io" | "docker.io" => "https://index.docker.io/v1/",
        other => other,
    }
}
