//! Stages that need one another in a circle.

use super::Graph;
use crate::diagnostic::Diagnostic;

/// Refuses a circle of copies and mounts. A base stands above its stage, so that it closes none.
pub(super) fn refuse_cycles(graph: &mut Graph) {
    let mut visited = vec![false; graph.stages.len()];
    let mut on_path = visited.clone();
    for start in 0..graph.stages.len() {
        if let Some(error) = circle_from(graph, start, &mut visited, &mut on_path) {
            graph.fatal.push(error);
            return;
        }
    }
}

/// Walks depth first, without recursion: a Dockerfile may hold thousands of stages. `on_path` is all false before,
/// and after where there is no circle.
fn circle_from(
    graph: &Graph,
    start: usize,
    visited: &mut [bool],
    on_path: &mut [bool],
) -> Option<Diagnostic> {
    if std::mem::replace(&mut visited[start], true) {
        return None;
    }
    on_path[start] = true;
    let mut path = vec![(start, 0)];
    while let Some((stage, next)) = path.last_mut() {
        let Some(dependency) = graph.stages[*stage].dependencies.get(*next) else {
            on_path[*stage] = false;
            path.pop();
            continue;
        };
        *next += 1;
        let source = dependency.source;
        if source >= graph.stages.len() {
            continue;
        }
        if on_path[source] {
            let around: Vec<&str> =
                path.iter().map(|(stage, _)| graph.stages[*stage].display_name.as_str()).collect();
            let from = path.iter().position(|(stage, _)| *stage == source).unwrap_or(0);
            let circle = format!("{} → {}", around[from..].join(" → "), graph.stages[source].display_name);
            let message = format!("stages need one another in a circle: {circle}");
            let (message, note) = match from + 1 == around.len() {
                true => (format!("stage `{}` takes from itself", around[from]), "Name another stage."),
                false => {
                    (message, "One of them must do without the other: move what both need into a third.")
                }
            };
            let error = Diagnostic::error("stage-cycle", dependency.line, dependency.range, message);
            return Some(error.note(note));
        }
        if !std::mem::replace(&mut visited[source], true) {
            on_path[source] = true;
            path.push((source, 0));
        }
    }
    None
}
