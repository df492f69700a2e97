//! A .deb, read once: an ar archive with the control and the data archive in it, of which only figures are kept.

use crate::Failed;
use crate::child::unpack;
use flate2::Compression;
use flate2::write::GzEncoder;
use layercast_core::package_table::Measured;
use std::io::{Read, Write};

/// What Debian's -slim images leave out of every package, but for the files named `copyright`.
const DROPPED: [&str; 7] = [
    "usr/share/doc/",
    "usr/share/man/",
    "usr/share/info/",
    "usr/share/locale/",
    "usr/share/groff/",
    "usr/share/lintian/",
    "usr/share/linda/",
];

/// Figures of a .deb.
pub(crate) fn measure(archive: &[u8]) -> Result<Measured, Failed> {
    let mut measured = Measured::default();
    for (name, content) in members(archive)? {
        match name.split_once('.') {
            Some(("control", _)) => control(&tar_of(name, content)?, &mut measured)?,
            Some(("data", _)) => data(&tar_of(name, content)?, &mut measured)?,
            _ => {}
        }
    }
    if measured.control == 0 { Err(Failed("no control file".to_owned())) } else { Ok(measured) }
}

/// The members of an ar archive.
fn members(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, Failed> {
    let broken = || Failed("not a .deb".to_owned());
    let mut rest = archive.strip_prefix(b"!<arch>\n").ok_or_else(broken)?;
    let mut members = Vec::new();
    while rest.len() >= 60 {
        let (header, after) = rest.split_at(60);
        let text = |from: usize, to: usize| {
            std::str::from_utf8(&header[from..to]).map(str::trim).map_err(|_| broken())
        };
        let length: usize = text(48, 58)?.parse().map_err(|_| broken())?;
        members.push((text(0, 16)?.trim_end_matches('/'), after.get(..length).ok_or_else(broken)?));
        rest = after.get(length + length % 2..).unwrap_or_default();
    }
    Ok(members)
}

fn tar_of(name: &str, content: &[u8]) -> Result<Vec<u8>, Failed> {
    match name.rsplit('.').next() {
        Some("tar") => Ok(content.to_vec()),
        Some("xz") => unpack("xz", content),
        Some("zst") => unpack("zstd", content),
        Some("gz") => unpack("gzip", content),
        _ => Err(Failed(format!("{name} is packed in an unknown way"))),
    }
}

/// What lands in dpkg's folder: every file but `control`, which goes into the status file.
fn control(tar: &[u8], measured: &mut Measured) -> Result<(), Failed> {
    for entry in tar::Archive::new(tar).entries()? {
        let entry = entry?;
        let is_control = entry.path()?.ends_with("control");
        if is_control {
            measured.control = entry.size();
        } else {
            measured.info += entry.size();
        }
    }
    Ok(())
}

fn data(tar: &[u8], measured: &mut Measured) -> Result<(), Failed> {
    let packer = || GzEncoder::new(Vec::new(), Compression::new(6));
    let (mut kept, mut dropped) = (packer(), packer());
    let mut archive = tar::Archive::new(tar);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes().into_owned();
        let path = String::from_utf8_lossy(&path).into_owned();
        let path = path.trim_start_matches("./");
        // dpkg's list of the package's files: each as an absolute path on its line.
        measured.info += path.trim_end_matches('/').len() as u64 + 2;
        let header = *entry.header().as_bytes();
        let mut content = Vec::new();
        if entry.header().entry_type().is_file() {
            entry.read_to_end(&mut content)?;
        }
        let length = content.len() as u64;
        let is_dropped =
            DROPPED.iter().any(|folder| path.starts_with(folder)) && !path.ends_with("/copyright");
        let packer = if is_dropped {
            measured.dropped += length;
            &mut dropped
        } else {
            measured.kept += length;
            measured.entries += 1;
            if path.ends_with(".py") && is_compiled(path) {
                measured.python += length;
            }
            &mut kept
        };
        packer.write_all(&header)?;
        packer.write_all(&content)?;
        packer.write_all(&[0; 512][..(512 - content.len() % 512) % 512])?;
    }
    measured.kept_gzip = kept.finish()?.len() as u64;
    measured.dropped_gzip = dropped.finish()?.len() as u64;
    Ok(())
}

/// Where the scripts of Debian's packages compile Python: in the folders of packages, and in private ones that ask
/// for it as a rule.
fn is_compiled(path: &str) -> bool {
    path.starts_with("usr/lib/python3") || path.starts_with("usr/share/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar_with(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append_data(&mut header, path, text.as_bytes()).expect("a Vec takes all");
        }
        builder.into_inner().expect("a Vec takes all")
    }

    fn ar_with(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = b"!<arch>\n".to_vec();
        for (name, content) in members {
            archive.extend(
                format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, content.len()).bytes(),
            );
            archive.extend(*content);
            archive.extend(vec![b'\n'; content.len() % 2]);
        }
        archive
    }

    #[test]
    fn a_deb_is_measured_with_and_without_its_documentation() {
        let control = tar_with(&[("./control", "Package: a\n"), ("./postinst", "#!/bin/sh\n")]);
        let data = tar_with(&[
            ("./usr/bin/a", "12345"),
            ("./usr/share/doc/a/copyright", "12"),
            ("./usr/share/doc/a/changelog.gz", "1234567"),
            ("./usr/lib/python3/dist-packages/a.py", "123"),
        ]);
        let deb = ar_with(&[("debian-binary", b"2.0\n"), ("control.tar", &control), ("data.tar", &data)]);
        let measured = measure(&deb).expect("it is a .deb");
        assert_eq!((measured.kept, measured.dropped, measured.entries, measured.python), (10, 7, 3, 3));
        assert_eq!((measured.control, measured.info), (11, 10 + 11 + 27 + 30 + 36));
        assert!(measure(b"<html>").is_err());
    }
}
