//! The outside world of the tests, all on this machine: a real registry, token servers, rude registries.

pub(crate) mod companion;
pub(crate) mod docker_registry;
pub(crate) mod image;
pub(crate) mod lab;
pub(crate) mod log;
pub(crate) mod script;
pub(crate) mod token_server;

use axum::Router;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// Serves `router` on a free port until the test ends: its address.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("a listener has an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A port that nobody listens at, just now.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a listener has an address").port()
}

/// A client that no proxy of the environment gets between.
pub(crate) fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client needs nothing")
}
