//! A size that is typed in a tab, on its way to the page: the stage, the step, both sizes as they were typed,
//! with tabs between: no step's text holds one, its white space being folded.

use crate::bytes;
use layercast_core::facts::Pin;

/// What stands before and behind the size that is typed, for the script to put together.
pub fn around(pin: &Pin, is_download: bool) -> (String, String) {
    let step = format!("{}\t{}\t", pin.stage, pin.instruction);
    let other = |size: Option<u64>| size.map(|bytes| bytes.to_string()).unwrap_or_default();
    if is_download {
        (format!("{step}{}\t", other(pin.unpacked)), String::new())
    } else {
        (step, format!("\t{}", other(pin.download)))
    }
}

/// The pin that a text says; none where a size cannot be read. An empty size is none.
pub fn from_text(text: &str) -> Option<Pin> {
    let mut words = text.split('\t');
    let (stage, instruction) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut size = || match words.next()?.trim() {
        "" => Some(None),
        typed => bytes::parse(typed).map(Some),
    };
    Some(Pin { stage, instruction, unpacked: size()?, download: size()? })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn pin(unpacked: Option<u64>, download: Option<u64>) -> Pin {
        Pin { stage: "build".to_owned(), instruction: "RUN make".to_owned(), unpacked, download }
    }

    /// What is typed into one of the fields of a step, and the pin that comes of it.
    #[track_caller]
    fn check(known: &Pin, is_download: bool, typed: &str, expected: Option<Pin>) {
        let (before, behind) = around(known, is_download);
        assert_eq!(from_text(&format!("{before}{typed}{behind}")), expected);
    }

    #[test]
    fn the_other_size_of_the_step_stays() {
        check(&pin(None, None), false, "12 MB", Some(pin(Some(12_000_000), None)));
        check(&pin(Some(5), None), true, " 1k ", Some(pin(Some(5), Some(1_000))));
        check(&pin(Some(5), Some(7)), false, "6", Some(pin(Some(6), Some(7))));
    }

    #[test]
    fn an_empty_size_takes_the_pin_out() {
        check(&pin(Some(5), Some(7)), false, " ", Some(pin(None, Some(7))));
        check(&pin(None, Some(7)), true, "", Some(pin(None, None)));
    }

    #[test]
    fn what_is_no_size_is_no_pin() {
        check(&pin(None, Some(7)), false, "a lot", None);
        check(&pin(None, None), true, "99999999999999999999", None);
        assert_eq!(from_text("build\tRUN make"), None);
    }
}
