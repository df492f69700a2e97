//! The table of well-known registries, and which host a registry's name means.

/// One well-known registry: facts, one row each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name in image references: `docker.io`.
    pub name: &'static str,
    /// The host that answers the registry protocol: `registry-1.docker.io`.
    pub host: &'static str,
    /// What stands before a repository of one word: `library`; empty where nothing does.
    pub default_namespace: &'static str,
    /// True where the registry lets a page of another origin read manifests without signing in.
    pub page_may_call: bool,
}

const fn row(name: &'static str, host: &'static str) -> Known {
    Known { name, host, default_namespace: "", page_may_call: false }
}

/// The well-known registries. None of them lets a page read manifests: no CORS header, or a token that a
/// preflight cannot carry (distribution/distribution#4458).
pub const KNOWN: &[Known] = &[
    Known { default_namespace: "library", ..row("docker.io", "registry-1.docker.io") },
    row("ghcr.io", "ghcr.io"),
    row("quay.io", "quay.io"),
    row("gcr.io", "gcr.io"),
    row("us.gcr.io", "us.gcr.io"),
    row("eu.gcr.io", "eu.gcr.io"),
    row("asia.gcr.io", "asia.gcr.io"),
    row("mirror.gcr.io", "mirror.gcr.io"),
    row("k8s.gcr.io", "k8s.gcr.io"),
    row("registry.k8s.io", "registry.k8s.io"),
    row("public.ecr.aws", "public.ecr.aws"),
    row("mcr.microsoft.com", "mcr.microsoft.com"),
    row("registry.gitlab.com", "registry.gitlab.com"),
    row("registry.access.redhat.com", "registry.access.redhat.com"),
    row("registry.redhat.io", "registry.redhat.io"),
    row("registry.suse.com", "registry.suse.com"),
    row("registry.opensuse.org", "registry.opensuse.org"),
    row("registry.fedoraproject.org", "registry.fedoraproject.org"),
    row("container-registry.oracle.com", "container-registry.oracle.com"),
    row("docker.elastic.co", "docker.elastic.co"),
    row("nvcr.io", "nvcr.io"),
    row("cgr.dev", "cgr.dev"),
    row("dhi.io", "dhi.io"),
    row("lscr.io", "lscr.io"),
];

/// Where a registry's requests go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Host, and port where it is not the scheme's own: `registry-1.docker.io`, `localhost:5000`.
    pub host: String,
    /// True for plain http: this machine's own registries.
    pub plain_http: bool,
}

impl Endpoint {
    /// `https://registry-1.docker.io`, without a slash at the end.
    pub fn origin(&self) -> String {
        let scheme = if self.plain_http { "http" } else { "https" };
        format!("{scheme}://{}", self.host)
    }

    /// True where it is this machine: Docker speaks plain http to those.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// The row of a registry's name, where it is well known.
pub fn known(registry: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == registry)
}

/// Where the requests of a registry go, mirrors left aside.
pub fn endpoint(registry: &str) -> Endpoint {
    let host = known(registry).map_or(registry, |known| known.host);
    Endpoint { host: host.to_owned(), plain_http: is_loopback(host) }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    let v4_loopback = name.strip_prefix("127.").is_some_and(|rest| {
        let parts: Vec<&str> = rest.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.parse::<u8>().is_ok())
    });
    name == "localhost" || name == "[::1]" || v4_loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(registry: &str, origin: &str) {
        assert_eq!(endpoint(registry).origin(), origin);
    }

    #[test]
    fn a_name_means_a_host() {
        check("docker.io", "https://registry-1.docker.io");
        check("ghcr.io", "https://ghcr.io");
        check("registry.example.org:8443", "https://registry.example.org:8443");
    }

    #[test]
    fn this_machine_is_asked_by_plain_http() {
        check("localhost:5000", "http://localhost:5000");
        check("localhost", "http://localhost");
        check("127.0.0.1:5000", "http://127.0.0.1:5000");
        check("[::1]:5000", "http://[::1]:5000");
        check("127.0.0.1.example.org", "https://127.0.0.1.example.org");
        check("127.evil.example.org", "https://127.evil.example.org");
        check("localhost.example.org:5000", "https://localhost.example.org:5000");
    }

    #[test]
    fn each_name_stands_once_in_the_table() {
        for (place, known) in KNOWN.iter().enumerate() {
            assert!(KNOWN.iter().skip(place + 1).all(|other| other.name != known.name), "{}", known.name);
        }
    }
}
