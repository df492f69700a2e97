//! The length of an uncompressed layer, by the last four bytes of its gzip stream.
//!
//! They hold the length modulo 2³², of the last member alone where there are several (eStargz). So what they
//! say is believed only where it could be the length of a tar of such a blob: RFC 1952, section 2.3.1.

/// A tar of text and zeros is no more than about this often its compressed size.
const MOST_RATIO: u64 = 20;
/// A length past 2³² is guessed, so it is believed only at a common ratio.
const MOST_RATIO_WRAPPED: u64 = 6;
/// A tiny layer (WORKDIR) is nearly all padding, which any ratio may meet.
const TINY: u64 = 32 * 1024;
const WRAP: u64 = 1 << 32;

/// The length of the tar inside a gzip blob of `size` bytes that ends with `trailer`; none where several
/// lengths could be meant, or none at all.
pub fn tar_length(trailer: [u8; 4], size: u64) -> Option<u64> {
    let modulo = u64::from(u32::from_le_bytes(trailer));
    if modulo % 512 != 0 {
        return None;
    }
    let whole = Some(modulo).filter(|length| *length <= TINY.max(size.saturating_mul(MOST_RATIO)));
    let most = size.saturating_mul(MOST_RATIO_WRAPPED);
    let least_wraps = size.saturating_sub(modulo).div_ceil(WRAP).max(1);
    let wrapped = (least_wraps..).map_while(|times| {
        let length = times.checked_mul(WRAP)?.checked_add(modulo)?;
        (length <= most).then_some(length)
    });
    let whole = whole.filter(|length| *length >= size);
    let mut fitting = whole.into_iter().chain(wrapped);
    let length = fitting.next();
    // Two lengths fit a blob of more than about 0.7 GB: saying which would be a guess.
    if fitting.next().is_some() { None } else { length }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(length: u64, size: u64, expected: Option<u64>) {
        let trailer = u32::try_from(length % WRAP).expect("a remainder of 2³² is a u32").to_le_bytes();
        assert_eq!(tar_length(trailer, size), expected);
    }

    #[test]
    fn a_common_layer_is_believed() {
        check(80_478_208, 28_000_000, Some(80_478_208));
    }

    #[test]
    fn a_tiny_layer_is_believed_at_any_ratio() {
        check(2048, 93, Some(2048));
        check(1024, 32, Some(1024));
    }

    #[test]
    fn what_cannot_be_a_tar_is_not_believed() {
        check(80_478_209, 28_000_000, None); // no multiple of 512
        check(1024, 28_000_000, None); // the last member only
        check(28_000_256 / 512 * 512 * 21, 28_000_000, None); // more than 20 times
        check(0, 0, Some(0));
    }

    #[test]
    fn a_length_past_four_gibibytes_is_put_together_again() {
        check(5_368_709_120, 2_000_000_000, None); // 5.4 or 9.7 GB
        check(5_368_709_120, 1_200_000_000, Some(5_368_709_120));
    }

    #[test]
    fn a_length_that_could_be_two_is_not_guessed() {
        check(2_147_483_648, 1_500_000_000, None);
    }

    #[test]
    fn a_huge_size_in_a_manifest_ends() {
        check(512, u64::MAX, None);
    }
}
