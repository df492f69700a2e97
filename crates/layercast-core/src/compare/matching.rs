//! Which lines of one list stand for which of another: in order, alike as far as can be.

/// More pairs than this are looked at for equal texts alone.
const MOST_PAIRS: usize = 250_000;
/// Two texts of the same words stand for each other more than any two that differ.
const SAME: u32 = 1_000;

/// Pairs of places, in the order of both lists; a place without a counterpart stands alone. Of texts that differ
/// those are counterparts that begin with the same word and share others.
pub(super) fn matched(ones: &[String], others: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let exact = ones.len().saturating_mul(others.len()) > MOST_PAIRS;
    let scores = scores(ones, others, exact);
    let (mut at, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while at < ones.len() || other < others.len() {
        let width = others.len() + 1;
        let best = |at: usize, other: usize| scores[at * width + other];
        let pair = match (ones.get(at), others.get(other)) {
            (Some(one), Some(text)) => {
                let likeness = likeness(one, text, exact);
                if likeness > 0 && best(at, other) == likeness + best(at + 1, other + 1) {
                    (Some(at), Some(other))
                } else if best(at, other) == best(at + 1, other) {
                    (Some(at), None)
                } else {
                    (None, Some(other))
                }
            }
            (Some(_), None) => (Some(at), None),
            _ => (None, Some(other)),
        };
        at += usize::from(pair.0.is_some());
        other += usize::from(pair.1.is_some());
        pairs.push(pair);
    }
    pairs
}

/// The best that can be made of the rests of both lists, for every pair of rests.
fn scores(ones: &[String], others: &[String], exact: bool) -> Vec<u32> {
    let width = others.len() + 1;
    let mut scores = vec![0; (ones.len() + 1) * width];
    for at in (0..ones.len()).rev() {
        for other in (0..others.len()).rev() {
            let alone = scores[(at + 1) * width + other].max(scores[at * width + other + 1]);
            let likeness = likeness(&ones[at], &others[other], exact);
            let together = likeness + scores[(at + 1) * width + other + 1];
            scores[at * width + other] = if likeness > 0 { alone.max(together) } else { alone };
        }
    }
    scores
}

fn likeness(one: &str, other: &str, exact: bool) -> u32 {
    if one == other {
        return SAME;
    }
    let (mut words, mut other_words) = (one.split(' '), other.split(' '));
    let keyword = words.next();
    if exact || keyword != other_words.next() {
        return 0;
    }
    // One base image stands for another, whatever the two are.
    if keyword == Some("FROM") {
        return 2;
    }
    let other_words: Vec<&str> = other_words.take(60).collect();
    let words: Vec<&str> = words.take(60).collect();
    let shared = words.iter().filter(|word| other_words.contains(word)).count();
    let all = words.len().max(other_words.len());
    let is_alike = shared * 2 >= all || keyword == Some("COPY") && words.last() == other_words.last();
    if is_alike { 1 + u32::try_from(shared.min(60)).unwrap_or(0) } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ones: &[&str], others: &[&str], expected: &[(Option<usize>, Option<usize>)]) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(matched(&owned(ones), &owned(others)), expected);
    }

    #[test]
    fn equal_texts_meet_in_order() {
        check(
            &["FROM a", "RUN x", "RUN y"],
            &["FROM a", "RUN y"],
            &[(Some(0), Some(0)), (Some(1), None), (Some(2), Some(1))],
        );
    }

    #[test]
    fn a_changed_step_meets_what_it_became() {
        check(
            &["FROM a", "RUN apt-get install -y git curl", "COPY . ."],
            &["FROM b", "RUN apt-get install -y git", "COPY src ."],
            &[(Some(0), Some(0)), (Some(1), Some(1)), (Some(2), Some(2))],
        );
    }

    #[test]
    fn what_has_nothing_in_common_stands_alone() {
        check(&["RUN a b c"], &["RUN d e f"], &[(Some(0), None), (None, Some(0))]);
        check(&[], &["RUN d"], &[(None, Some(0))]);
    }
}
