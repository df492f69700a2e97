//! The secret in the printed address: whoever builds from a page shows it with every call.

use crate::error::CliError;
use rustls::crypto::ring;
use std::fmt::Write;

/// 256 bits.
const BYTES: usize = 32;

/// A secret of this run of the companion. It has no `Debug`, so that no log holds it.
pub(crate) struct Token(String);

impl Token {
    /// One that nobody can guess, from the system's own source of randomness.
    pub(crate) fn random() -> Result<Self, CliError> {
        let mut bytes = [0; BYTES];
        ring::default_provider().secure_random.fill(&mut bytes).map_err(|_| CliError::Randomness)?;
        let mut text = String::with_capacity(BYTES * 2);
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// As the printed address carries it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request's `Authorization` shows it. It takes as long for a token that is nearly right as for one that
    /// is all wrong.
    pub(super) fn opens(&self, authorization: &str) -> bool {
        let Some(shown) = authorization.strip_prefix("Bearer ") else { return false };
        let differences = self.0.bytes().zip(shown.bytes()).fold(0, |all, (own, other)| all | (own ^ other));
        std::hint::black_box(differences) == 0 && shown.len() == self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_itself_alone() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.as_str().len(), 64);
        assert!(one.opens(&format!("Bearer {}", one.as_str())));
        let almost = format!("{}x", &one.as_str()[..63]);
        for shown in [other.as_str(), "", &one.as_str()[..63], &almost, &format!("{}0", one.as_str())] {
            assert!(!one.opens(&format!("Bearer {shown}")), "{shown}");
        }
        assert!(!one.opens(one.as_str()));
    }
}
