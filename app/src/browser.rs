//! The timeline in the browser: it takes over the lanes that the server has drawn.
//!
//! One [`Timeline`] a page. It keeps a [`View`], which is all that can be changed, and draws what the
//! view says: lanes on canvases in the place of the server's pictures (once they are drawn), a
//! crosshair and a selection over them. Whatever changes the view writes it into the address, and
//! the address is read back when the reader goes back. Plain elements and one listener for each kind
//! of event, no reactive components: a crosshair that moves through twenty lanes has sixteen
//! milliseconds.
//!
//! What is decided without a page (what a view is, where a gesture leads, which slice is drawn) is in
//! [`crate::view`], and tested there.

mod address;
mod alarm;
mod chrome;
mod crosshair;
mod dialogs;
mod dom;
mod events;
mod fetch;
mod fingers;
mod flings;
mod focus;
mod forms;
mod frame;
mod glide;
mod keys;
mod lane;
mod live;
mod menu;
mod moving;
mod notes;
mod pick;
mod pins;
mod pointer;
mod rest;
mod sheet;
mod strip;
mod table;

use crate::{
    dress::unlisted,
    view::{View, query},
};
use chart::Focus;
use chrome::Chrome;
use dom::Listener;
use lane::Row;
use leptos::prelude::{Callable, Callback};
use model::{Timestamp, Window};
use pointer::Gesture;
pub(crate) use rest::at_rest;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};
use web_sys::HtmlElement;

thread_local! {
    /// The timeline of the page that is open.
    static CURRENT: RefCell<Option<Rc<Timeline>>> = const { RefCell::new(None) };
}

/// The section that a timeline takes over.
const SECTION: &str = "section.lanes[data-incident]";

/// A timeline that is alive.
pub(crate) struct Timeline {
    incident: String,
    /// Asks the server for the page's other parts again.
    again: Cell<Callback<()>>,
    root: RefCell<HtmlElement>,
    bounds: Cell<Window>,
    /// Lanes that are shown by default.
    default: RefCell<Vec<String>>,
    view: RefCell<View>,
    rows: RefCell<Vec<Row>>,
    chrome: RefCell<Option<Rc<Chrome>>>,
    cross: Cell<Option<Timestamp>>,
    /// The end of a selection that stays where it is.
    mark: Cell<Option<Timestamp>>,
    gesture: RefCell<Gesture>,
    /// How often fingers have come down.
    touches: Cell<u32>,
    /// What is lit, and how often that or an axis has changed.
    lit: RefCell<Option<Focus>>,
    dressing: Cell<u32>,
    /// How often the incident has changed.
    revision: Cell<u32>,
    frame: frame::Queue,
    fetching: fetch::Queue,
    settling: Cell<u32>,
    tried: alarm::Tried,
    /// Words that mentions are looked for by, and what was found.
    mentions: notes::Mentions,
    table: RefCell<table::Table>,
    listed: RefCell<Vec<menu::Listed>>,
    /// The lane whose curve the strip shows, where it is not the server's choice.
    stripped: RefCell<Option<String>>,
    /// Whether lanes were pinned when last looked at.
    stuck: Cell<bool>,
    /// What had the focus when the page was made again: a selector.
    held: RefCell<String>,
    /// Who waits until no hand is on the lanes.
    waiting: RefCell<Vec<Waker>>,
    /// How often the line to the server could not be opened.
    tries: Cell<u32>,
    source: RefCell<Option<live::Source>>,
    listeners: RefCell<Vec<Listener>>,
    /// Hear of fingers on the section that is there now.
    strokes: RefCell<Vec<Listener>>,
}

/// Takes over the timeline of the page, or what has come in its place when the page was asked for
/// again. `again` asks for the page again.
pub(crate) fn attach(again: Callback<()>) {
    let Some(root) = dom::in_page(SECTION) else {
        return detach();
    };
    let incident = dom::attribute(&root, "data-incident");
    let current = CURRENT.with_borrow(Clone::clone);
    let timeline = if let Some(timeline) = current.filter(|t| t.incident == incident) {
        timeline.again.set(again);
        timeline.adopt(root);
        timeline
    } else {
        detach();
        let timeline = Rc::new(Timeline::new(incident, root, again));
        CURRENT.with(|c| c.replace(Some(timeline.clone())));
        timeline.start();
        timeline
    };
    // In the frame in which it takes over, so that nothing is seen half taken over.
    timeline.draw();
}

/// Lets go of the page.
pub(crate) fn detach() {
    let current = CURRENT.with(RefCell::take);
    if let Some(timeline) = current {
        timeline.listeners.borrow_mut().clear();
        timeline.source.take();
        timeline.gesture.take();
        timeline.rest();
    }
}

impl Timeline {
    fn new(incident: String, root: HtmlElement, again: Callback<()>) -> Self {
        let (view, _) = query::read(&address::search());
        Self {
            incident,
            again: Cell::new(again),
            bounds: Cell::new(bounds(&root)),
            default: RefCell::new(Vec::new()),
            root: RefCell::new(root),
            view: RefCell::new(view),
            rows: RefCell::default(),
            chrome: RefCell::default(),
            cross: Cell::default(),
            mark: Cell::default(),
            gesture: RefCell::default(),
            touches: Cell::default(),
            lit: RefCell::default(),
            dressing: Cell::default(),
            revision: Cell::default(),
            frame: frame::Queue::default(),
            fetching: fetch::Queue::default(),
            settling: Cell::default(),
            tried: alarm::Tried::default(),
            mentions: notes::Mentions::default(),
            table: RefCell::default(),
            listed: RefCell::default(),
            stripped: RefCell::default(),
            stuck: Cell::default(),
            held: RefCell::default(),
            waiting: RefCell::default(),
            tries: Cell::default(),
            source: RefCell::default(),
            listeners: RefCell::default(),
            strokes: RefCell::default(),
        }
    }

    fn start(self: &Rc<Self>) {
        self.take_over();
        let mut listeners = Vec::new();
        self.listen_to_pointers(&mut listeners);
        self.listen_to_keys(&mut listeners);
        self.listen_to_address(&mut listeners);
        self.listen_to_table(&mut listeners);
        self.listen_to_forms(&mut listeners);
        self.listeners.replace(listeners);
        self.listen_to_changes();
    }

    /// The server's part of the page was made again: the canvases move into it as they are, so that
    /// nothing flashes, and everything is fetched anew behind them.
    fn adopt(self: &Rc<Self>, root: HtmlElement) {
        self.bounds.set(bounds(&root));
        self.root.replace(root);
        self.revision.set(self.revision.get() + 1);
        self.fetching.behind.set(false);
        self.fetching.unlisted.set(true);
        self.take_over();
    }

    fn take_over(self: &Rc<Self>) {
        let root = self.root();
        self.strokes.replace(self.listen_to_strokes());
        self.default
            .replace(unlisted_in_order(&dom::attribute(&root, "data-lanes")));
        self.find_rows();
        self.build_chrome();
        let served = dom::one(&root, ".time-shown").and_then(|shown| shown.text_content());
        self.fetching.served.replace(served.unwrap_or_default());
        self.arrange();
        self.relight();
        self.attach_table();
        self.read_fired();
        self.hold_again();
    }

    fn root(&self) -> HtmlElement {
        self.root.borrow().clone()
    }

    /// The window that is drawn.
    fn shown(&self) -> Window {
        self.view.borrow().window(self.bounds.get())
    }

    /// Changes the view. What moves under a finger settles later.
    fn change(self: &Rc<Self>, step: Step, how: impl FnOnce(&mut View, Window)) {
        let before = self.view.borrow().clone();
        how(&mut self.view.borrow_mut(), self.bounds.get());
        let (rearranged, refocused, recompared, retried) = {
            let now = self.view.borrow();
            (
                now.lanes != before.lanes,
                now.focus != before.focus,
                now.compare != before.compare,
                now.alarm != before.alarm,
            )
        };
        if recompared {
            self.revision.set(self.revision.get() + 1);
            self.mark_stale();
        }
        if rearranged {
            self.dressing.set(self.dressing.get() + 1);
            self.arrange();
            self.follow_pins();
        }
        if refocused {
            self.relight();
        }
        if retried {
            self.ask_alarm();
        }
        self.fetching.forgive();
        self.schedule();
        match step {
            Step::Settled => self.settle(),
            Step::Moving => self.settle_soon(),
        }
    }

    /// Shows another window.
    fn look_at(self: &Rc<Self>, window: Window, step: Step) {
        self.change(step, |view, bounds| view.look_at(window, bounds));
    }

    fn ask_again(&self) {
        self.again.get().run(());
    }
}

/// Whether a change of the view is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// More of it is to come: it is a step of the history when it has settled.
    Moving,
    /// It is a step of the history.
    Settled,
}

fn bounds(root: &HtmlElement) -> Window {
    let at = |name| Timestamp::from_millis(dom::number(root, name).unwrap_or_default());
    let (start, end) = (at("data-start"), at("data-end"));
    Window {
        start,
        end: end.max(start.plus(1)),
    }
}

/// Ids of lanes have no spaces.
fn unlisted_in_order(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The ids in an attribute of an element.
fn ids_in(element: &HtmlElement, name: &str) -> std::collections::BTreeSet<String> {
    unlisted(&dom::attribute(element, name))
}
