//! The worker: the page's second half, fetched after the first paint. It checks, weighs and asks registries.
//!
//! The page works without it. A worker that breaks is started once more, and what it owed is asked again.

use crate::effects::rest::use_rest;
use crate::effects::tabs;
use crate::known::Known;
use crate::messages::{Reply, Request, Said};
use crate::remarks::Told;
use crate::shared::Shared;
use crate::state::{Action, Relay};
use gloo::timers::callback::Timeout;
use layercast_core::image_ref::Platform;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, WorkerOptions, WorkerType};
use yew::prelude::*;

/// Beside the page, as Trunk names it.
const SCRIPT: &str = "./layercast-worker_loader.js";
/// In milliseconds: so long a broken worker rests.
const PAUSE: u32 = 1_000;
/// In milliseconds: so long typing rests before the text is checked and weighed. Until then a key costs one drawing.
const REST: u32 = 150;
/// So often it is started.
const STARTS: u32 = 2;

/// The page's end of the line to the worker.
pub struct Line {
    send: Callback<Action>,
    running: RefCell<Option<Running>>,
    owed: RefCell<Owed>,
}

/// What the worker is to do, and whether it can.
#[derive(Default)]
struct Owed {
    starts: u32,
    listens: bool,
    /// How many texts it was given.
    revision: u64,
    /// The last of them: as more gets known, more is said of it.
    last: Option<(Rc<str>, Shared<Known>)>,
    /// It has not yet said anything of it.
    checking: bool,
    /// The text that it checks next; those in between need no answer.
    next: Option<(Rc<str>, Shared<Known>)>,
    images: Vec<(String, Platform, bool)>,
    relay: bool,
}

struct Running {
    worker: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Starts the worker once the page stands.
#[hook]
pub fn use_worker(send: &Callback<Action>) -> Rc<Line> {
    let send = send.clone();
    let line = use_memo((), |()| Line { send, running: RefCell::default(), owed: RefCell::default() });
    let started = Rc::clone(&line);
    use_effect_with((), move |()| {
        start(&started);
        move || drop(started.running.take())
    });
    line
}

/// Has the text checked once typing rests, and again when more is known.
#[hook]
pub fn use_checks(line: &Rc<Line>, source: &Rc<str>, facts: &Shared<Known>) {
    let line = Rc::clone(line);
    let next = (source.clone(), facts.clone());
    use_rest(next.clone(), REST, move || {
        line.owed.borrow_mut().next = Some(next);
        line.check_next();
    });
}

impl Line {
    /// Asks for an image. The answer comes as an action; none comes where nobody can be asked from here.
    pub fn ask_image(&self, reference: &str, platform: &Platform, relayed: bool) {
        let mut owed = self.owed.borrow_mut();
        owed.images.retain(|image| image.0 != reference || image.1 != *platform);
        owed.images.push((reference.to_owned(), platform.clone(), relayed));
        self.post_image(&owed, owed.images.len() - 1);
    }

    /// Asks for the relay. The answer comes as an action.
    pub fn ask_relay(&self) {
        let mut owed = self.owed.borrow_mut();
        owed.relay = true;
        if owed.starts == STARTS && self.running.borrow().is_none() {
            self.send.emit(Action::FoundRelay(Relay::Absent));
        }
        self.post_relay(&owed);
    }

    fn check_next(&self) {
        let mut owed = self.owed.borrow_mut();
        if !owed.listens || owed.checking {
            return;
        }
        let Some((source, facts)) = owed.next.take() else { return };
        owed.revision += 1;
        self.post(&Request::Check {
            revision: owed.revision,
            source: Cow::Borrowed(&source),
            build: Cow::Borrowed(&facts.build),
            images: Cow::Borrowed(&facts.images),
            image_failures: Cow::Borrowed(&facts.image_failures),
            pins: Cow::Borrowed(&facts.pins),
        });
        owed.last = Some((source, facts));
        owed.checking = true;
    }

    fn post_image(&self, owed: &Owed, place: usize) {
        let (reference, platform, relayed) = &owed.images[place];
        if owed.listens {
            self.post(&Request::Image {
                reference: Cow::Borrowed(reference),
                platform: Cow::Borrowed(platform),
                relayed: *relayed,
            });
        }
    }

    fn post_relay(&self, owed: &Owed) {
        if owed.listens && owed.relay {
            self.post(&Request::Relay);
        }
    }

    fn post(&self, request: &Request) {
        if let Some(running) = &*self.running.borrow() {
            let _ = running.worker.post_message(&JsValue::from_str(&request.to_text()));
        }
    }

    fn hear(&self, text: &str) {
        let Some(reply) = Reply::from_text(text) else { return };
        self.send.emit(match reply {
            Reply::Ready => return self.catch_up(),
            Reply::Said(said) => {
                let Some(told) = self.told(said) else { return };
                self.check_next();
                Action::Checked(told)
            }
            Reply::Image(image) => {
                self.settle(&image.reference, &image.platform);
                Action::Answered(image)
            }
            Reply::Failure(failure) => {
                self.settle(&failure.reference, &failure.platform);
                Action::Failed(failure)
            }
            Reply::Relay(registries) => self.found(Relay::Present(registries)),
            Reply::NoRelay => self.found(Relay::Absent),
        });
    }

    /// What was said, where it is of the last text.
    fn told(&self, said: Said) -> Option<Told> {
        let mut owed = self.owed.borrow_mut();
        if said.revision != owed.revision {
            return None;
        }
        owed.checking = false;
        let (of, _) = owed.last.clone()?;
        let (remarks, steps) = (Shared::new(said.remarks), Shared::new(said.steps));
        Some(Told { of, remarks, steps, below: said.below.into() })
    }

    fn settle(&self, reference: &str, platform: &Platform) {
        self.owed.borrow_mut().images.retain(|image| image.0 != reference || image.1 != *platform);
    }

    fn found(&self, relay: Relay) -> Action {
        self.owed.borrow_mut().relay = false;
        Action::FoundRelay(relay)
    }

    /// The worker listens: what was asked before goes out.
    fn catch_up(&self) {
        self.owed.borrow_mut().listens = true;
        if let Some(running) = &*self.running.borrow() {
            tabs::join(&running.worker, &self.send);
        }
        self.check_next();
        let owed = self.owed.borrow();
        self.post_relay(&owed);
        (0..owed.images.len()).for_each(|place| self.post_image(&owed, place));
    }
}

fn start(line: &Rc<Line>) {
    line.owed.borrow_mut().starts += 1;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = web_sys::Worker::new_with_options(SCRIPT, &options) else { return end(line) };
    let heard = Rc::downgrade(line);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let (Some(line), Some(text)) = (heard.upgrade(), event.data().as_string()) {
            line.hear(&text);
        }
    });
    let mut broken = Some(Rc::downgrade(line));
    let on_error = Closure::<dyn FnMut(Event)>::new(move |_| {
        // Once: what is broken breaks again with whatever it hears until its end, and that is not the next one's fault.
        let Some(broken) = broken.take() else { return };
        // Not at once: this very closure goes with the worker.
        Timeout::new(PAUSE, move || broken.upgrade().iter().for_each(end)).forget();
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    *line.running.borrow_mut() = Some(Running { worker, _on_message: on_message, _on_error: on_error });
}

/// The worker broke: once more, or not at all.
fn end(line: &Rc<Line>) {
    drop(line.running.take());
    let mut owed = line.owed.borrow_mut();
    let Owed { starts, relay, .. } = *owed;
    owed.listens = false;
    owed.checking = false;
    let last = owed.last.clone();
    owed.next = owed.next.take().or(last);
    drop(owed);
    if starts < STARTS {
        return start(line);
    }
    line.send.emit(Action::ChecksGone);
    if relay {
        line.send.emit(line.found(Relay::Absent));
    }
}
