//! "Did you mean …?": the nearest of the names there are.

/// The candidate nearest to `word`, where one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_ascii_lowercase();
    let most = (wanted.chars().count() / 3).max(1);
    let length = |text: &str| text.chars().count();
    candidates
        .into_iter()
        .filter(|candidate| length(candidate).abs_diff(length(&wanted)) <= most)
        .map(|candidate| (distance(&wanted, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The sentence for a candidate: "Did you mean `build`?"
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, candidates).map(|name| format!("Did you mean `{name}`?"))
}

/// How many insertions, deletions, replacements and swaps of neighbours turn one word into the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // The last three rows of the table: of two characters back, of one, and the one being filled.
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let (mut two_above, mut row) = (above.clone(), above.clone());
    for i in 1..=left.len() {
        row[0] = i;
        for j in 1..=right.len() {
            let changed = usize::from(left[i - 1] != right[j - 1]);
            let mut best = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + changed);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(two_above[j - 2] + 1);
            }
            row[j] = best;
        }
        std::mem::swap(&mut two_above, &mut above);
        std::mem::swap(&mut above, &mut row);
    }
    above[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_another_word_does_not() {
        let stages = ["builder", "runtime", "test"];
        assert_eq!(nearest("bulider", stages), Some("builder"));
        assert_eq!(nearest("Tests", stages), Some("test"));
        assert_eq!(nearest("production", stages), None);
    }
}
