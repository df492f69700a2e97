//! Shell text beside how it is read.

use super::*;

/// The text as a nested expression.
#[track_caller]
fn check(text: &str, expected: &str) {
    let script = parse(text);
    assert!(script.complete, "not all was read: {text}");
    assert_eq!(list(&script.body), expected, "{text}");
}

fn list(list: &List) -> String {
    let statement = |statement: &Statement| {
        let when = match statement.when {
            When::Always => "",
            When::Success => "&& ",
            When::Failure => "|| ",
        };
        let nodes: Vec<String> = statement.pipeline.iter().map(node).collect();
        format!("{when}{}{}", if statement.negated { "! " } else { "" }, nodes.join(" | "))
    };
    list.0.iter().map(statement).collect::<Vec<_>>().join("; ")
}

fn node(node_: &Node) -> String {
    match node_ {
        Node::Command(command) => {
            let assignments =
                command.assignments.iter().map(|(name, value)| format!("{name}:={}", value.text()));
            let words = command.words.iter().map(|word| format!("[{}]", word.text()));
            let redirects = command.redirects.iter().map(|redirect| {
                let descriptor = redirect.descriptor.map(|number| number.to_string()).unwrap_or_default();
                let body = redirect.body.as_ref().map(|body| format!("{body:?}")).unwrap_or_default();
                format!("{descriptor}{}{}{body}", redirect.operator, redirect.target.text())
            });
            assignments.chain(words).chain(redirects).collect::<Vec<_>>().join(" ")
        }
        Node::Subshell(body, _) => format!("({})", list(body)),
        Node::Group(body, _) => format!("{{{}}}", list(body)),
        Node::If(branches, otherwise, _) => {
            let branches: Vec<String> = branches
                .iter()
                .map(|(condition, body)| format!("if({}) {{{}}}", list(condition), list(body)))
                .collect();
            let otherwise =
                otherwise.as_ref().map(|body| format!(" else {{{}}}", list(body))).unwrap_or_default();
            branches.join(" ") + &otherwise
        }
        Node::For(name, words, body, _) => {
            let words: Vec<String> = words.iter().map(Word::text).collect();
            format!("for {name} in {} {{{}}}", words.join(" "), list(body))
        }
        Node::While(condition, body, _) => format!("while({}) {{{}}}", list(condition), list(body)),
        Node::Case(word, arms, _) => {
            let arms: Vec<String> = arms
                .iter()
                .map(|(patterns, body)| {
                    let patterns: Vec<String> = patterns.iter().map(Word::text).collect();
                    format!("{} {{{}}}", patterns.join("|"), list(body))
                })
                .collect();
            format!("case {} {}", word.text(), arms.join(" "))
        }
        Node::Function(name, body) => format!("{name}() {}", node(body)),
    }
}

#[test]
fn commands_are_joined_by_what_stands_between() {
    check(
        "apt-get update && apt-get install -y curl",
        "[apt-get] [update]; && [apt-get] [install] [-y] [curl]",
    );
    check("a || b; c & d\n e", "[a]; || [b]; [c]; [d]; [e]");
    check("! a | b |& c", "! [a] | [b] | [c]");
    check("a &&\n  b", "[a]; && [b]");
}

#[test]
fn quotes_escapes_and_expansions_make_words() {
    check(r#"echo 'a b' "c $d" e\ f"#, "[echo] [a b] [c $d] [e f]");
    check(
        "echo ${a:-b c} $(d | e) `f` $((1 + 2)) $?",
        "[echo] [${a:-b c}] [$(d | e)] [$(f)] [$((1 + 2))] [$?]",
    );
    check("echo \"$(echo \")\")\"", "[echo] [$(echo \")\")]");
    check("a # b && c", "[a]");
    check("a#b", "[a#b]");
}

#[test]
fn assignments_stand_before_the_program() {
    check("A=1 B=\"x y\" make C=2", "A:=1 B:=x y [make] [C=2]");
    check("A=1", "A:=1");
}

#[test]
fn redirections_are_no_words() {
    check("a > b 2>&1 < c &> d >>e", "[a] >b 2>&1 <c &>d >>e");
    check("cat <<EOF > x\nhello\nEOF\nnext", "[cat] <<EOF\"hello\\n\" >x; [next]");
    check("cat <<-'A' <<B\n\ta\n\tA\nb\nB", "[cat] <<-A\"a\\n\" <<B\"b\\n\"");
    check("a <<< b", "[a] <<<b");
}

#[test]
fn compound_commands_nest() {
    check("(cd /x && make) || { a; b; }", "([cd] [/x]; && [make]); || {[a]; [b]}");
    check(
        "if [ -f x ]; then a; elif b; then c; else d; fi",
        "if([[] [-f] [x] []]) {[a]} if([b]) {[c]} else {[d]}",
    );
    check("for i in 1 2 \"$x\"; do echo $i; done", "for i in 1 2 $x {[echo] [$i]}");
    check("while read l; do a; done < f", "while([read] [l]) {[a]}");
    check("case $x in a|b) c ;; *) d;; esac", "case $x a|b {[c]} * {[d]}");
    check("f() { a; }; f", "f() {[a]}; [f]");
}

#[test]
fn every_command_is_found_in_order() {
    let script = parse("a && (b | c); if d; then e; fi; f() { g; }");
    let programs: Vec<String> = script.commands().iter().map(|command| command.program()).collect();
    assert_eq!(programs, ["a", "b", "c", "d", "e", "g"]);
    assert_eq!(parse("/usr/bin/apt-get x").commands()[0].program(), "apt-get");
}

#[test]
fn ranges_point_into_the_text() {
    let text = "cd /x && npm ci --omit=dev | tee log";
    let ranges: Vec<&str> = parse(text).commands().iter().map(|command| command.range.of(text)).collect();
    assert_eq!(ranges, ["cd /x", "npm ci --omit=dev", "tee log"]);
}

#[test]
fn what_cannot_be_read_is_left_out_and_told() {
    for text in ["if a; then b", "'open", "a )", "case x in", "for", "$(", "${x", "(", "fi", "cat <<E\nx"] {
        assert!(!parse(text).complete, "{text}");
    }
    assert!(!parse(&"(".repeat(100_000)).complete);
    assert!(!parse(&"if a; then ".repeat(10_000)).complete);
}

#[test]
fn words_expand_where_their_variables_are_known() {
    let value = |name: &str| (name == "V").then(|| "1.2".to_owned());
    let expand = |text: &str| parse(text).commands()[0].words[0].expand(value);
    assert_eq!(expand("x-$V-${V}-${W:-d}-${V:+e}"), Some("x-1.2-1.2-d-e".to_owned()));
    assert_eq!((expand("$W"), expand("$(x)"), expand("${V%.*}")), (None, None, None));
}
