//! A field for a size: `58 MB`.

use crate::bytes;
use crate::effects::field;
use crate::strings;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct SizeFieldProps {
    /// What is asked for.
    pub label: AttrValue,
    /// Called with the bytes, once they can be read.
    pub onsize: Callback<u64>,
}

/// Takes what is typed when the field is left or Enter is pressed; says so when it is no size.
#[component]
pub fn SizeField(props: &SizeFieldProps) -> Html {
    let wrong = use_state(|| false);
    let onchange = {
        let (wrong, onsize) = (wrong.clone(), props.onsize.clone());
        move |event: Event| {
            let text = field::value(&event);
            let size = bytes::parse(&text);
            wrong.set(size.is_none() && !text.trim().is_empty());
            if let Some(size) = size {
                onsize.emit(size);
            }
        }
    };
    html! {
        <input
            class="size-field" type="text" placeholder={strings::PIN_HINT.t()} aria-label={props.label.clone()}
            title={if *wrong { strings::PIN_BAD.t() } else { "" }} aria-invalid={wrong.then_some("true")}
            autocomplete="off" {onchange}
        />
    }
}
