//! Which image of an index is the one for a platform.
//!
//! As containerd's `platforms.Only`: an ARM variant runs the lower ones, amd64 runs 386.

use crate::image_ref::Platform;
use crate::registry::RegistryError;
use crate::registry::wire::Entry;

/// The digest of the entry for `wanted`.
pub(super) fn choose<'a>(entries: &'a [Entry], wanted: &Platform) -> Result<&'a str, RegistryError> {
    let named = |platform: &Platform| entries.iter().find(|entry| entry.platform.as_ref() == Some(platform));
    if let Some(entry) = runnable(wanted).iter().find_map(named) {
        return Ok(&entry.digest);
    }
    if let [Entry { digest, platform: None }] = entries {
        return Ok(digest);
    }
    let mut available: Vec<Platform> = Vec::new();
    for platform in entries.iter().filter_map(|entry| entry.platform.clone()) {
        if !available.contains(&platform) {
            available.push(platform);
        }
    }
    Err(RegistryError::NoPlatform { wanted: wanted.clone(), available })
}

/// The platform itself, then what it runs besides, best first.
fn runnable(wanted: &Platform) -> Vec<Platform> {
    let with = |architecture: &str, variant: &str| Platform {
        os: wanted.os.clone(),
        architecture: architecture.to_owned(),
        variant: variant.to_owned(),
    };
    let level = |prefix: &str| wanted.variant.strip_prefix(prefix).and_then(|level| level.parse::<u8>().ok());
    let mut platforms = vec![wanted.clone()];
    match wanted.architecture.as_str() {
        "arm" => {
            let lower = (5..level("v").unwrap_or(7).min(9)).rev();
            platforms.extend(lower.map(|level| with("arm", &format!("v{level}"))));
        }
        "arm64" => platforms.extend(
            ["", "v8", "v7", "v6", "v5"]
                .map(|variant| if variant.is_empty() { with("arm64", "") } else { with("arm", variant) }),
        ),
        "amd64" => {
            let lower = (2..level("v").unwrap_or(1).min(9)).rev();
            platforms.extend(lower.map(|level| with("amd64", &format!("v{level}"))));
            platforms.extend([with("amd64", ""), with("386", "")]);
        }
        _ => {}
    }
    platforms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wanted: &str, present: &[&str], chosen: Result<&str, &str>) {
        let platform = |text: &&str| Platform::parse(text).expect("a platform in a test");
        let entry = |text: &&str| Entry { digest: (*text).to_owned(), platform: Some(platform(text)) };
        let entries: Vec<Entry> = present.iter().map(entry).collect();
        let found = choose(&entries, &platform(&wanted)).map_err(|error| error.to_string());
        assert_eq!(found, chosen.map_err(str::to_owned));
    }

    #[test]
    fn the_named_platform_is_taken() {
        check("linux/arm/v7", &["linux/amd64", "linux/arm/v6", "linux/arm/v7"], Ok("linux/arm/v7"));
        check("linux/arm64", &["linux/arm64/v8"], Ok("linux/arm64/v8"));
    }

    #[test]
    fn a_lower_variant_runs_too() {
        check("linux/arm/v7", &["linux/arm/v5", "linux/arm/v6"], Ok("linux/arm/v6"));
        check("linux/amd64/v3", &["linux/amd64", "linux/arm64"], Ok("linux/amd64"));
        check("linux/amd64", &["linux/386"], Ok("linux/386"));
    }

    #[test]
    fn a_missing_platform_names_those_there_are() {
        check(
            "linux/s390x",
            &["linux/amd64", "linux/arm64", "linux/amd64"],
            Err("there is no build for linux/s390x, only for linux/amd64, linux/arm64"),
        );
        check(
            "linux/arm/v6",
            &["linux/arm/v7"],
            Err("there is no build for linux/arm/v6, only for linux/arm/v7"),
        );
        check("linux/amd64", &[], Err("there is no build for linux/amd64"));
    }

    #[test]
    fn one_image_without_a_platform_is_the_image() {
        let only = [Entry { digest: "x".to_owned(), platform: None }];
        assert_eq!(choose(&only, &Platform::linux_amd64()), Ok("x"));
    }
}
