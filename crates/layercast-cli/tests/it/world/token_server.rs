//! A token server as registries have them, with the key it signs by.
//!
//! <https://distribution.github.io/distribution/spec/auth/jwt/>

use super::log::Log;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) const SERVICE: &str = "test registry";
const ISSUER: &str = "test issuer";

/// Signs tokens. Anybody may pull what is `public/…`; the rest is for `ada`, whose password is `s3cret:x`.
pub(crate) struct TokenServer {
    pub(crate) address: SocketAddr,
    pub(crate) log: Log,
    signer: Arc<Signer>,
    certificate: String,
}

struct Signer {
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

impl TokenServer {
    pub(crate) async fn start() -> Self {
        let pair = rcgen::KeyPair::generate().expect("a key needs nothing");
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let certificate = params.self_signed(&pair).expect("a certificate of our own");
        let key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &pair.serialize_der(),
            &SystemRandom::new(),
        )
        .expect("rcgen's keys are P-256");
        let signer = Arc::new(Signer { key, certificate: certificate.der().to_vec() });
        let log = Log::default();
        let router = Router::new().route("/token", get(token)).with_state((Arc::clone(&signer), log.clone()));
        let pem = STANDARD.encode(certificate.der());
        let certificate = format!("-----BEGIN CERTIFICATE-----\n{pem}\n-----END CERTIFICATE-----\n");
        Self { address: super::serve(router).await, log, signer, certificate }
    }

    /// The lines that make a docker-registry send everybody here; its certificate goes into `folder`.
    pub(crate) fn registry_config(&self, folder: &Path) -> String {
        let bundle = folder.join("token.pem");
        std::fs::write(&bundle, &self.certificate).expect("the folder is ours");
        format!(
            "auth: {{token: {{realm: 'http://{}/token', service: {SERVICE}, issuer: {ISSUER}, \
             rootcertbundle: {}}}}}\n",
            self.address,
            bundle.display()
        )
    }

    /// A token to push with.
    pub(crate) fn push_token(&self, repository: &str) -> String {
        self.signer.token(repository, &["pull", "push"])
    }
}

async fn token(
    State((signer, log)): State<(Arc<Signer>, Log)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    let scope = query.get("scope").cloned().unwrap_or_default();
    let service = query.get("service").cloned().unwrap_or_default();
    let user = headers.get("authorization").map_or("nobody".to_owned(), |value| {
        let encoded = value.to_str().unwrap_or_default().trim_start_matches("Basic ");
        String::from_utf8(STANDARD.decode(encoded).unwrap_or_default()).unwrap_or_default()
    });
    log.note(format!("{user} asks {service} for {scope}"));
    let repository = scope.split(':').nth(1).unwrap_or_default();
    let actions: &[&str] = match user.as_str() {
        "nobody" if repository.starts_with("public/") => &["pull"],
        "nobody" => &[],
        "ada:s3cret:x" => &["pull"],
        _ => return (StatusCode::UNAUTHORIZED, r#"{"details":"incorrect username or password"}"#.to_owned()),
    };
    (StatusCode::OK, json!({"token": signer.token(repository, actions)}).to_string())
}

impl Signer {
    fn token(&self, repository: &str, actions: &[&str]) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [STANDARD.encode(&self.certificate)]});
        let access = json!([{"type": "repository", "name": repository, "actions": actions}]);
        let claims = json!({
            "iss": ISSUER, "sub": "", "aud": SERVICE, "jti": "1", "access": access,
            "iat": now, "nbf": now - 10, "exp": now + 300,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).expect("a key signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}
