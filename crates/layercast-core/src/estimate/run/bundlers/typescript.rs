//! Compilers that go file by file: a script for each source, a map and a list of types where tsconfig.json says so.
//! Reference: <https://www.typescriptlang.org/tsconfig/>.

use super::super::super::call::{Call, Outcome};
use super::super::super::machine::Machine;
use super::super::super::part::Span;
use super::super::super::tree::{Entry, File};
use super::super::node::{Project, Text, write_by_rule};
use crate::packages::npm::json::relaxed;
use serde_json::Value;

/// A script is as long as its source less the types, plus what an older target is written out to.
const SCRIPT: [f64; 3] = [0.5, 0.72, 1.15];
/// A map's columns, letter by letter: about as long as the script, without the sources themselves.
const MAP: [f64; 3] = [0.5, 0.95, 1.3];
/// What is exported, without its bodies.
const TYPES: [f64; 3] = [0.08, 0.22, 0.5];
const MAP_OF_TYPES: [f64; 3] = [0.05, 0.15, 0.3];
const RATIO: [f64; 3] = [0.04, 0.16, 0.3];

#[derive(Debug, Default)]
struct Settings {
    out: Option<String>,
    map: bool,
    types: bool,
    map_of_types: bool,
    writes_nothing: bool,
}

pub(super) fn compile(call: &Call, machine: &mut Machine<'_>) -> Outcome {
    let project = Project::at(&machine.folder);
    let file = call.value(&["-p", "--project", "-b", "--build"]).unwrap_or("tsconfig.json").to_owned();
    let file =
        if file.ends_with(".json") { file } else { format!("{}/tsconfig.json", file.trim_end_matches('/')) };
    let mut settings = Settings::default();
    let is_typescript = matches!(call.program.as_str(), "tsc" | "vue-tsc" | "ngc");
    if is_typescript && !read(&project, file.trim_start_matches("./"), &mut settings, 0, machine) {
        return Outcome::done();
    }
    if call.has(&["--noEmit"]) || settings.writes_nothing || call.has(&["--version"]) {
        return Outcome::done();
    }
    settings.map |= call.has(&["--sourceMap", "--source-maps", "--sourcemap"]);
    settings.types |= call.has(&["--declaration", "--dts"]);
    let out = call.value(&["--outDir", "--out-dir", "-d"]).map(str::to_owned).or(settings.out);
    let out = match (out, is_typescript) {
        (Some(out), _) => Some(out),
        (None, true) => None,
        (None, false) => Some("dist".to_owned()),
    };
    let folder = out.map_or_else(|| machine.folder.clone(), |out| machine.absolute(&out));
    let bytes = sources(&project, &folder, machine);
    let path = format!("{}/", folder.trim_end_matches('/'));
    let length = Span::exact(bytes);
    let rule = "compiled file by file";
    write_by_rule("compiled scripts", &path, length.times(SCRIPT), RATIO, rule, machine);
    if settings.map {
        write_by_rule("maps of the scripts", &path, length.times(MAP), RATIO, rule, machine);
    }
    if settings.types {
        write_by_rule("types of the scripts", &path, length.times(TYPES), RATIO, rule, machine);
    }
    if settings.map_of_types {
        write_by_rule("maps of the types", &path, length.times(MAP_OF_TYPES), RATIO, rule, machine);
    }
    Outcome::done()
}

/// Reads a tsconfig.json and those it extends; false where its text is not known yet.
fn read(
    project: &Project,
    file: &str,
    settings: &mut Settings,
    depth: usize,
    machine: &mut Machine<'_>,
) -> bool {
    let text = match project.text(file, machine) {
        Text::Known(text) => text,
        Text::Unread(_) => {
            machine.unknown(format!("what the compiler writes: the text of {file} is not known"));
            return false;
        }
        Text::None => return true,
    };
    let Ok(root) = serde_json::from_str::<Value>(&relaxed(&text)) else {
        machine.note(format!("{file} is no JSON; its settings are taken to be the usual ones"));
        return true;
    };
    if let Some(base) =
        root.get("extends").and_then(Value::as_str).filter(|base| base.starts_with('.') && depth < 4)
    {
        let base = base.trim_start_matches("./");
        let base = if base.ends_with(".json") { base.to_owned() } else { format!("{base}.json") };
        if !read(project, &base, settings, depth + 1, machine) {
            return false;
        }
    }
    let Some(options) = root.get("compilerOptions") else { return true };
    let flag = |name: &str, old: bool| options.get(name).and_then(Value::as_bool).unwrap_or(old);
    settings.map = flag("sourceMap", settings.map) || flag("inlineSourceMap", false);
    settings.types = flag("declaration", settings.types) || flag("composite", false);
    settings.map_of_types = flag("declarationMap", settings.map_of_types);
    settings.writes_nothing = flag("noEmit", settings.writes_nothing) || flag("emitDeclarationOnly", false);
    if let Some(out) = options.get("outDir").and_then(Value::as_str) {
        settings.out = Some(out.to_owned());
    }
    true
}

/// Sum of the sources, without packages, lists of types and what was compiled before.
fn sources(project: &Project, out: &str, machine: &Machine<'_>) -> u64 {
    let root = if project.folder.is_empty() { "/" } else { &project.folder };
    let files = machine.under(root).into_iter().filter_map(|(path, entry)| match entry {
        Entry::File(File { bytes, .. }) => Some((path, bytes)),
        _ => None,
    });
    let is_inside = |path: &str, folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')) && folder != root
    };
    let is_source = |path: &str| {
        let ends = [".ts", ".tsx", ".mts", ".cts"].iter().any(|end| path.ends_with(end));
        ends && !path.ends_with(".d.ts") && !path.contains("/node_modules/") && !is_inside(path, out)
    };
    files.filter(|(path, _)| is_source(path)).map(|(_, bytes)| bytes).sum()
}
