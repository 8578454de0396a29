//! A suspect's light: its events and series stand out, the rest steps back.

use super::{Step, Timeline, dom, ids_in};
use chart::Focus;
use std::rc::Rc;
use web_sys::HtmlElement;

/// The suspects of the page, in order.
pub(super) fn suspects() -> Vec<HtmlElement> {
    dom::document()
        .body()
        .map(|body| dom::all(&body, "[data-suspect]"))
        .unwrap_or_default()
}

impl Timeline {
    /// Lights a suspect, or lets go of it where it is lit.
    pub(super) fn toggle_focus(self: &Rc<Self>, id: &str) {
        let lit = self.view.borrow().focus.as_deref() == Some(id);
        self.change(Step::Settled, |view, _| {
            view.focus = (!lit).then(|| id.to_owned());
        });
        self.announce(if lit {
            "All lanes are shown alike."
        } else {
            "The suspect is lit; the other lanes step back."
        });
    }

    pub(super) fn toggle_focus_of(self: &Rc<Self>, rank: usize) -> bool {
        let suspects = suspects();
        let Some(suspect) = rank.checked_sub(1).and_then(|i| suspects.get(i)) else {
            return false;
        };
        self.toggle_focus(&dom::attribute(suspect, "data-suspect"));
        true
    }

    /// Makes the page show the suspect that the view has.
    pub(super) fn relight(self: &Rc<Self>) {
        let chosen = self.view.borrow().focus.clone();
        let mut focus = None;
        for suspect in suspects() {
            let lit = chosen.as_deref() == Some(dom::attribute(&suspect, "data-suspect").as_str());
            dom::set(&suspect, "data-lit", lit.then_some(""));
            if lit {
                focus = Some(Focus {
                    series: ids_in(&suspect, "data-series"),
                    events: ids_in(&suspect, "data-events"),
                });
            }
            if let Some(link) = dom::one(&suspect, "[data-focus]") {
                dom::set(&link, "aria-current", lit.then_some("true"));
                if let Some(text) = dom::one(&link, ".focus-word") {
                    dom::say(
                        &text,
                        if lit {
                            crate::view::words::UNLIGHT
                        } else {
                            crate::view::words::LIGHT
                        },
                    );
                }
            }
        }
        self.lit.replace(focus);
        self.dressing.set(self.dressing.get() + 1);
        self.dim_lanes();
    }

    /// Lanes that show nothing of the suspect step back.
    pub(super) fn dim_lanes(&self) {
        let focus = self.lit.borrow();
        for row in self.rows.borrow().iter() {
            let Some(lane) = row.lane() else { continue };
            let dim = focus
                .as_ref()
                .is_some_and(|f| !crate::dress::touches(f, lane));
            let _ = row.article.class_list().toggle_with_force("lane-dim", dim);
        }
    }
}
