//! Who may ask: our own page and programs, by this machine's names and those that the user gave.
//!
//! What builds asks for a token besides ([`super::build`]).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The names this server answers to.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// This machine's, each with its port.
    own: Arc<[String]>,
    /// Those that the user gave, for a proxy in front: such a one may speak TLS.
    given: Arc<[String]>,
    /// Builds are ordered by POST.
    builds: bool,
}

impl Names {
    pub(super) fn of(port: u16, given: &[String], builds: bool) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"];
        let mut names: Vec<String> = hosts.map(|host| format!("{host}:{port}")).to_vec();
        if port == 80 {
            names.extend(hosts.map(str::to_owned));
        }
        let with_port = given.iter().filter(|name| !name.contains(':')).map(|name| format!("{name}:{port}"));
        let given = with_port.chain(given.iter().cloned()).collect();
        Self { own: names.into(), given, builds }
    }

    fn contain(&self, host: &str) -> bool {
        is_among(&self.own, host) || is_among(&self.given, host)
    }

    fn are_origin(&self, origin: &str) -> bool {
        let by_tls = origin.strip_prefix("https://").is_some_and(|host| is_among(&self.given, host));
        by_tls || origin.strip_prefix("http://").is_some_and(|host| self.contain(host))
    }
}

fn is_among(names: &[String], host: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Lets a request through, or says why not.
pub(super) async fn check(State(names): State<Names>, request: Request, next: Next) -> Response {
    match refusal(&names, request.method(), request.uri().path(), request.headers()) {
        None => next.run(request).await,
        Some((status, why)) => (status, format!("{why}\n")).into_response(),
    }
}

fn refusal(
    names: &Names,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Option<(StatusCode, &'static str)> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let foreign_host = !text(header::HOST.as_str()).is_some_and(|host| names.contain(host));
    let foreign_origin = text(header::ORIGIN.as_str()).is_some_and(|origin| !names.are_origin(origin));
    let is_build = path.starts_with("/build/");
    // An <img> of a foreign page sends no Origin. To follow a link to the page itself is fine.
    let foreign_page = text("sec-fetch-site").is_some_and(|site| matches!(site, "cross-site" | "same-site"))
        && (is_build || path.starts_with("/relay"));
    match () {
        () if foreign_host => {
            Some((StatusCode::MISDIRECTED_REQUEST, "This server does not go by that name: see --host."))
        }
        () if foreign_origin || foreign_page => {
            Some((StatusCode::FORBIDDEN, "This server is for its own page."))
        }
        () if is_build && names.builds && *method == Method::POST => None,
        () if !matches!(*method, Method::GET | Method::HEAD) => {
            Some((StatusCode::METHOD_NOT_ALLOWED, "This server is only read from."))
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, headers: &[(&'static str, &str)], expected: Option<u16>) {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let names = Names::of(8787, &["builds.example.org".to_owned()], true);
        let refused = refusal(&names, &Method::GET, path, &headers.collect());
        assert_eq!(refused.map(|(status, _)| status.as_u16()), expected);
    }

    const HOST: (&str, &str) = ("host", "127.0.0.1:8787");

    #[test]
    fn our_own_names_are_answered() {
        check("/", &[HOST], None);
        check("/", &[("host", "LOCALHOST:8787")], None);
        check("/", &[("host", "[::1]:8787")], None);
        check(
            "/relay/",
            &[HOST, ("origin", "http://127.0.0.1:8787"), ("sec-fetch-site", "same-origin")],
            None,
        );
        check("/", &[HOST, ("sec-fetch-site", "cross-site")], None);
    }

    #[test]
    fn a_name_that_was_pointed_at_us_is_not() {
        check("/", &[("host", "rebound.example.org:8787")], Some(421));
        check("/", &[("host", "127.0.0.1:8788")], Some(421));
        check("/", &[("host", "127.0.0.1")], Some(421));
        check("/", &[], Some(421));
    }

    #[test]
    fn foreign_pages_are_refused() {
        check("/relay/", &[HOST, ("origin", "https://example.org")], Some(403));
        check("/relay/", &[HOST, ("origin", "null")], Some(403));
        check("/relay/", &[HOST, ("origin", "http://127.0.0.1:3000")], Some(403));
        check("/relay/", &[HOST, ("origin", "https://127.0.0.1:8787")], Some(403));
        check("/relay/x", &[HOST, ("sec-fetch-site", "cross-site")], Some(403));
        check("/relay/x", &[HOST, ("sec-fetch-site", "same-site")], Some(403));
    }

    #[test]
    fn a_name_that_the_user_gave_may_stand_behind_tls() {
        for host in ["builds.example.org", "builds.example.org:8787"] {
            check("/", &[("host", host), ("origin", &format!("https://{host}"))], None);
            check("/build/", &[("host", host), ("origin", &format!("http://{host}"))], None);
        }
        check("/", &[("host", "builds.example.org:1")], Some(421));
        check("/", &[HOST, ("origin", "https://builds.example.org:1")], Some(403));
    }

    #[test]
    fn only_builds_are_posted() {
        let own = [("host", "127.0.0.1:8787")]
            .map(|(name, value)| (name.parse::<axum::http::HeaderName>().unwrap(), value.parse().unwrap()));
        let headers: HeaderMap = own.into_iter().collect();
        let status = |names: &Names, path: &str, method: Method| {
            refusal(names, &method, path, &headers).map(|(status, _)| status.as_u16())
        };
        let (with, without) = (Names::of(8787, &[], true), Names::of(8787, &[], false));
        assert_eq!(status(&with, "/build/start", Method::POST), None);
        assert_eq!(status(&without, "/build/start", Method::POST), Some(405));
        assert_eq!(status(&with, "/relay/", Method::POST), Some(405));
        assert_eq!(status(&with, "/build/start", Method::PUT), Some(405));
        check("/build/", &[HOST, ("sec-fetch-site", "cross-site")], Some(403));
    }
}
