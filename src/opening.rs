//! What a layer opens to, as HTML: its parts, what of it is not known, what should be known of it.
//!
//! The worker writes it, so that the page carries no code for it.
//!
//! **Invariant:** whatever comes from a Dockerfile, a file name or a registry is escaped.

use crate::bytes::{self, Bytes};
use crate::strings;
use layercast_core::estimate::Estimate;
use layercast_core::report::{Layer, LayerPart};
use std::fmt::Write as _;

/// What a layer opens to; empty where its row says all.
pub fn opening(layer: &Layer) -> String {
    let mut html = String::new();
    if !layer.parts.is_empty() {
        table(&mut html, layer);
    }
    list(&mut html, strings::NOT_KNOWN.t(), "open", &layer.unknown);
    list(&mut html, strings::NOTES.t(), "notes", &layer.notes);
    html
}

fn table(html: &mut String, layer: &Layer) {
    let _ = write!(
        html,
        "<table class=parts><thead><tr><th scope=col>{}<th scope=col class=number>{}<th scope=col class=number>{}\
         <th scope=col class=basis>{}<tbody>",
        strings::PART.t(),
        strings::UNPACKED.t(),
        strings::DOWNLOAD.t(),
        strings::BASIS.t()
    );
    layer.parts.iter().for_each(|part| row(html, part));
    let (Some(unpacked), Some(download), 2..) = (&layer.unpacked, &layer.download, layer.parts.len()) else {
        html.push_str("</table>");
        return;
    };
    let _ = write!(html, "<tfoot><tr><th scope=row>{}", strings::parts(layer.parts.len()));
    size(html, unpacked);
    size(html, download);
    html.push_str("<td class=basis></table>");
}

fn row(html: &mut String, part: &LayerPart) {
    let own_name = part.path.rsplit('/').next().unwrap_or_default();
    let (name, path) =
        if own_name == part.name { (&part.path, "") } else { (&part.name, part.path.as_str()) };
    let _ = write!(html, "<tr><td class=part>{}", Escaped(name));
    if path.len() > 1 {
        let _ = write!(html, "<small>{}</small>", Escaped(path));
    }
    size(html, &part.unpacked);
    size(html, &part.download);
    let _ = write!(html, "<td class=basis>{}", Escaped(&part.unpacked.basis.sentence()));
}

fn size(html: &mut String, size: &Estimate) {
    let _ = write!(html, "<td class=number>{}", Bytes(size.likely));
    if let Some(range) = bytes::range(size) {
        let _ = write!(html, "<small>{range}</small>");
    }
}

fn list(html: &mut String, title: &str, class: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    let _ = write!(html, "<p class={class}><b>{title}</b></p><ul class={class}>");
    for text in texts {
        let _ = write!(html, "<li>{}", Escaped(text));
    }
    html.push_str("</ul>");
}

/// Text within HTML.
pub(crate) struct Escaped<'t>(pub(crate) &'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            formatter.write_str(&rest[..at])?;
            write!(formatter, "&#{};", rest.as_bytes()[at])?;
            rest = &rest[at + 1..];
        }
        formatter.write_str(rest)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use layercast_core::facts::{BuildContext, ContextFile, Facts};

    fn layer(source: &str, files: &[(&str, u64)]) -> Layer {
        let files = files.iter().map(|(path, bytes)| ContextFile::new(*path, *bytes)).collect();
        let context = BuildContext { files, partial: false };
        let facts = Facts { context: Some(context), ..Facts::default() };
        layercast_core::analyse(source, &facts).layers.remove(0)
    }

    #[test]
    fn a_copy_opens_to_its_files() {
        let layer = layer("FROM scratch\nCOPY . /app/", &[("a.txt", 2_000_000), ("lib/b.zip", 1_000_000)]);
        let html = opening(&layer).replace('\u{a0}', " ");
        let rows: Vec<&str> = html.split("<tr>").skip(2).collect();
        assert_eq!(
            rows,
            [
                "<td class=part>/app/a.txt<td class=number>2 MB<td class=number>440 kB<small>100–700 kB</small>\
                 <td class=basis>the length of 1 file",
                "<td class=part>/app/lib/b.zip<td class=number>1 MB<td class=number>1 MB\
                 <small>980 kB – 1.01 MB</small><td class=basis>the length of 1 file<tfoot>",
                "<th scope=row>2 parts together<td class=number>3 MB<td class=number>1.44 MB\
                 <small>1.10–1.70 MB</small><td class=basis></table>",
            ]
        );
    }

    #[test]
    fn names_are_text_whatever_they_hold() {
        let html = opening(&layer("FROM scratch\nCOPY . /", &[("<img onerror='x'>&\"", 5)]));
        assert!(html.contains("&#60;img onerror=&#39;x&#39;&#62;&#38;&#34;"), "{html}");
        assert!(!html.contains("<img"), "{html}");
    }

    #[test]
    fn what_is_not_known_is_listed() {
        let html = opening(&layer("FROM scratch\nRUN /never/heard-of", &[]));
        assert!(html.starts_with("<p class=open>"), "{html}");
    }

    #[test]
    fn what_its_row_says_opens_to_nothing() {
        assert_eq!(opening(&layer("FROM scratch\nWORKDIR /app", &[])), "");
    }
}
