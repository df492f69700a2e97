//! One small file for each reason.

use super::{VariableUse, uses_at};
use crate::facts::Facts;
use expect_test::{Expect, expect};

fn used(source: &str, line: usize) -> Vec<VariableUse> {
    uses_at(source, &crate::analyse(source, &Facts::default()), line)
}

#[track_caller]
fn check(source: &str, line: usize, expected: Expect) {
    let told = |used: &VariableUse| {
        let VariableUse { name, value, line, stand_in, why, .. } = used;
        let line = line.map(|line| format!(" of line {line}")).unwrap_or_default();
        let stand_in = stand_in.as_ref().map(|text| format!(", else {text}")).unwrap_or_default();
        let why = why.as_ref().map(|why| format!(": {why:?}")).unwrap_or_default();
        format!("{name} = {}{line}{stand_in}{why}\n", value.as_deref().unwrap_or("nothing"))
    };
    expected.assert_eq(&used(source, line).iter().map(told).collect::<String>());
}

#[test]
fn what_is_set_has_its_value_and_its_line() {
    check(
        "FROM scratch\nENV A=1\nARG B=2\nRUN echo $A ${B:-3}\n",
        4,
        expect![[r#"
        A = 1 of line 2
        B = 2 of line 3, else 3
    "#]],
    );
}

#[test]
fn an_argument_above_from_is_not_in_the_stage() {
    let source = "ARG A=1\nFROM scratch\nRUN echo $A\n";
    check(
        source,
        3,
        expect![[r#"
        A = nothing: OnlyAboveFrom { line: 1 }
    "#]],
    );
    let fix = used(source, 3)[0].fix.clone().expect("it can be mended");
    let mended = crate::diagnostic::apply(source, &[fix]);
    check(
        &mended,
        4,
        expect![[r#"
        A = 1 of line 1
    "#]],
    );
}

#[test]
fn from_sees_what_stands_above_the_first() {
    check(
        "ARG A=1\nFROM scratch AS $A$TARGETARCH\nARG B=2\nFROM alpine:$A-$B-$C\n",
        4,
        expect![[r#"
        A = 1 of line 1
        B = nothing: NotInFrom { line: 3 }
        C = nothing: Never { nearest: Some("A") }
    "#]],
    );
}

#[test]
fn a_line_sees_nothing_of_lines_below_it() {
    check(
        "FROM scratch\nRUN echo $A\nENV A=1\n",
        2,
        expect![[r#"
        A = nothing: Later { line: 3 }
    "#]],
    );
    check(
        "FROM scratch\nENV A=1 B=$A\n",
        2,
        expect![[r#"
        A = nothing: SameInstruction
    "#]],
    );
}

#[test]
fn a_stage_sees_nothing_of_another() {
    check(
        "FROM scratch AS one\nENV A=1\nFROM scratch\nCOPY $A /\n",
        4,
        expect![[r#"
        A = nothing: OtherStage { stage: "one", line: 2 }
    "#]],
    );
    check(
        "FROM scratch AS one\nENV A=1\nFROM one\nCOPY $A /\n",
        4,
        expect![[r#"
        A = 1 of line 2
    "#]],
    );
}

#[test]
fn a_declaration_is_no_value() {
    check(
        "FROM scratch\nARG A\nENV B=\nRUN echo $A$B\n",
        4,
        expect![[r#"
        A = nothing of line 2: NoValue { line: 2 }
        B =  of line 3: SetEmpty
    "#]],
    );
}

#[test]
fn platforms_are_told_to_who_asks() {
    check(
        "FROM scratch\nRUN echo $TARGETARCH\n",
        2,
        expect![[r#"
        TARGETARCH = nothing: NotAsked
    "#]],
    );
}

#[test]
fn arguments_are_gone_when_the_container_runs() {
    check(
        "FROM scratch\nARG A=1\nENV B=2\nCMD echo $A $B\n",
        4,
        expect![[r#"
        A = nothing: GoneAtRunTime { line: 2 }
        B = 2 of line 3
    "#]],
    );
}

#[test]
fn quotes_and_arrays_keep_a_variable_as_it_is_written() {
    check(
        "FROM scratch\nENV A=1\nRUN echo '$A'\nENTRYPOINT [\"echo\", \"$A\"]\n",
        3,
        expect![[r#"
        A = nothing: SingleQuotes
    "#]],
    );
    check(
        "FROM scratch\nENV A=1\nRUN echo '$A'\nENTRYPOINT [\"echo\", \"$A\"]\n",
        4,
        expect![[r#"
        A = nothing: NoShell
    "#]],
    );
    check(
        "FROM scratch\nENV A=1\nRUN echo '$A' $A\n",
        3,
        expect![[r#"
        A = 1 of line 2
    "#]],
    );
}

#[test]
fn shells_and_commands_set_variables_too() {
    check(
        "FROM scratch\nRUN for f in a b; do echo $f $HOME $fo; done\n",
        2,
        expect![[r#"
        f = nothing: SetByCommand
        HOME = nothing: SetByShell
        fo = nothing: Never { nearest: None }
    "#]],
    );
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    check(
        "FROM scratch\nENV VERSION=1\nCOPY $VERSON /\n",
        3,
        expect![[r#"
        VERSON = nothing: Never { nearest: Some("VERSION") }
    "#]],
    );
}

#[test]
fn nothing_is_used_where_nothing_stands() {
    check("", 1, expect![[""]]);
    check("FROM scratch\n\n# $A\n", 3, expect![[""]]);
}
