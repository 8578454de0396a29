//! An incident that goes on: the server says that something has changed, and what has changed is
//! fetched again. The view stays.

use super::{CURRENT, Timeline, dom, dom::Ear, dom::Listener, menu};
use std::{rc::Rc, time::Duration};
use web_sys::EventSource;

/// How long changes are gathered: a freeze tells of each of its steps.
const GATHER: Duration = Duration::from_millis(600);

/// The line to the server.
pub(super) struct Source {
    source: EventSource,
    _heard: Listener,
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
                } else if timeline.source.borrow().is_none() {
                    timeline.open_line();
                }
            },
        );
        self.listeners.borrow_mut().push(ear);
    }

    fn open_line(self: &Rc<Self>) {
        let url = format!("/api/incidents/{}/live", self.incident);
        let Ok(source) = EventSource::new(&url) else {
            return;
        };
        let weak = Rc::downgrade(self);
        let heard = dom::listen(&source, "changed", Ear::default(), move |event| {
            let id = menu::field(&event, "lastEventId").as_string();
            if let Some(timeline) = weak.upgrade() {
                timeline.heard(&id.unwrap_or_default());
            }
        });
        self.source.replace(Some(Source {
            source,
            _heard: heard,
        }));
    }

    /// The server tells how far the incident has come, first as it is and then at each change.
    fn heard(self: &Rc<Self>, revision: &str) {
        let before = self.fetching.heard.replace(revision.to_owned());
        if !before.is_empty() && before != revision {
            self.changed_soon();
        }
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
                // Another page may be open by now.
                let open =
                    CURRENT.with_borrow(|c| c.as_ref().is_some_and(|c| Rc::ptr_eq(c, &timeline)));
                if open {
                    timeline.ask_again();
                }
            },
            GATHER,
        );
    }
}
