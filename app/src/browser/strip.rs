//! The whole incident in a strip, with a brush over what is shown.

use super::{Step, Timeline, dom, fetch, pointer::Gesture};
use crate::view::{Scale, strip, zoom};
use chart::{Content, Slice};
use model::{Timestamp, Window};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::PointerEvent;

/// Columns of the curve in the strip.
const COLUMNS: u32 = 500;

/// How near to an edge of the brush it is taken by that edge, CSS pixels.
const EDGE: f64 = 7.0;

/// How the brush is held.
#[derive(Clone, Copy)]
pub(super) enum Grip {
    /// By its early edge: the other one stays.
    Start(Timestamp),
    /// By its late edge.
    End(Timestamp),
    /// As a whole: the instant that is held.
    Whole(Timestamp),
    /// A new brush begins here.
    New(Timestamp),
}

impl Timeline {
    fn strip(&self) -> Option<Scale> {
        let strip = dom::one(&self.root(), ".strip")?;
        let rect = strip.get_bounding_client_rect();
        Some(Scale {
            left: rect.left(),
            right: rect.right(),
            window: self.bounds.get(),
        })
    }

    /// Draws the curve of the first pinned lane into the strip, or again that of the first of all: what
    /// stays in sight beside the others is what the brush is drawn over.
    pub(super) fn follow_pins(self: &Rc<Self>) {
        let is_metric = |id: &String| {
            let rows = self.rows.borrow();
            let row = rows.iter().find(|r| r.id == *id);
            row.is_some_and(super::lane::Row::is_metric)
        };
        let pinned = self.view.borrow().lanes.pinned.clone();
        let default = self.default.borrow().clone();
        let wanted = pinned.iter().chain(&default).find(|id| is_metric(id));
        let Some(id) = wanted.cloned() else { return };
        let before = self.stripped.replace(Some(id.clone()));
        // At first the server's strip is right.
        if before.is_none() || before.as_ref() == Some(&id) {
            return;
        }
        let bounds = self.bounds.get();
        let url = format!(
            "/api/incidents/{}/lanes?from={}&to={}&columns={COLUMNS}&lanes={id}",
            self.incident,
            bounds.start.millis(),
            bounds.end.millis()
        );
        let timeline = self.clone();
        spawn_local(async move {
            let slice = fetch::bytes(&url).await;
            let slice = slice.ok().and_then(|(bytes, _)| Slice::decode(&bytes).ok());
            let content = slice
                .and_then(|s| s.lanes.into_iter().next())
                .map(|l| l.content);
            if let Some(Content::Metric(plot)) = content
                && let Some(curve) = plot.curves.first()
                && let Ok(Some(path)) = timeline.root().query_selector(".strip-curve")
            {
                let gap = curve.thinned.unwrap_or_default().max(curve.gap_ms);
                let drawn = strip::path(&curve.points, gap, strip::scale(bounds));
                dom::set(&path, "d", Some(&drawn));
            }
        });
    }

    /// Moves the shades to the ends of the window that is shown. Each is as wide as the strip.
    pub(super) fn move_strip(&self, shown: Window) {
        let scale = strip::scale(self.bounds.get());
        let percent = |at| scale.x(at) / strip::WIDTH * 100.0;
        let Some(chrome) = self.chrome() else { return };
        let [before, after] = &chrome.shades;
        before.place(percent(shown.start) - 100.0);
        after.place(percent(shown.end));
    }

    /// Takes hold of the brush where a pointer comes down on the strip.
    pub(super) fn grip(self: &Rc<Self>, pointer: &PointerEvent) -> bool {
        let Some(strip) = dom::around(pointer, ".lanes .strip") else {
            return false;
        };
        let Some(scale) = self.strip().filter(|_| self.root().contains(Some(&strip))) else {
            return false;
        };
        if pointer.button() != 0 {
            return false;
        }
        pointer.prevent_default();
        let _ = strip.set_pointer_capture(pointer.pointer_id());
        let x = f64::from(pointer.client_x());
        let shown = self.shown();
        let (from, to) = (scale.x(shown.start), scale.x(shown.end));
        let everything = shown == self.bounds.get();
        let grip = if !everything && (x - from).abs() <= EDGE {
            Grip::Start(shown.end)
        } else if !everything && (x - to).abs() <= EDGE {
            Grip::End(shown.start)
        } else if !everything && from < x && x < to {
            Grip::Whole(scale.at(x))
        } else {
            Grip::New(scale.at(x))
        };
        self.gesture.replace(Gesture::Brush(grip));
        true
    }

    /// Drags the brush; says how it is held from now on.
    pub(super) fn brush(self: &Rc<Self>, grip: Grip, pointer: &PointerEvent) -> Grip {
        let Some(scale) = self.strip() else {
            return grip;
        };
        let at = scale.at(f64::from(pointer.client_x()));
        let (shown, bounds) = (self.shown(), self.bounds.get());
        let (window, grip) = match grip {
            Grip::Start(end) => (zoom::between(at, end, bounds), grip),
            Grip::End(start) | Grip::New(start) => (zoom::between(start, at, bounds), grip),
            Grip::Whole(held) => {
                let window = zoom::pan(shown, at.since(held), bounds);
                (window, Grip::Whole(at))
            }
        };
        self.look_at(window, Step::Moving);
        grip
    }
}
