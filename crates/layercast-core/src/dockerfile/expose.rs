//! EXPOSE: ports, and what makes one valid.

use super::reader::{Reader, Refusal, Text};

pub(super) fn read(reader: &Reader<'_>) -> Result<Vec<Text>, Refusal> {
    let ports = reader.blank_words();
    if ports.is_empty() {
        return Err(reader.refuse("argument-missing", "EXPOSE names no port"));
    }
    reader.flags(&[])?;
    Ok(ports)
}

/// What to write instead of a word that is no port, where that is plain.
pub fn port_note(word: &str) -> Option<String> {
    let ports: Vec<&str> = word.split(',').filter(|port| !port.is_empty()).collect();
    let meant = ports.len() > 1 && ports.iter().all(|port| port_problem(port).is_none());
    meant.then(|| format!("Blanks stand between ports: `EXPOSE {}`.", ports.join(" ")))
}

/// Why an expanded word is no port: one sentence without a full stop. None where it is one.
pub fn port_problem(word: &str) -> Option<String> {
    let (ports, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    let invalid = |why: &str| Some(format!("`{word}` is no port: {why}"));
    if !protocol.is_empty() && !["tcp", "udp", "sctp"].contains(&protocol.to_ascii_lowercase().as_str()) {
        return invalid("the protocol is tcp, udp or sctp");
    }
    // An IP address or a host's port before the last colon only earns a warning.
    let (host, container) = match ports.rsplit_once(':') {
        Some((host, container)) => (Some(host), container),
        None => (None, ports),
    };
    if container.is_empty() {
        return invalid("the number is missing");
    }
    let number = |text: &str| text.parse::<u16>().ok();
    let range = |text: &str| match text.split_once('-') {
        Some((first, last)) => number(first).zip(number(last)),
        None => number(text).map(|port| (port, port)),
    };
    let Some((first, last)) = range(container) else { return invalid("a port is a number up to 65535") };
    if last < first {
        return invalid("the range ends before it begins");
    }
    let host_port = host.map(|host| host.rsplit_once(':').map_or(host, |(_, port)| port)).unwrap_or_default();
    let host_port_is_address = host_port.contains(['.', ']']);
    if host_port.is_empty() || host_port_is_address {
        return None;
    }
    match range(host_port) {
        None => invalid("the port of the host is a number up to 65535"),
        Some((host_first, host_last)) if host_last < host_first => invalid("the range ends before it begins"),
        Some((host_first, host_last)) if host_last - host_first != last - first && first != last => {
            invalid("the two ranges are of different lengths")
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_between_ports_are_told() {
        assert_eq!(port_note("80,443").as_deref(), Some("Blanks stand between ports: `EXPOSE 80 443`."));
        assert_eq!(port_note("80,x"), None);
    }

    #[test]
    fn ports_and_ranges_with_a_protocol_are_valid() {
        for port in ["80", "80/tcp", "8000-8010/UDP", "127.0.0.1:80:8080", "80:8080", "53/"] {
            assert_eq!(port_problem(port), None, "{port}");
        }
        for port in ["", "x", "99999", "80/foo", "90-80", "-1"] {
            assert!(port_problem(port).is_some(), "{port}");
        }
    }
}
