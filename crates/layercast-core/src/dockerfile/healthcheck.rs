//! HEALTHCHECK: a command that is run now and then, or NONE.

use super::command_line::CommandLine;
use super::flag_set::{FlagKind, FlagSet};
use super::reader::{Reader, Refusal};

/// HEALTHCHECK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// NONE: the base's is switched off.
    None,
    /// CMD and its command.
    Command(CommandLine),
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Healthcheck, Refusal> {
    let example = "Write `HEALTHCHECK CMD command`, or `HEALTHCHECK NONE`.";
    let Some((kind, rest)) = reader.first_word() else {
        return Err(reader.refuse("argument-missing", "HEALTHCHECK has neither CMD nor NONE").note(example));
    };
    let json = reader.json_of(rest)?;
    match kind.text.to_ascii_uppercase().as_str() {
        "NONE" if rest.is_empty() => return Ok(Healthcheck::None),
        "NONE" => {
            return Err(reader.refuse_at("none-with-arguments", rest, "NONE takes no arguments".to_owned()));
        }
        _ => {}
    }
    let flags = reader.flags(&[
        ("interval", FlagKind::Text),
        ("timeout", FlagKind::Text),
        ("start-period", FlagKind::Text),
        ("start-interval", FlagKind::Text),
        ("retries", FlagKind::Text),
    ])?;
    if !kind.text.eq_ignore_ascii_case("CMD") {
        let message = format!("HEALTHCHECK is followed by CMD or NONE, not by `{}`", kind.text);
        return Err(reader.refuse_in_source("healthcheck-kind", kind.range, message).note(example));
    }
    let command = match json {
        Some(words) => CommandLine::Exec(words),
        None => CommandLine::Shell(reader.part(rest).text),
    };
    if rest.is_empty() || command == CommandLine::Exec(Vec::new()) {
        return Err(reader.refuse("command-missing", "the command behind CMD is missing").note(example));
    }
    check_times(reader, &flags)?;
    Ok(Healthcheck::Command(command))
}

fn check_times(reader: &Reader<'_>, flags: &FlagSet) -> Result<(), Refusal> {
    for name in ["interval", "timeout", "start-period", "start-interval"] {
        let Some(value) = flags.get(name).filter(|value| !value.text.is_empty()) else { continue };
        let refuse = |message: String| reader.refuse_in_source("invalid-duration", value.range, message);
        match nanoseconds(&value.text) {
            None => {
                let refusal = refuse(format!("`{}` is no duration", value.text));
                return Err(refusal.note("Write a number with its unit: 30s, 1m30s, 500ms."));
            }
            Some(time) if time != 0.0 && time < 1e6 => {
                return Err(refuse(format!("--{name} is at least 1ms")));
            }
            Some(_) => {}
        }
    }
    let Some(retries) = flags.get("retries").filter(|value| !value.text.is_empty()) else { return Ok(()) };
    match retries.text.parse::<i32>() {
        Ok(count) if count >= 0 => Ok(()),
        _ => {
            let message = format!("--retries is a number from 0, not `{}`", retries.text);
            Err(reader.refuse_in_source("invalid-retries", retries.range, message))
        }
    }
}

/// A duration as Go writes it: `1h2m3.5s`, with an optional sign.
fn nanoseconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|character: char| !(character.is_ascii_digit() || character == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let unit = after
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let scale = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        total += decimal(number)? * scale;
        rest = after;
    }
    Some(sign * total)
}

/// Digits with at most one point. The standard library's reader of floats brings ten kilobytes of tables, which
/// every visitor of the page would load.
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let digits = |text: &str| text.bytes().fold(0.0, |value, digit| value * 10.0 + f64::from(digit - b'0'));
    let scale = fraction.bytes().fold(1.0, |scale, _| scale * 10.0);
    Some(digits(whole) + digits(fraction) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::tests::{check_refused, read};

    #[test]
    fn a_healthcheck_is_a_command_or_none() {
        assert!(read("HEALTHCHECK --interval=1m30s --retries=3 CMD curl x").is_ok());
        assert!(read("HEALTHCHECK none").is_ok());
        check_refused("HEALTHCHECK NONE x", "NONE takes no arguments @ x");
        let note = "Write `HEALTHCHECK CMD command`, or `HEALTHCHECK NONE`.";
        check_refused(
            "HEALTHCHECK curl",
            &format!("HEALTHCHECK is followed by CMD or NONE, not by `curl` ({note}) @ curl"),
        );
        check_refused("HEALTHCHECK CMD", &format!("the command behind CMD is missing ({note}) @ CMD"));
        check_refused(
            "HEALTHCHECK --interval=5 CMD x",
            "`5` is no duration (Write a number with its unit: 30s, 1m30s, 500ms.) @ --interval=5",
        );
    }

    #[test]
    fn durations_are_read_as_go_reads_them() {
        assert_eq!(nanoseconds("1m30s"), Some(90e9));
        assert_eq!(nanoseconds("0"), Some(0.0));
        assert_eq!(nanoseconds("1.5h"), Some(5400e9));
        assert_eq!(nanoseconds("5"), None);
        assert_eq!(nanoseconds(""), None);
    }
}
