//! An incident that goes on: the server says that something has changed, and what has changed is
//! fetched again. The view stays.

use super::{CURRENT, Timeline, dom, dom::Ear, dom::Listener, fetch, menu};
use std::{rc::Rc, time::Duration};
use wasm_bindgen_futures::spawn_local;
use web_sys::EventSource;

/// How long changes are gathered: a freeze tells of each of its steps.
const GATHER: Duration = Duration::from_millis(600);

/// Seconds until a line that could not be opened is tried again, where the server does not say; twice
/// as long each time, up to [`LONGEST`].
const AGAIN: u32 = 3;
/// See [`AGAIN`].
const LONGEST: u32 = 60;

/// The line to the server.
pub(super) struct Source {
    source: EventSource,
    _ears: [Listener; 3],
}

impl Drop for Source {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Timeline {
    /// Listens to the server while the page is looked at. A page in the background lets go of the
    /// line, of which a browser has only a few, and asks when it is looked at again.
    pub(super) fn listen_to_changes(self: &Rc<Self>) {
        self.open_line();
        let weak = Rc::downgrade(self);
        let ear = dom::listen(
            &dom::document(),
            "visibilitychange",
            Ear::default(),
            move |_| {
                let Some(timeline) = weak.upgrade() else {
                    return;
                };
                if dom::document().hidden() {
                    timeline.source.take();
                } else {
                    timeline.open_line();
                    timeline.draw_anew();
                }
            },
        );
        self.listeners.borrow_mut().push(ear);
    }

    fn open_line(self: &Rc<Self>) {
        if self.source.borrow().is_some() || dom::document().hidden() || !self.is_open() {
            return;
        }
        let Ok(source) = EventSource::new(&self.line()) else {
            return;
        };
        let ear = |kind, what: fn(&Rc<Self>, &web_sys::Event)| {
            let weak = Rc::downgrade(self);
            dom::listen(&source, kind, Ear::default(), move |event| {
                if let Some(timeline) = weak.upgrade() {
                    what(&timeline, &event);
                }
            })
        };
        let ears = [
            ear("changed", |timeline, event| {
                let id = menu::field(event, "lastEventId").as_string();
                timeline.heard(&id.unwrap_or_default());
            }),
            ear("open", |timeline, _| {
                timeline.tries.set(0);
                timeline.say_line("");
            }),
            ear("error", |timeline, _| timeline.line_failed()),
        ];
        self.source.replace(Some(Source {
            source,
            _ears: ears,
        }));
    }

    fn line(&self) -> String {
        format!("/api/incidents/{}/live", self.incident)
    }

    /// A line that breaks off is opened again by the browser; one that was refused is not, so that we
    /// do, as the server says or else ever more seldom.
    fn line_failed(self: &Rc<Self>) {
        let refused = self
            .source
            .borrow()
            .as_ref()
            .is_some_and(|s| s.source.ready_state() == EventSource::CLOSED);
        if !refused {
            self.say_line("The line to the server broke off; the page is not kept up to date until it is there again.");
            return;
        }
        let timeline = self.clone();
        spawn_local(async move {
            // The refused line is let go of here: it cannot be dropped while it is being heard.
            timeline.source.take();
            let tries = timeline.tries.get();
            timeline.tries.set(tries + 1);
            let usual = AGAIN.saturating_mul(1 << tries.min(5)).min(LONGEST);
            let seconds = match fetch::refusal(&timeline.line()).await {
                fetch::Refusal::Gone => {
                    return timeline.say_line(
                        "This incident is not there any more, or not for you: the page is not kept up to date.",
                    );
                }
                fetch::Refusal::Later(seconds) => seconds.clamp(1, 10 * LONGEST),
                fetch::Refusal::Unknown => usual,
            };
            timeline.say_line(&format!(
                "The page is not kept up to date: the server has no room for it now. It asks again in {seconds} s."
            ));
            let weak = Rc::downgrade(&timeline);
            leptos::prelude::set_timeout(
                move || {
                    if let Some(timeline) = weak.upgrade() {
                        timeline.open_line();
                    }
                },
                Duration::from_secs(u64::from(seconds)),
            );
        });
    }

    fn say_line(&self, text: &str) {
        if let Some(place) = dom::one(&self.root(), ".line-said") {
            dom::say(&place, text);
        }
    }

    /// The server tells how far the incident has come, first as it is and then at each change.
    fn heard(self: &Rc<Self>, revision: &str) {
        let before = self.fetching.heard.replace(revision.to_owned());
        if !before.is_empty() && before != revision {
            self.fetching.behind.set(true);
            self.fetching.unlisted.set(true);
            self.changed_soon();
        }
    }

    /// Whether this is the page that is open: another one may be by now.
    fn is_open(self: &Rc<Self>) -> bool {
        CURRENT.with_borrow(|c| c.as_ref().is_some_and(|c| Rc::ptr_eq(c, self)))
    }

    fn changed_soon(self: &Rc<Self>) {
        if self.fetching.gathering.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                let Some(timeline) = weak.upgrade() else {
                    return;
                };
                timeline.fetching.gathering.set(false);
                if timeline.is_open() {
                    timeline.ask_again();
                }
            },
            GATHER,
        );
    }
}
