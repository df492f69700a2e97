//! The whole state in the part of the address behind `#`: nothing is sent to anybody.
//!
//! `#v1:` and then JSON, deflated (by the browser: `effects/deflate.rs`), in base64 for addresses. Links that were given away keep working: a new
//! form gets a new number, and the old ones stay readable.

use layercast_core::image_ref::Platform;
use layercast_core::json::{self, Reader};
use std::collections::BTreeMap;

const PREFIX: &str = "v1:";
/// Longer links are cut by messengers and refused by servers.
const LONGEST: usize = 16_000;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What a link holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The Dockerfile.
    pub source: String,
    /// The target; none for the last stage.
    pub target: Option<String>,
    /// The platform; none for linux/amd64.
    pub platform: Option<Platform>,
    /// The build arguments.
    pub args: BTreeMap<String, String>,
    /// What the tabs show, in their script's own words (`www/tabs/src/view.js`); empty for the image.
    pub view: String,
}

/// What is deflated: none where the text is too long for a link.
pub fn to_json(link: &Link) -> Option<Vec<u8>> {
    if link.source.len() > LONGEST * 16 {
        return None;
    }
    let Link { source, target, platform, args, view } = link;
    let mut json = "{\"source\":".to_owned();
    json::write_string(&mut json, source);
    let platform = platform.as_ref().map(Platform::to_string);
    for (name, value) in [("target", target), ("platform", &platform)] {
        value.iter().for_each(|value| write_member(&mut json, name, value));
    }
    if !args.is_empty() {
        json.push_str(",\"args\":{");
        let start = json.len();
        args.iter().for_each(|(name, value)| write_member(&mut json, name, value));
        // The first one has a comma too many.
        json.remove(start);
        json.push('}');
    }
    if !view.is_empty() {
        write_member(&mut json, "view", view);
    }
    json.push('}');
    Some(json.into_bytes())
}

fn write_member(json: &mut String, name: &str, value: &str) {
    json.push(',');
    json::write_string(json, name);
    json.push(':');
    json::write_string(json, value);
}

/// The fragment of deflated JSON, without `#`; none where it is too long for a link.
pub fn to_fragment(deflated: &[u8]) -> Option<String> {
    let fragment = format!("{PREFIX}{}", to_base64(deflated));
    (fragment.len() <= LONGEST).then_some(fragment)
}

/// The deflated JSON of a fragment, with or without `#`; none where it is no link of ours.
pub fn from_fragment(fragment: &str) -> Option<Vec<u8>> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    from_base64(fragment.strip_prefix(PREFIX)?)
}

/// What JSON says; none where it says no link.
pub fn from_json(json: &[u8]) -> Option<Link> {
    let mut reader = Reader::new(std::str::from_utf8(json).ok()?);
    let (mut link, mut source) = (Link::default(), None);
    reader.object(&mut |reader, name| {
        match name.as_str() {
            "source" => source = Some(reader.string()?),
            "target" => link.target = reader.string_or_null()?,
            "platform" => {
                let platform = reader.string_or_null()?;
                link.platform = platform.map(|platform| Platform::parse(&platform)).transpose().ok()?;
            }
            "args" => reader.object(&mut |reader, name| {
                link.args.insert(name, reader.string()?);
                Some(())
            })?,
            "view" => link.view = reader.string()?,
            // Of a newer page.
            _ => reader.skip()?,
        }
        Some(())
    })?;
    reader.is_at_end().then_some(Link { source: source?, ..link })
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;
    use miniz_oxide::inflate::decompress_to_vec;

    fn encode(link: &Link) -> Option<String> {
        to_fragment(&compress_to_vec(&to_json(link)?, 9))
    }

    fn decode(fragment: &str) -> Option<Link> {
        from_json(&decompress_to_vec(&from_fragment(fragment)?).ok()?)
    }

    fn link() -> Link {
        Link {
            source: "FROM alpine AS ünïcode\nRUN echo \"a\"\n".to_owned(),
            target: Some("ünïcode".to_owned()),
            platform: Platform::parse("linux/arm/v7").ok(),
            args: BTreeMap::from([("VERSION".to_owned(), "1.2=3".to_owned())]),
            view: String::new(),
        }
    }

    #[test]
    fn a_link_comes_back_whole() {
        for link in [link(), Link::default()] {
            let fragment = encode(&link).unwrap_or_default();
            assert_eq!(decode(&fragment), Some(link.clone()));
            assert_eq!(decode(&format!("#{fragment}")), Some(link));
        }
    }

    #[test]
    fn what_the_tabs_show_goes_along() {
        let link = Link { view: "cache?change=file&path=a".to_owned(), ..link() };
        assert_eq!(decode(&encode(&link).unwrap_or_default()), Some(link));
    }

    #[test]
    fn what_a_newer_page_says_is_passed_over() {
        let json = br#" { "new": [{"a": 1}], "target": null, "source": "FROM a", "args": {} } "#;
        assert_eq!(from_json(json), Some(Link { source: "FROM a".to_owned(), ..Link::default() }));
        assert_eq!(from_json(br#"{"source": "", "platform": "what"}"#), None);
        assert_eq!(from_json(br#"{"target": "a"}"#), None);
    }

    #[test]
    fn a_broken_link_is_no_link() {
        let fragment = encode(&link()).unwrap_or_default();
        for end in 0..fragment.len() {
            assert_eq!(decode(&fragment[..end]), None, "cut off at {end}");
        }
        for broken in ["", "#", "v1:", "v2:AAAA", "v1:!!!!", "v1:////", "stages"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_text_too_long_makes_no_link() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + (state >> 24) as u8 % 90)
        };
        let source: String = (0..40_000).map(|_| noise()).collect();
        assert_eq!(encode(&Link { source, ..Link::default() }), None);
    }

    /// Links that were given away. Never change these; add one for each new form.
    #[test]
    fn old_links_keep_working() {
        let decoded = decode(GOLDEN_V1);
        assert_eq!(decoded, Some(link()));
    }

    const GOLDEN_V1: &str = "v1:q1Yqzi8tSk5VslJyC_L3VUjMKcjMS1VwDFY4vCfv8Prk_JTUmLygUD-F1OSMfIUYpcQYpZg8JR2lksSi9NQSoC64MqBgQU5iSVp-US5QOCczr7RCP7EoV7_MHCgDVF2sZFWtFOYaFOzp7wdUYKhnZGusVFsLAA";
}
