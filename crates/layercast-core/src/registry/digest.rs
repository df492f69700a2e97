//! Digests of contents: `sha256:` and 64 hexadecimal digits.

use crate::registry::RegistryError;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The digest of some content.
pub fn sha256(content: &[u8]) -> String {
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in Sha256::digest(content) {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}

/// True where `text` is a sha256 digest as registries write it. Nothing else goes into a request's path.
pub fn is_sha256(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

/// Checks content against the digest it was asked by, or announced with.
pub fn verify(content: &[u8], announced: &str) -> Result<(), RegistryError> {
    if !is_sha256(announced) {
        return Err(RegistryError::UnknownDigest { digest: announced.to_owned() });
    }
    let actual = sha256(content);
    if actual == announced {
        Ok(())
    } else {
        Err(RegistryError::DigestMismatch { announced: announced.to_owned(), actual })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_NOTHING: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn content_is_held_against_its_digest() {
        assert_eq!(verify(b"", OF_NOTHING), Ok(()));
        assert!(matches!(verify(b"x", OF_NOTHING), Err(RegistryError::DigestMismatch { .. })));
    }

    #[test]
    fn only_sha256_is_a_digest_here() {
        assert!(is_sha256(OF_NOTHING));
        assert!(!is_sha256(&OF_NOTHING.to_uppercase()));
        assert!(!is_sha256("sha256:../../secret"));
        assert!(matches!(verify(b"", "md5:00"), Err(RegistryError::UnknownDigest { .. })));
    }
}
