//! What wasm-bindgen writes, made small: it writes its glue for people to read, and Trunk's minifier passes it by.
//!
//! Each function that wasm and glue call each other by has a name with sixteen random digits, on both sides. No
//! compression helps there: short names take 3 kB off the page's first load.

use crate::project;
use crate::step::Failed;
use std::fs;
use std::path::Path;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ExportSection, ImportSection, Module};
use wasmparser::{Export, ImportSectionReader, Parser, Payload};

/// Makes every program's glue in `dist/` small.
pub(crate) fn shrink() -> Result<(), Failed> {
    for entry in fs::read_dir(project::dist())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".js").filter(|name| name.starts_with("layercast-")) else {
            continue;
        };
        let mut glue = stripped(&fs::read_to_string(&path)?);
        let program = path.with_file_name(format!("{stem}_bg.wasm"));
        if program.is_file() {
            glue = renamed(&program, glue)?;
        }
        fs::write(&path, glue)?;
    }
    Ok(())
}

/// Without indentation, empty lines and lines that are comments. No text in the glue goes over several lines.
fn stripped(glue: &str) -> String {
    let is_code = |line: &&str| {
        !line.is_empty()
            && !["//", "/*", "*/", "* "].iter().any(|start| line.starts_with(start))
            && *line != "*"
    };
    let lines: Vec<&str> = glue.lines().map(str::trim).filter(is_code).collect();
    lines.join("\n") + "\n"
}

/// Gives the program short names for what it shares with its glue, and returns the glue with the same.
fn renamed(program: &Path, glue: String) -> Result<String, Failed> {
    let wasm = fs::read(program)?;
    let names = Names::of(&wasm)?;
    let mut module = Module::new();
    names.clone().parse_core_module(&mut module, Parser::new(0), &wasm).map_err(|error| failed(&error))?;
    fs::write(program, module.finish())?;
    Ok(names.in_glue(glue))
}

fn failed(error: &impl std::fmt::Display) -> Failed {
    Failed(format!("the page's wasm cannot be read again: {error}"))
}

/// The generated names of imports and exports, the longest first: one may be the beginning of another.
#[derive(Clone, Debug, Default)]
struct Names(Vec<String>);

impl Names {
    fn of(wasm: &[u8]) -> Result<Self, Failed> {
        let mut names = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(|error| failed(&error))? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        names.push(import.map_err(|error| failed(&error))?.name.to_owned());
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        names.push(export.map_err(|error| failed(&error))?.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        names.retain(|name| name.starts_with("__wb") || name.starts_with("__wasm_bindgen"));
        names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        names.dedup();
        Ok(Self(names))
    }

    /// The short name of a generated one; other names stay.
    fn short(&self, name: &str) -> String {
        self.0.iter().position(|known| known == name).map_or_else(|| name.to_owned(), short)
    }

    fn in_glue(&self, glue: String) -> String {
        self.0.iter().enumerate().fold(glue, |glue, (place, name)| glue.replace(name, &short(place)))
    }
}

/// No word of the glue's own looks like that.
fn short(place: usize) -> String {
    format!("$w{place:x}")
}

impl Reencode for Names {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), Error<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            imports.import(import.module, &self.short(import.name), self.entity_type(import.ty)?);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        exports: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error<Self::Error>> {
        let kind = self.export_kind(export.kind)?;
        exports.export(&self.short(export.name), kind, self.external_index(export.kind, export.index)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, ExportKind, MemoryType, TypeSection};

    #[test]
    fn the_glue_loses_what_is_for_people() {
        let glue =
            "/**\n * Starts.\n */\nexport function start() {\n    // now\n\n    return 2 * 3; // six\n}\n";
        assert_eq!(stripped(glue), "export function start() {\nreturn 2 * 3; // six\n}\n");
    }

    #[test]
    fn program_and_glue_get_the_same_short_names() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("wbg", "__wbg_new_0123456789abcdef", EntityType::Function(0));
        imports.import("wbg", "__wbg_new_0123456789abcdef_2", EntityType::Function(0));
        let memory =
            MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        imports.import("wbg", "memory", EntityType::Memory(memory));
        let mut exports = ExportSection::new();
        exports.export("__wbindgen_start", ExportKind::Func, 0).export("kept", ExportKind::Func, 1);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&exports);

        let folder = project::target().join("glue-test");
        fs::create_dir_all(&folder).expect("makes a folder");
        let program = folder.join("a.wasm");
        fs::write(&program, module.finish()).expect("writes");
        let glue =
            "{__wbg_new_0123456789abcdef_2:1,__wbg_new_0123456789abcdef:2};wasm.__wbindgen_start();wasm.kept";
        let glue = renamed(&program, glue.to_owned()).expect("renames");
        assert_eq!(glue, "{$w0:1,$w1:2};wasm.$w2();wasm.kept");
        let after = fs::read(&program).expect("reads");
        assert_eq!(Names::of(&after).expect("is a module").0, Vec::<String>::new());
        assert!(after.len() < 100, "{}", after.len());
        fs::remove_dir_all(&folder).expect("removes what it wrote");
    }
}
