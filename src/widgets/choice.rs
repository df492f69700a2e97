//! A labelled choice of one among several.

use crate::effects::field;
use yew::prelude::*;

/// One thing to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What is reported when it is chosen.
    pub value: AttrValue,
    /// What is read.
    pub text: AttrValue,
}

#[derive(Clone, Properties)]
pub struct SelectProps {
    /// Stands before the choice.
    #[prop_or_default]
    pub label: AttrValue,
    /// For who hears the page.
    pub title: AttrValue,
    pub choices: Vec<Choice>,
    pub chosen: AttrValue,
    pub testid: AttrValue,
    pub onchoose: Callback<String>,
}

/// What a choice does stays the same: a list is drawn again when something else of it changes.
impl PartialEq for SelectProps {
    fn eq(&self, other: &Self) -> bool {
        self.chosen == other.chosen && self.choices == other.choices
    }
}

/// A native list: at home on a phone and under the keyboard.
#[component]
pub fn Select(props: &SelectProps) -> Html {
    let list = use_node_ref();
    field::use_chosen(&list, &props.chosen, &props.choices);
    let onchange = props.onchoose.reform(|event: Event| field::value(&event));
    let option = |choice: &Choice| {
        let chosen = choice.value == props.chosen;
        html! { <option value={choice.value.clone()} selected={chosen}>{ &choice.text }</option> }
    };
    html! {
        <label class="pick">
            if !props.label.is_empty() {
                <span class="pick-label">{ &props.label }</span>
            }
            <select ref={list} {onchange} aria-label={props.title.clone()} data-testid={props.testid.clone()}>
                { for props.choices.iter().map(option) }
            </select>
        </label>
    }
}
