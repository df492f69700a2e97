//! What waits until typing rests.
//!
//! A key sets no timer and takes none away: it moves the time. The timer that runs looks at that when it rings, and is
//! set once more where there were keys since.

use gloo::timers::callback::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

/// Something to be done once nothing was put in its place for a while.
#[derive(Default)]
pub struct Rest(Rc<RefCell<Waiting>>);

#[derive(Default)]
struct Waiting {
    /// When it is to be done, in milliseconds of the browser's clock.
    due: f64,
    act: Option<Box<dyn FnOnce()>>,
    timer: Option<Timeout>,
}

impl Rest {
    /// Does it after so many milliseconds, unless this is called again before.
    pub fn after(&self, milliseconds: u32, act: Box<dyn FnOnce()>) {
        let mut waiting = self.0.borrow_mut();
        waiting.due = js_sys::Date::now() + f64::from(milliseconds);
        waiting.act = Some(act);
        if waiting.timer.is_none() {
            waiting.timer = Some(timer(&self.0, milliseconds));
        }
    }

    /// Does nothing of what waits.
    pub fn never(&self) {
        *self.0.borrow_mut() = Waiting::default();
    }
}

fn timer(waiting: &Rc<RefCell<Waiting>>, milliseconds: u32) -> Timeout {
    let weak = Rc::downgrade(waiting);
    Timeout::new(milliseconds, move || {
        let Some(waiting) = weak.upgrade() else { return };
        let left = waiting.borrow().due - js_sys::Date::now();
        // A clock that was set back is no reason to wait for ever.
        if (1.0..60_000.0).contains(&left) {
            waiting.borrow_mut().timer = Some(timer(&waiting, left.ceil() as u32));
            return;
        }
        let Waiting { act, .. } = waiting.take();
        if let Some(act) = act {
            act();
        }
    })
}

/// Does it once `dependencies` have not changed for so many milliseconds.
#[hook]
pub fn use_rest<D: PartialEq + 'static>(dependencies: D, milliseconds: u32, act: impl FnOnce() + 'static) {
    let rest = use_mut_ref(Rest::default);
    {
        let rest = Rc::clone(&rest);
        use_effect_with(dependencies, move |_| rest.borrow().after(milliseconds, Box::new(act)));
    }
    use_effect_with((), move |()| move || rest.borrow().never());
}
