//! Where the context comes from, as git knows it: buildx has it written into the account that lies beside an image.
//! <https://docs.docker.com/build/building/variables/#buildx_git_info>

use super::asked::Asked;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// Attributes of the build; none outside of a work tree, or without git.
pub(super) async fn attributes(asked: &Asked) -> Vec<(String, String)> {
    let here = asked.context.as_path();
    let (told, origin) = tokio::join!(
        git(here, &["rev-parse", "--show-toplevel", "HEAD"]),
        git(here, &["remote", "get-url", "origin"])
    );
    let mut told = told.lines();
    let Some(root) = told.next().filter(|root| Path::new(root).is_absolute()) else { return Vec::new() };
    let source = match origin.trim() {
        "" => git(here, &["remote", "get-url", "upstream"]).await,
        _ => origin,
    };
    let mut attributes = Vec::new();
    let mut say = |name: &str, value: String| attributes.push((format!("vcs:{name}"), value));
    // Before the first commit, HEAD stands there as it was asked for.
    if let Some(revision) = told.next().filter(|revision| *revision != "HEAD") {
        say("revision", revision.to_owned());
    }
    if !source.trim().is_empty() {
        say("source", without_sign_in(source.trim()));
    }
    let named = asked.folders.iter().map(|(name, folder)| (name.as_str(), folder.as_path()));
    for (name, folder) in named.chain([("context", here), ("dockerfile", &asked.dockerfile_folder)]) {
        if let Some(path) = below(folder, Path::new(root)) {
            say(&format!("localdir:{name}"), path);
        }
    }
    attributes
}

/// What git prints, also where it fails after that.
async fn git(folder: &Path, args: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(args).env("LC_ALL", "C").stdin(Stdio::null()).kill_on_drop(true);
    let output = git.stderr(Stdio::null()).output().await;
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// A folder as seen from the root of the work tree: a dot for the root itself, none outside.
fn below(folder: &Path, root: &Path) -> Option<String> {
    let (folder, root) = (folder.canonicalize().ok()?, root.canonicalize().ok()?);
    let path = folder.strip_prefix(root).ok()?.to_string_lossy().into_owned();
    Some(if path.is_empty() { ".".to_owned() } else { path })
}

/// An address without the name and password that may stand in it.
fn without_sign_in(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://").filter(|(scheme, _)| scheme.starts_with("http"))
    else {
        return address.to_owned();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_part_of_an_address() {
        assert_eq!(without_sign_in("https://me:secret@git.example/a@b.git"), "https://git.example/a@b.git");
        assert_eq!(without_sign_in("https://token@git.example"), "https://git.example");
        assert_eq!(without_sign_in("git@git.example:a/b.git"), "git@git.example:a/b.git");
        assert_eq!(without_sign_in("/srv/a.git"), "/srv/a.git");
    }
}
