//! JSON as far as a Dockerfile, a link and the page's own messages need it: strings, lists and objects of them.
//!
//! By hand, for the page: serde_json, which the shells and the worker read documents with, would be a thirtieth of its
//! first load. It takes and refuses the same texts.

/// Reads one value after the other, each once.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Stands before the first value of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Whether nothing follows.
    pub fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// A string; none where something else stands there.
    pub fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        self.rest_of_string(true)
    }

    /// A string or `null`.
    pub fn string_or_null(&mut self) -> Option<Option<String>> {
        if self.peek()? == b'n' { self.word("null").map(|()| None) } else { self.string().map(Some) }
    }

    /// A list: `each` reads what stands in it.
    pub fn list(&mut self, each: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.takes(b']') {
            return Some(());
        }
        loop {
            each(self)?;
            if !self.takes(b',') {
                return self.take(b']');
            }
        }
    }

    /// An object: `each` is given a name and reads the value.
    pub fn object(&mut self, each: &mut dyn FnMut(&mut Self, String) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.take(b':')?;
            each(self, name)?;
            if !self.takes(b',') {
                return self.take(b'}');
            }
        }
    }

    /// Goes past a value, whatever it is. However deep lists lie in each other, none is a call within a call.
    pub fn skip(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            match self.peek()? {
                b'"' => self.skip_string()?,
                b'[' => {
                    self.at += 1;
                    if !self.takes(b']') {
                        open.push(b']');
                        continue;
                    }
                }
                b'{' => {
                    self.at += 1;
                    if !self.takes(b'}') {
                        self.skip_name()?;
                        open.push(b'}');
                        continue;
                    }
                }
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                _ => self.number()?,
            }
            while let Some(closing) = open.last().copied() {
                if self.takes(b',') {
                    if closing == b'}' {
                        self.skip_name()?;
                    }
                    break;
                }
                self.take(closing)?;
                open.pop();
            }
            if open.is_empty() {
                return Some(());
            }
        }
    }

    fn skip_name(&mut self) -> Option<()> {
        self.skip_string()?;
        self.take(b':')
    }

    fn skip_string(&mut self) -> Option<()> {
        self.take(b'"')?;
        self.rest_of_string(false).map(drop)
    }

    /// What follows a quotation mark, up to the next one. What is skipped may have halves of characters in it.
    fn rest_of_string(&mut self, is_wanted: bool) -> Option<String> {
        let mut string = String::new();
        let mut plain = self.at;
        loop {
            let byte = self.next()?;
            if !matches!(byte, b'"' | b'\\' | ..0x20) {
                continue;
            }
            if is_wanted {
                string.push_str(&self.text[plain..self.at - 1]);
            }
            match byte {
                b'"' => return Some(string),
                b'\\' => {
                    let escaped = self.escaped(is_wanted)?;
                    if is_wanted {
                        string.push(escaped);
                    }
                }
                _ => return None,
            }
            plain = self.at;
        }
    }

    fn escaped(&mut self, is_wanted: bool) -> Option<char> {
        Some(match self.next()? {
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'u' => {
                let unit = self.unit()?;
                if !is_wanted {
                    return Some(' ');
                }
                if !(0xd800..0xdc00).contains(&unit) {
                    return char::from_u32(unit);
                }
                if (self.next()?, self.next()?) != (b'\\', b'u') {
                    return None;
                }
                let low = self.unit()?;
                if !(0xdc00..0xe000).contains(&low) {
                    return None;
                }
                char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00))?
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit << 4 | char::from(self.next()?).to_digit(16)?;
        }
        Some(unit)
    }

    fn number(&mut self) -> Option<()> {
        self.takes(b'-');
        if self.next_if(b'0').is_none() {
            self.digits()?;
        }
        if self.next_if(b'.').is_some() {
            self.digits()?;
        }
        if self.next_if(b'e').or_else(|| self.next_if(b'E')).is_some() {
            let _ = self.next_if(b'+').or_else(|| self.next_if(b'-'));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        word.bytes().try_for_each(|byte| self.next_if(byte))
    }

    /// What stands behind blanks.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.peek() == Some(byte) && self.next().is_some()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.text.as_bytes().get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn next_if(&mut self, byte: u8) -> Option<()> {
        (self.text.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }
}

/// The strings of a text that is a list of strings.
pub fn strings(text: &str) -> Option<Vec<String>> {
    let mut reader = Reader::new(text);
    let mut strings = Vec::new();
    reader.list(&mut |reader| {
        strings.push(reader.string()?);
        Some(())
    })?;
    reader.is_at_end().then_some(strings)
}

/// Whether a text is a list, of whatever.
pub fn is_list(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.peek() == Some(b'[') && reader.skip().is_some() && reader.is_at_end()
}

/// Writes a string behind what is there.
pub fn write_string(json: &mut String, string: &str) {
    json.push('"');
    for character in string.chars() {
        let short = match character {
            '"' | '\\' => character,
            '\x08' => 'b',
            '\x0c' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\0'..=' ' if character != ' ' => {
                json.push_str(if character < '\x10' { "\\u000" } else { "\\u001" });
                json.extend(char::from_digit(u32::from(character) & 15, 16));
                continue;
            }
            _ => {
                json.push(character);
                continue;
            }
        };
        json.extend(['\\', short]);
    }
    json.push('"');
}

/// Writes strings as a list.
pub fn write_strings(json: &mut String, strings: &[String]) {
    json.push('[');
    for (place, string) in strings.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        write_string(json, string);
    }
    json.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::IgnoredAny;
    use std::collections::BTreeMap;

    /// Texts that are JSON, and each of them broken in all places.
    fn texts() -> Vec<String> {
        let whole = [
            r#"["a", "b"]"#,
            "[]",
            " [ ] \n",
            r#"["\u0041\u00e9\ud834\udd1e\n\/\"\\\b\f\r\t", "ñ𝄞"]"#,
            r#"["\ud834", "\udd1e\ud834", "\ud834\u0041", "\ud834x"]"#,
            r#"["a", 1, -0.5e+3, 0, 1E9, true, false, null, {}, {"a": [{"b": ["c"]}], "d": 1}, [[]]]"#,
            r#"{"a": "b", "c": "\u00e9"}"#,
            "[01]",
            "[1.]",
            "[-]",
            "[1e]",
            "[-01.5]",
            "[\"\u{1}\"]",
            "[\"\u{7f}\"]",
            r#"[1,]"#,
            r#"[,]"#,
            r#"{"a":}"#,
            r#"{"a" 1}"#,
            r#"{1: 2}"#,
            r#"["\w"]"#,
            r#"["a"] b"#,
            "['a']",
        ];
        let mut texts = Vec::new();
        for text in whole {
            texts.push(text.to_owned());
            for (at, character) in text.char_indices() {
                let behind = &text[at + character.len_utf8()..];
                texts.push(text[..at].to_owned());
                texts.push(format!("{}{behind}", &text[..at]));
                for put in ["\"", "\\", "[", "]", "{", "}", ",", ":", " ", "0", "e", "\u{b}"] {
                    texts.push(format!("{}{put}{behind}", &text[..at]));
                }
            }
        }
        texts
    }

    #[test]
    fn reads_and_refuses_as_serde_json_does() {
        for text in texts() {
            assert_eq!(strings(&text), serde_json::from_slice(text.as_bytes()).ok(), "{text}");
            let is_list_there = serde_json::from_slice::<Vec<IgnoredAny>>(text.as_bytes()).is_ok();
            assert_eq!(is_list(&text), is_list_there, "{text}");
            let mut reader = Reader::new(&text);
            let mut object = BTreeMap::new();
            let read = reader.object(&mut |reader, name| {
                object.insert(name, reader.string()?);
                Some(())
            });
            let read = read.filter(|()| reader.is_at_end()).map(|()| object);
            assert_eq!(read, serde_json::from_slice(text.as_bytes()).ok(), "{text}");
        }
    }

    #[test]
    fn deep_lists_are_gone_past() {
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert!(is_list(&deep));
        assert!(!is_list(&deep[1..]));
    }

    #[test]
    fn writes_as_serde_json_does() {
        let all: String = (0..0x2100).filter_map(char::from_u32).chain(['𝄞']).collect();
        for strings in [vec![all, String::new(), "a".to_owned()], Vec::new()] {
            let mut json = String::new();
            write_strings(&mut json, &strings);
            assert_eq!(json, serde_json::to_string(&strings).expect("strings can be written"));
        }
    }
}
