//! The Dockerfile: a plain text field at once, the editor in its place when it has come.

use crate::effects::editor::{Told, use_editor};
use crate::effects::{field, storage};
use crate::marks::Ground;
use crate::state::Action;
use crate::strings;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SourceProps {
    pub source: Rc<str>,
    pub replaced: u32,
    pub jump: (u32, usize),
    pub marks: Ground,
    pub send: Callback<Action>,
}

/// The editor of the Dockerfile.
#[component]
pub fn Source(props: &SourceProps) -> Html {
    let area = use_node_ref();
    let host = use_node_ref();
    let on_text = use_callback(props.send.clone(), |text: String, send| {
        let text = Rc::<str>::from(text);
        storage::keep_text(Rc::clone(&text));
        send.emit(Action::Typed(text));
    });
    let told = Told {
        source: props.source.clone(),
        replaced: props.replaced,
        jump: props.jump,
        marks: props.marks.clone(),
    };
    let ready = use_editor(&area, &host, &told, &on_text);
    let oninput = on_text.reform(|event: InputEvent| field::value(&event));
    html! {
        <div class={classes!("source", ready.then_some("source-ready"))}>
            if !ready {
                <textarea
                    ref={area} class="source-plain" aria-label={strings::EDITOR.t()} spellcheck="false"
                    autocapitalize="off" autocomplete="off" {oninput}
                    value={props.source.to_string()}
                />
            }
            <div ref={host} class="source-editor"></div>
        </div>
    }
}
