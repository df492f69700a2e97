//! The editor, fetched after the first paint; until then, or without it, the plain text field works.

use crate::effects::rest::use_rest;
use crate::marks::Ground;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlTextAreaElement};
use yew::prelude::*;

#[wasm_bindgen(module = "/www/editor/loader.js")]
extern "C" {
    type Editor;

    #[wasm_bindgen(catch)]
    async fn load_editor(
        area: &HtmlTextAreaElement,
        parent: &Element,
        on_text: &Closure<dyn FnMut(String)>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn replace(this: &Editor, text: &str);
    #[wasm_bindgen(method)]
    fn mark(this: &Editor, marks: &str);
    #[wasm_bindgen(method)]
    fn jump(this: &Editor, line: usize);
    #[wasm_bindgen(method)]
    fn destroy(this: &Editor);
}

/// In milliseconds: so long typing rests before what is beside and under the text is painted anew.
const REST: u32 = 120;

/// The editor with the function it calls.
struct Loaded {
    editor: Editor,
    _on_text: Closure<dyn FnMut(String)>,
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.editor.destroy();
    }
}

/// What the editor is told.
#[derive(Clone, PartialEq)]
pub struct Told {
    /// The text.
    pub source: Rc<str>,
    /// How often the text was replaced from outside.
    pub replaced: u32,
    /// How often was jumped, and the line.
    pub jump: (u32, usize),
    /// What to paint.
    pub marks: Ground,
}

/// Puts the editor into `host` in place of `area`. True once it stands there.
#[hook]
pub fn use_editor(area: &NodeRef, host: &NodeRef, told: &Told, on_text: &Callback<String>) -> bool {
    let loaded = use_state(|| None::<Rc<Loaded>>);
    let ready = loaded.is_some();
    {
        let (area, host, loaded) = (area.clone(), host.clone(), loaded.clone());
        let on_text = on_text.clone();
        use_effect_with((), move |()| spawn_local(load(area, host, on_text, loaded)));
    }
    let effect = |act: fn(&Editor, &Told)| {
        let (loaded, told) = (loaded.clone(), told.clone());
        move || {
            if let Some(loaded) = &*loaded {
                act(&loaded.editor, &told);
            }
        }
    };
    let paint = effect(|editor, told| {
        editor.mark(&told.marks.marks().to_json());
    });
    use_effect_with((ready, told.replaced), {
        let replace = effect(|editor, told| editor.replace(&told.source));
        move |_| replace()
    });
    // Until then the marks that stand there move with the text.
    use_rest((ready, told.marks.clone()), REST, paint);
    {
        let jump = effect(|editor, told| editor.jump(told.jump.1));
        let area = area.clone();
        let (source, (times, line)) = (told.source.clone(), told.jump);
        use_effect_with(told.jump, move |_| match (times, ready) {
            (0, _) => {}
            (_, true) => jump(),
            (_, false) => select_line(&area, &source, line),
        });
    }
    ready
}

async fn load(
    area: NodeRef,
    host: NodeRef,
    on_text: Callback<String>,
    loaded: UseStateHandle<Option<Rc<Loaded>>>,
) {
    let on_text = Closure::new(move |text: String| on_text.emit(text));
    let (Some(area), Some(host)) = (area.cast::<HtmlTextAreaElement>(), host.cast::<Element>()) else {
        return;
    };
    // Where it cannot be fetched, the text field goes on working.
    if let Ok(editor) = load_editor(&area, &host, &on_text).await {
        let editor = editor.unchecked_into();
        loaded.set(Some(Rc::new(Loaded { editor, _on_text: on_text })));
    }
}

/// Shows a line in the plain text field.
fn select_line(area: &NodeRef, source: &str, line: usize) {
    let Some(area) = area.cast::<HtmlTextAreaElement>() else { return };
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let start: u32 = source.split_inclusive('\n').take(line.saturating_sub(1)).map(units).sum();
    let length = source.lines().nth(line.saturating_sub(1)).map_or(0, units);
    let _ = area.focus();
    let _ = area.set_selection_range(start, start.saturating_add(length));
}
