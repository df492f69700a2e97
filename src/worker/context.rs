//! The build context, as the panel of the page lists it: names and lengths, and the texts that are asked for.
//!
//! **Invariant:** what is said of a file holds until the panel says otherwise; nothing is sent anywhere.

use crate::{tabs, tell, weighing};
use js_sys::{Array, Float64Array};
use layercast::language;
use layercast_core::Facts;
use layercast_core::facts::{ArchiveEntry, BuildContext, ContextFile, Wanted};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};

/// Stands between paths: no file name holds it.
const BETWEEN: char = '\0';

/// What the panel said.
#[derive(Default)]
struct Told {
    /// The files of the folder.
    folder: Option<Vec<ContextFile>>,
    /// The listing that is under way.
    coming: Vec<ContextFile>,
    /// Texts that were typed, by path.
    typed: Vec<(String, String)>,
}

thread_local! {
    static TOLD: RefCell<Told> = RefCell::default();
}

/// Takes in a message of the panel: a word, and what belongs to it.
pub(crate) fn hear(message: &JsValue) {
    let Some(message) = message.dyn_ref::<Array>() else { return };
    let word = message.get(0).as_string().unwrap_or_default();
    let text = |place| message.get(place).as_string();
    match word.as_str() {
        // Some of the folder's files: paths and their lengths.
        "files" => return list(&text(1).unwrap_or_default(), &Float64Array::from(message.get(2))),
        // All of them were said: there is a build context.
        "folder" => TOLD.with_borrow_mut(|told| told.folder = Some(std::mem::take(&mut told.coming))),
        // The text of the .dockerignore in force; without one, there is none.
        "ignore" => return weighing::with(|desk| desk.ignore = text(1)),
        // The folder is taken back.
        "no folder" => TOLD.with_borrow_mut(|told| {
            (told.folder, told.coming) = (None, Vec::new());
            weighing::with(|desk| desk.ignore = None);
        }),
        // A text was typed for a path, or taken back.
        "typed" => TOLD.with_borrow_mut(|told| {
            let path = text(1).unwrap_or_default();
            told.typed.retain(|(known, _)| *known != path);
            told.typed.extend(text(2).map(|text| (path, text)));
        }),
        // A facts file: what builds made of steps. Without one, none is measured.
        "facts" => return take_facts(text(1)),
        "weigh" => {}
        // What was asked for of a file: its text, or what the archive holds, or why not.
        "read" => return read(&text(1).unwrap_or_default(), text(2), text(3), text(4)),
        "all read" => return weighing::again(),
        "tab" => return tabs::hear(message),
        // The dictionary of the visitor's language.
        "words" => {
            language::learn(&text(1).unwrap_or_default());
            return weighing::again();
        }
        _ => return,
    }
    put();
}

/// Takes in what a facts file has of measured steps and corrections; all else is the page's own. Says how many they are.
fn take_facts(text: Option<String>) {
    let facts = text.map(|text| serde_json::from_str::<Facts>(&text));
    let answer = match &facts {
        Some(Ok(facts)) => Some(JsValue::from(facts.measured.len() as f64)),
        Some(Err(error)) => Some(JsValue::from(error.to_string())),
        None => None,
    };
    let facts = facts.and_then(Result::ok).unwrap_or_default();
    weighing::with(|desk| {
        (desk.facts.measured, desk.facts.calibration) = (facts.measured, facts.calibration);
    });
    if let Some(answer) = answer {
        tell(&Array::of2(&"facts".into(), &answer));
    }
    weighing::again();
}

/// Asks the panel for what is in files.
pub(crate) fn ask(files: &[(String, Wanted)]) {
    let wanted = |(path, wanted): &(String, Wanted)| {
        let wanted = if *wanted == Wanted::Archive { "archive" } else { "text" };
        Array::of2(&path.as_str().into(), &wanted.into())
    };
    tell(&Array::of2(&"read".into(), &files.iter().map(wanted).collect::<Array>()));
}

fn list(paths: &str, lengths: &Float64Array) {
    let lengths = lengths.to_vec();
    let file = |(path, bytes): (&str, &f64)| ContextFile::new(path, *bytes as u64);
    TOLD.with_borrow_mut(|told| told.coming.extend(paths.split(BETWEEN).zip(&lengths).map(file)));
}

/// Lays the folder and the typed texts together, and weighs again.
fn put() {
    let context = TOLD.with_borrow(|told| {
        let mut files = told.folder.clone().unwrap_or_default();
        for (path, text) in &told.typed {
            files.retain(|file| file.path != *path);
            let typed = ContextFile::new(path.clone(), text.len() as u64);
            files.push(ContextFile { text: Some(text.clone()), ..typed });
        }
        files.sort_unstable();
        let known = told.folder.is_some() || !files.is_empty();
        known.then(|| BuildContext { files, partial: told.folder.is_none() })
    });
    weighing::with(|desk| {
        desk.facts.context = context;
        desk.facts.build.dockerignore.clone_from(&desk.ignore);
    });
    weighing::forget_files();
    weighing::again();
}

/// Takes in what is in a file.
fn read(path: &str, text: Option<String>, archive: Option<String>, failure: Option<String>) {
    let entry = |line: &str| {
        let (bytes, path) = line.split_once(' ')?;
        Some(ArchiveEntry { path: path.to_owned(), bytes: bytes.parse().ok()? })
    };
    let archive = archive.map(|archive| archive.split(BETWEEN).filter_map(entry).collect());
    weighing::with(|desk| {
        let Some(context) = &mut desk.facts.context else { return };
        let Ok(at) = context.files.binary_search_by(|file| file.path.as_str().cmp(path)) else { return };
        let file = &mut context.files[at];
        (file.text, file.archive, file.failure) = (text, archive, failure);
    });
}
