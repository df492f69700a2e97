//! The page as the tests see it: what it shows, and hands to type and press keys with.
//!
//! The editor's script and the worker are not served here, so the plain text field stays and no check speaks:
//! what the page does without them is tested too.

use gloo::timers::future::sleep;
use layercast::pages::playground::{Playground, PlaygroundProps};
use layercast::state::State;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event, EventInit, HtmlSelectElement, HtmlTextAreaElement};
use web_sys::{KeyboardEvent, KeyboardEventInit};

/// A mounted page.
pub struct Page(Element);

impl Page {
    /// Mounts the page over `source` and waits for it.
    pub async fn open(source: &str) -> Self {
        let document = document();
        let root = document.create_element("div").expect("a document makes elements");
        document.body().expect("a document has a body").append_child(&root).expect("a body takes children");
        let props = PlaygroundProps { initial: State::new(source) };
        yew::Renderer::<Playground>::with_root_and_props(root.clone(), props).render();
        let page = Self(root);
        page.rest().await;
        page
    }

    /// Gives the page time to draw.
    pub async fn rest(&self) {
        sleep(Duration::from_millis(60)).await;
    }

    /// The element that a selector finds, if there is one.
    pub fn find(&self, selector: &str) -> Option<Element> {
        self.0.query_selector(selector).expect("the selector is a constant of a test")
    }

    /// The text of what a selector finds.
    pub fn text(&self, selector: &str) -> String {
        self.find(selector).and_then(|element| element.text_content()).unwrap_or_default()
    }

    /// An attribute of what a selector finds.
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        self.find(selector).and_then(|element| element.get_attribute(name)).unwrap_or_default()
    }

    /// Types over the whole text.
    pub async fn type_text(&self, text: &str) {
        let area: HtmlTextAreaElement = self.get("textarea").unchecked_into();
        area.set_value(text);
        self.fire(&area, "input").await;
    }

    /// Chooses from a list.
    pub async fn choose(&self, selector: &str, value: &str) {
        let list: HtmlSelectElement = self.get(selector).unchecked_into();
        list.set_value(value);
        self.fire(&list, "change").await;
    }

    /// Presses a key where a selector finds something.
    pub async fn press(&self, selector: &str, key: &str) {
        let init = KeyboardEventInit::new();
        init.set_bubbles(true);
        init.set_key(key);
        let event =
            KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("a key is an event");
        self.get(selector).dispatch_event(&event).expect("the page takes keys");
        self.rest().await;
    }

    fn get(&self, selector: &str) -> Element {
        self.find(selector).unwrap_or_else(|| panic!("the page has no {selector}"))
    }

    async fn fire(&self, target: &Element, name: &str) {
        let init = EventInit::new();
        init.set_bubbles(true);
        let event = Event::new_with_event_init_dict(name, &init).expect("a name makes an event");
        target.dispatch_event(&event).expect("the page takes events");
        self.rest().await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.remove();
    }
}

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("these tests run in a browser")
}
