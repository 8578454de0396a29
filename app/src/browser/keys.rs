//! Everything by keyboard. Single letters can be switched off in the sheet of keys (WCAG 2.1.4),
//! for who speaks to the page or whose hand trembles.

use super::{Step, Timeline, dom, dom::Ear, dom::Listener};
use crate::view::{snap::Way, zoom};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// What the sheet says, in its order: keys, then what they do.
pub(super) const SHEET: [(&str, &str); 24] = [
    ("← →", "Earlier, later"),
    ("+ −", "Zoom in, out"),
    ("0", "Everything"),
    ("[ ]", "Crosshair to the change point before, after"),
    ("Shift ← →", "Crosshair to the sample before, after"),
    ("S", "Begin or let go of a selection at the crosshair"),
    ("Enter", "Zoom to the selection; on a lane: its menu"),
    ("Tab", "Next lane"),
    ("Shift ↑ ↓", "On a lane: lower, taller"),
    ("T", "On a lane: try an alarm; ↑ ↓ move its threshold"),
    (
        "O",
        "On a lane: open the event or the cluster at the crosshair",
    ),
    ("N", "Note at the crosshair or over the selection"),
    ("1 … 9", "Light up a suspect, or let go of it"),
    (
        "E",
        "Events; ↑ ↓ go through the rows, Enter chooses, then shows the lane",
    ),
    ("Alt ← →", "Back and forth through views"),
    ("Ctrl Z", "Undo what was done to a note"),
    (
        "Esc",
        "Let go of selection, crosshair, light, a dragged lane",
    ),
    ("/ or Ctrl K", "Go to anything"),
    ("?", "This sheet"),
    ("Drag", "Zoom to a span; double click zooms out"),
    (
        "Shift drag",
        "Move; also by the middle button or one finger",
    ),
    (
        "Ctrl wheel",
        "Zoom; also by the wheel over the axis, or two fingers",
    ),
    ("Hold, drag", "By one finger: zoom to a span"),
    (
        "Drag an edge",
        "Of a lane: the left one moves it, the lower one resizes it",
    ),
];

/// Where it is kept that single keys are off.
const OFF: &str = "lineup-keys-off";

/// Whether single keys work.
pub(super) fn are_on() -> bool {
    let storage = dom::window().local_storage().ok().flatten();
    storage.is_none_or(|s| s.get_item(OFF).ok().flatten().is_none())
}

/// Switches single keys on or off.
pub(super) fn switch(on: bool) {
    if let Ok(Some(storage)) = dom::window().local_storage() {
        // In a private window it lasts as long as the page.
        let _ = if on {
            storage.remove_item(OFF)
        } else {
            storage.set_item(OFF, "1")
        };
    }
}

impl Timeline {
    pub(super) fn listen_to_keys(self: &Rc<Self>, listeners: &mut Vec<Listener>) {
        let weak = Rc::downgrade(self);
        let ear = Ear {
            active: true,
            capture: false,
        };
        listeners.push(dom::listen(
            &dom::document(),
            "keydown",
            ear,
            move |event| {
                let Some(timeline) = weak.upgrade() else {
                    return;
                };
                if let Some(key) = event.dyn_ref::<KeyboardEvent>()
                    && timeline.key(key)
                {
                    event.prevent_default();
                }
            },
        ));
    }

    /// Does what a key stands for; says whether it stands for anything.
    fn key(self: &Rc<Self>, key: &KeyboardEvent) -> bool {
        if key.default_prevented() || key.is_composing() {
            return false;
        }
        let name = key.key();
        if dom::in_page("dialog[open]").is_some() {
            return self.key_in_dialog(&name);
        }
        if dom::in_page(".menu").is_some_and(|menu| !menu.hidden()) {
            return Self::key_in_menu(&name);
        }
        let command = key.ctrl_key() || key.meta_key();
        if command && !key.alt_key() && name.eq_ignore_ascii_case("k") {
            self.open_palette();
            return true;
        }
        if command && !key.shift_key() && name == "z" && !writes(key) {
            let undo = dom::in_page(".toast:not([hidden]) [data-undo]");
            if let Some(undo) = &undo {
                undo.click();
            }
            return undo.is_some();
        }
        if command || key.alt_key() || writes(key) {
            return false;
        }
        if self.key_on_handle(&name) {
            return true;
        }
        let lane = lane_in_focus();
        if let Some(lane) = lane.as_deref().filter(|_| key.shift_key())
            && let Some(what) = resized(&name)
        {
            self.change_lane(&format!("{what} {lane}"));
            return true;
        }
        if let Some(lane) = &lane
            && (name == "Enter" || name == " ")
        {
            if self.mark.get().is_some() {
                self.zoom_to_selection();
            } else if let Some(from) = self.with_row(lane, |r| r.pictures.clone()) {
                self.open_lane_menu(lane, &from);
            }
            return true;
        }
        if (name == "Enter" || name == " ") && self.choose_row() {
            return true;
        }
        let row = match name.as_str() {
            "ArrowDown" => Some(1),
            "ArrowUp" => Some(-1),
            _ => None,
        };
        if row.is_some_and(Self::step_row) {
            return true;
        }
        // Arrows belong to whatever has the focus, where it is no lane and not the page.
        let free = lane.is_some() || rests_on_page();
        if free && self.moving_key(&name, key.shift_key(), lane.as_deref()) {
            return true;
        }
        are_on() && self.letter(&name, lane.as_deref())
    }

    fn moving_key(self: &Rc<Self>, name: &str, shift: bool, lane: Option<&str>) -> bool {
        let way = match name {
            "ArrowLeft" => Way::Back,
            "ArrowRight" => Way::Forth,
            "Escape" => return self.let_go(),
            "Enter" if self.mark.get().is_some() => {
                self.zoom_to_selection();
                return true;
            }
            _ => return false,
        };
        if shift {
            self.step(way, lane);
        } else {
            let shown = self.shown();
            let ms = (shown.millis() as f64 * zoom::PAN_SHARE) as i64;
            let ms = if way == Way::Back { -ms } else { ms };
            self.look_at(zoom::pan(shown, ms, self.bounds.get()), Step::Moving);
        }
        true
    }

    fn letter(self: &Rc<Self>, name: &str, lane: Option<&str>) -> bool {
        match name {
            "+" | "=" => self.zoom(self.middle(), zoom::STEP, Step::Moving),
            "-" | "_" => self.zoom(self.middle(), 1.0 / zoom::STEP, Step::Moving),
            "0" => self.show_everything(),
            "[" => self.to_change(Way::Back, lane),
            "]" => self.to_change(Way::Forth, lane),
            "?" => Self::open_keys(),
            "/" => self.open_palette(),
            "n" | "N" => self.write_note(),
            "e" | "E" => Self::go_to_events(),
            "s" | "S" => self.begin_selection(),
            "t" | "T" => {
                if let Some(lane) = lane {
                    self.begin_alarm(lane);
                }
            }
            "o" | "O" => {
                if let Some(lane) = lane {
                    self.pick_at_cross(lane);
                }
            }
            digit => match digit.parse::<usize>() {
                Ok(rank) if (1..=9).contains(&rank) => return self.toggle_focus_of(rank),
                _ => return false,
            },
        }
        true
    }

    /// The crosshair to the next sample of a lane.
    fn step(self: &Rc<Self>, way: Way, lane: Option<&str>) {
        let first = self
            .rows
            .borrow()
            .iter()
            .find(|r| !r.is_hidden())
            .map(|r| r.id.clone());
        let Some(lane) = lane.map(str::to_owned).or(first) else {
            return;
        };
        let at = self.cross.get().unwrap_or_else(|| self.middle());
        if let Some(next) = self.neighbour(&lane, at, way) {
            self.go_to(next);
            self.tell_cross(Some(&lane));
        }
    }

    fn to_change(self: &Rc<Self>, way: Way, lane: Option<&str>) {
        let at = self.cross.get().unwrap_or_else(|| self.middle());
        match crate::view::snap::next(self.changes(), at, way) {
            Some(next) => {
                self.go_to(next);
                self.tell_cross(lane);
            }
            None => self.announce("No change point further on."),
        }
    }

    /// The crosshair to an instant, which comes into sight.
    pub(super) fn go_to(self: &Rc<Self>, at: model::Timestamp) {
        let window = zoom::showing(self.shown(), at, self.bounds.get());
        if window != self.shown() {
            self.look_at(window, Step::Moving);
        }
        self.point_at(Some(at));
    }

    fn begin_selection(self: &Rc<Self>) {
        if self.mark.take().is_none() {
            let at = self.cross.get().unwrap_or_else(|| self.middle());
            self.mark.set(Some(at));
            self.point_at(Some(at));
            self.announce("Selection begun; move the crosshair.");
        }
        self.schedule();
    }

    fn zoom_to_selection(self: &Rc<Self>) {
        if let Some((a, b)) = self.mark.take().zip(self.cross.get()) {
            self.look_at(zoom::between(a, b, self.bounds.get()), Step::Settled);
        }
    }

    /// Lets go of what is held, the nearest first.
    fn let_go(self: &Rc<Self>) -> bool {
        let focused = self.view.borrow().focus.is_some();
        if self.holds_lane() {
            self.let_slip();
        } else if self.mark.take().is_some() || self.cross.take().is_some() {
            self.gesture.take();
            self.rest();
            self.schedule();
        } else if focused {
            self.change(Step::Settled, |view, _| view.focus = None);
        } else {
            return false;
        }
        true
    }
}

/// What an arrow with shift does to the height of a lane.
fn resized(name: &str) -> Option<&'static str> {
    match name {
        "ArrowDown" => Some("taller"),
        "ArrowUp" => Some("lower"),
        _ => None,
    }
}

/// Whether a key is being written into something.
fn writes(key: &KeyboardEvent) -> bool {
    let target = key
        .target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| {
        t.matches("input, textarea, select, [contenteditable]")
            .unwrap_or(false)
    })
}

/// The lane that has the focus.
fn lane_in_focus() -> Option<String> {
    let active = dom::document().active_element()?;
    if !active.matches(".pictures").unwrap_or(false) {
        return None;
    }
    let lane = active.closest("[data-lane]").ok()??;
    Some(dom::attribute(&lane, "data-lane"))
}

/// Whether nothing that has keys of its own has the focus.
fn rests_on_page() -> bool {
    let active = dom::document().active_element();
    active.is_none_or(|a| a.matches("body, main, a, button").unwrap_or(false))
}
