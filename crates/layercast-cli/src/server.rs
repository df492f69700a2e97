//! The companion's server: who may ask it, and what there is. One endpoint a file.
//!
//! **Invariant:** it listens on the loopback addresses only, unless the user names another; it answers only to their
//! names (else any page could reach it by a DNS record of its own), and no handler's panic ends it.

mod guard;
mod token;

mod build;
mod packages;
mod page;
mod relay;
mod relay_index;

pub(crate) use build::{Desk, Offer};
pub(crate) use token::Token;

use crate::answers::Registry;
use crate::error::CliError;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use layercast_core::registry::{KNOWN, endpoint};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// Listens, but answers nobody yet.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    listeners: Vec<TcpListener>,
}

/// Where to listen, and by which names.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// None for this machine's own.
    pub(crate) ip: Option<IpAddr>,
    /// 0 for any that is free.
    pub(crate) port: u16,
    /// The names that others know this machine by, where others may ask.
    pub(crate) hosts: Vec<String>,
}

/// What there is beside the page.
pub(crate) struct Served {
    /// The relay; none where other machines may ask, as it would sign in for them.
    pub(crate) relay: Option<(Registry, Listed)>,
    /// Builds, where they are offered.
    pub(crate) desk: Option<Arc<Desk>>,
}

/// The registries that the relay asks, besides this machine's own.
#[derive(Clone, Debug)]
pub(crate) struct Listed(Arc<[String]>);

#[derive(Clone, Debug)]
struct Shared {
    registry: Registry,
    listed: Listed,
}

/// Takes a port.
pub(crate) async fn bind(address: &Address) -> Result<Server, CliError> {
    let ip = address.ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let failed = |source| CliError::Listen { address: SocketAddr::new(ip, address.port), source };
    let first = TcpListener::bind((ip, address.port)).await.map_err(failed)?;
    let port = first.local_addr().map_err(failed)?.port();
    // `localhost` may mean this one. Where it is taken, or there is no IPv6, the first one must do.
    let second = match address.ip {
        None => TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok(),
        Some(_) => None,
    };
    Ok(Server { port, listeners: std::iter::once(first).chain(second).collect() })
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Answers until the program ends.
    pub(crate) async fn serve(self, hosts: &[String], served: &Served) {
        let router = router(guard::Names::of(self.port, hosts, served.desk.is_some()), served);
        let serving = self.listeners.into_iter().map(|listener| {
            let router = router.clone();
            tokio::spawn(async move { axum::serve(listener, router).await })
        });
        for server in serving.collect::<Vec<_>>() {
            // axum's loop goes on after every failure to accept.
            let _ = server.await;
        }
    }
}

impl Listed {
    /// The well-known registries and those named.
    pub(crate) fn new(named: impl Iterator<Item = String>) -> Self {
        let mut all: Vec<String> = KNOWN.iter().map(|known| known.name.to_owned()).collect();
        for name in named {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        Self(all.into())
    }

    fn contains(&self, registry: &str) -> bool {
        endpoint(registry).is_loopback() || self.0.iter().any(|name| name == registry)
    }
}

fn router(names: guard::Names, served: &Served) -> Router {
    let mut router = Router::new();
    if let Some((registry, listed)) = &served.relay {
        let shared = Shared { registry: registry.clone(), listed: listed.clone() };
        let relay = Router::new()
            .route("/relay/", get(relay_index::get))
            .route("/relay/packages", get(packages::get))
            .route("/relay/{registry}/v2/{*path}", get(relay::get));
        router = router.merge(relay.with_state(shared));
    }
    if let Some(desk) = &served.desk {
        router = router.merge(build::router(desk));
    }
    let marks = match (&served.relay, &served.desk) {
        (Some(_), Some(_)) => "layercast-relay, layercast-build",
        (Some(_), None) => "layercast-relay",
        (None, Some(_)) => "layercast-build",
        (None, None) => "layercast",
    };
    router
        .fallback_service(page::router())
        .layer(middleware::map_response(move |response| harden(marks, response)))
        .layer(middleware::from_fn(contain_panics))
        .layer(middleware::from_fn_with_state(names, guard::check))
}

/// A page's files are what they say they are, are framed by nobody and tell nobody where a link was followed.
async fn harden(marks: &'static str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // The page reads of its own load what there is; looking by request would be an error in the console of every
    // static host.
    headers.insert("server-timing", HeaderValue::from_static(marks));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

/// Each request runs as a task: where that panics, this request alone is lost.
async fn contain_panics(request: Request, next: Next) -> Response {
    let task = tokio::spawn(next.run(request));
    task.await.unwrap_or_else(|_| {
        (StatusCode::INTERNAL_SERVER_ERROR, "This is a bug of Layercast. The server goes on.\n")
            .into_response()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_the_loss_of_one_request() {
        async fn broken() -> Response {
            panic!("a test's")
        }
        let router: Router<()> = Router::new()
            .route("/broken", get(broken))
            .route("/sound", get(|| async { "sound" }))
            .layer(middleware::from_fn(contain_panics));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let status = async |path: &str| {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            http.get(format!("{origin}{path}")).send().await.unwrap().status().as_u16()
        };
        crate::answers::install_crypto();
        assert_eq!((status("/broken").await, status("/sound").await), (500, 200));
    }

    #[test]
    fn the_well_known_the_named_and_this_machine_s_registries_are_relayed() {
        let listed = Listed::new(["corp.example.org:5000".to_owned()].into_iter());
        for registry in ["docker.io", "ghcr.io", "corp.example.org:5000", "localhost:5000", "127.0.0.1:1"] {
            assert!(listed.contains(registry), "{registry}");
        }
        for registry in ["corp.example.org", "example.org", "10.0.0.1:5000", "metadata.internal"] {
            assert!(!listed.contains(registry), "{registry}");
        }
    }
}
