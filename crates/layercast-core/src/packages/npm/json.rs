//! JSON as people write it: with comments, and commas before a closing bracket.

/// The same as strict JSON.
pub fn relaxed(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut signs = text.trim_start_matches('\u{feff}').chars().peekable();
    let (mut quoted, mut escaped) = (false, false);
    while let Some(sign) = signs.next() {
        if quoted {
            (quoted, escaped) = (escaped || sign != '"', !escaped && sign == '\\');
        } else if sign == '"' {
            quoted = true;
        } else if sign == '/' && signs.peek() == Some(&'/') {
            while signs.next_if(|sign| *sign != '\n').is_some() {}
            continue;
        } else if sign == '/' && signs.peek() == Some(&'*') {
            let mut last = ' ';
            for sign in signs.by_ref().skip(1) {
                if last == '*' && sign == '/' {
                    break;
                }
                last = sign;
            }
            continue;
        } else if matches!(sign, ']' | '}') {
            let end = clean.trim_end().len();
            if clean.get(..end).is_some_and(|before| before.ends_with(',')) {
                clean.truncate(end - 1);
            }
        }
        clean.push(sign);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_commas_are_left_out() {
        let text = "{ // one\n \"a\": [1, 2,], /* \"b\": 3, */ \"c\": \"//, ]\\\",}\",\n}";
        assert_eq!(relaxed(text), "{ \n \"a\": [1, 2],  \"c\": \"//, ]\\\",}\"}");
        assert_eq!(relaxed("/* never ended"), "");
    }
}
