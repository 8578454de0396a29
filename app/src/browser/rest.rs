//! While a hand is on the lanes nothing is put in their place: a page that was asked for again waits
//! until the hand has let go. And what had the focus then has it again afterwards.

use super::{CURRENT, Timeline, dom, pointer::Gesture};
use js_sys::{Function, Object, Reflect};
use std::{future::poll_fn, task::Poll};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

/// What had the focus when the page was made again.
#[derive(Default)]
pub(super) enum Held {
    #[default]
    Nothing,
    /// An element with an id of its own.
    Named(String),
    /// A part of a lane, by the lane's id and the part's place in [`PARTS`].
    Lane(String, &'static str),
    /// The only one of its kind on the page.
    Alone(&'static str),
}

/// What can have the focus in a lane.
const PARTS: [&str; 3] = [".pictures", ".alarm-grip", ".lane-menu"];

/// What can have it elsewhere, and has no id.
const ALONE: [&str; 2] = [".axis .pictures", ".events-box"];

/// Waits until no hand holds anything on the page that is open; whether it had to wait. From then on
/// the page may be made again.
pub(crate) async fn at_rest() -> bool {
    let mut waited = false;
    poll_fn(move |context| {
        let Some(timeline) = CURRENT.with_borrow(Clone::clone) else {
            return Poll::Ready(waited);
        };
        if !timeline.is_held() {
            timeline.hold();
            return Poll::Ready(waited);
        }
        waited = true;
        let waker = context.waker().clone();
        timeline.waiting.borrow_mut().push(waker);
        Poll::Pending
    })
    .await
}

impl Timeline {
    /// Whether a hand drags something.
    pub(super) fn is_held(&self) -> bool {
        !matches!(*self.gesture.borrow(), Gesture::None)
    }

    /// Lets go on who waits for the hand, where it holds nothing any more.
    pub(super) fn rest(&self) {
        if self.is_held() {
            return;
        }
        for waker in self.waiting.take() {
            waker.wake();
        }
    }

    /// Notes what has the focus.
    fn hold(&self) {
        let active = dom::document().active_element();
        let active = active.and_then(|a| a.dyn_into::<HtmlElement>().ok());
        let held = active.map(|a| held(&a)).unwrap_or_default();
        self.held.replace(held);
    }

    /// Gives the focus back to what had it before the page was made again.
    pub(super) fn hold_again(&self) {
        let element = match self.held.take() {
            Held::Nothing => None,
            Held::Named(id) => dom::document()
                .get_element_by_id(&id)
                .and_then(|e| e.dyn_into().ok()),
            Held::Lane(id, part) => self
                .with_row(&id, |row| dom::one(&row.article, part))
                .flatten(),
            Held::Alone(selector) => dom::in_page(selector),
        };
        let lost = dom::document()
            .active_element()
            .is_none_or(|a| a.matches("body").unwrap_or(false));
        if let Some(element) = element.filter(|_| lost) {
            focus_where_it_is(&element);
        }
    }
}

fn held(active: &HtmlElement) -> Held {
    let is = |part: &&str| active.matches(part).unwrap_or(false);
    let lane = active.closest("article[data-lane]").ok().flatten();
    if !active.id().is_empty() {
        return Held::Named(active.id());
    }
    if let Some((lane, part)) = lane.zip(PARTS.into_iter().find(is)) {
        return Held::Lane(dom::attribute(&lane, "data-lane"), part);
    }
    let alone = ALONE.into_iter().find(is);
    alone.map_or(Held::Nothing, Held::Alone)
}

/// Focus without scrolling: the reader may have scrolled on since.
fn focus_where_it_is(element: &HtmlElement) {
    let options = Object::new();
    // A plain object takes every property.
    let _ = Reflect::set(&options, &"preventScroll".into(), &JsValue::TRUE);
    let focus = Reflect::get(element, &"focus".into());
    if let Some(focus) = focus.ok().and_then(|f| f.dyn_into::<Function>().ok()) {
        let _ = focus.call1(element, &options);
    }
}
