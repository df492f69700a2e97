//! conda, mamba and micromamba: their channels are not asked; `clean` is known.

use super::super::call::{Call, Outcome};
use super::super::machine::Machine;
use super::Estimator;

pub(super) fn estimator_of(program: &str) -> Option<Estimator> {
    matches!(program, "conda" | "mamba" | "micromamba").then_some(conda as Estimator)
}

fn conda(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    match call.verb() {
        "install" | "create" | "update" | "env" => {
            machine.unknown(format!(
                "what {} {} writes: channels are not asked. An environment with Python alone has 0.2–0.5 GB, with a \
                 framework for machine learning 3–10 GB: pin it",
                call.program,
                call.verb()
            ));
        }
        // What it frees was never counted; what it prints, sets or starts is small.
        "clean" | "config" | "init" | "list" | "info" | "activate" | "shell" | "" => {}
        "run" => machine.unknown(format!("what {} run starts", call.program)),
        other => machine.unknown(format!("what {} {other} writes", call.program)),
    }
    Outcome::done()
}
