//! A threshold that is dragged over a lane: the handle at the lane's right edge, by mouse, finger and
//! keys, and what the server says of it.

use super::{Step, Timeline, dom, fetch, lane::Row};
use crate::{
    dress::unspanned,
    view::{Alarm, query, words},
};
use chart::{Content, Size, Values, value_text};
use model::Window;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, PointerEvent};

/// What is known of the threshold that is tried.
#[derive(Default)]
pub(super) struct Tried {
    /// The server is being asked.
    busy: Cell<bool>,
    /// When it would have been in alarm.
    pub(super) fired: RefCell<Vec<Window>>,
}

/// Line and handle of a lane.
pub(super) struct Handle {
    line: HtmlElement,
    grip: HtmlElement,
    /// What they show: place, and what is said.
    shown: (i32, String),
}

/// A hundredth of the plot a key.
const STEP: f64 = 0.01;

const HTML: &str = "<div class=\"alarm-line\" hidden></div><button type=\"button\" class=\"alarm-grip\" \
role=\"slider\" aria-orientation=\"vertical\" aria-valuemin=\"0\" aria-valuemax=\"100\" aria-valuenow=\"0\" \
title=\"Drag to try an alarm\"></button>";

impl Row {
    /// Whether it shows a series.
    pub(super) fn shows(&self, series: &str) -> bool {
        let lane = self.lane();
        lane.is_some_and(|l| l.series.iter().any(|s| s == series))
    }

    /// Gives a lane of curves its handle.
    pub(super) fn furnish_handle(&mut self) {
        if !self.is_metric() || self.handle.is_some() {
            return;
        }
        let found = dom::one(&self.pictures, ".alarm-grip");
        let grip = found.or_else(|| {
            self.pictures.insert_adjacent_html("beforeend", HTML).ok()?;
            dom::one(&self.pictures, ".alarm-grip")
        });
        if let Some((grip, line)) = grip.zip(dom::one(&self.pictures, ".alarm-line")) {
            let label = format!("Alarm on {}", self.title());
            dom::set(&grip, "aria-label", Some(&label));
            dom::set(&grip, "aria-valuetext", Some("no threshold"));
            self.handle = Some(Handle {
                line,
                grip,
                shown: (-1, String::new()),
            });
        }
    }

    /// The axis of values as it is drawn.
    fn values(&mut self, timeline: &Timeline) -> Option<Values> {
        let drawn = self.drawn?;
        let of = (drawn.slice.0, drawn.slice.1, drawn.slice.2);
        let is = |k: &&mut super::lane::Kept| (k.cover.window, k.cover.columns, k.revision) == of;
        let kept = self.kept.iter_mut().find(is)?;
        let size = Size {
            width: drawn.width,
            height: drawn.height.round() as u32,
        };
        kept.dressed(timeline).values(drawn.window, size)
    }

    /// The mean of what its first curve shows: above it an alarm is one of above.
    fn usual_value(&self) -> Option<(String, f64)> {
        let Content::Metric(plot) = &self.lane()?.content else {
            return None;
        };
        let curve = plot.curves.first()?;
        let sum: f64 = curve.points.iter().map(|p| p.1).sum();
        Some((curve.series.clone(), sum / curve.points.len().max(1) as f64))
    }
}

impl Timeline {
    /// Takes hold of a handle where a pointer comes down on one; gives its lane, and whether the way
    /// of the alarm follows the hand.
    pub(super) fn take_handle(&self, pointer: &PointerEvent) -> Option<(String, bool)> {
        let grip = dom::around(pointer, ".alarm-grip").filter(|_| pointer.button() == 0)?;
        let lane = grip.closest("[data-lane]").ok()??;
        let _ = grip.set_pointer_capture(pointer.pointer_id());
        let lane = dom::attribute(&lane, "data-lane");
        let free = self.alarm_on(&lane).is_none();
        Some((lane, free))
    }

    /// The threshold that is tried on a lane.
    fn alarm_on(&self, lane: &str) -> Option<Alarm> {
        let alarm = self.view.borrow().alarm.clone()?;
        self.with_row(lane, |row| row.shows(&alarm.series))?
            .then_some(alarm)
    }

    /// The hand that holds the handle is at a height.
    pub(super) fn drag_handle(self: &Rc<Self>, lane: &str, free: bool, pointer: &PointerEvent) {
        let y = f64::from(pointer.client_y());
        let top = self.with_row(lane, |r| r.pictures.get_bounding_client_rect().top());
        if let Some(top) = top {
            self.threshold_at(lane, y - top, free, Step::Moving);
        }
    }

    fn threshold_at(self: &Rc<Self>, lane: &str, y: f64, free: bool, step: Step) {
        let now = self.alarm_on(lane).filter(|_| !free);
        let read = self.with_row(lane, |row| {
            let value = row.values(self)?.at(y);
            let (series, usual) = row.usual_value()?;
            Some(match now {
                Some(alarm) => Alarm::new(&alarm.series, alarm.above, value),
                None => Alarm::new(&series, value >= usual, value),
            })
        });
        if let Some(alarm) = read.flatten().flatten() {
            self.change(step, |view, _| view.alarm = Some(alarm));
        }
    }

    /// Keys on a handle.
    pub(super) fn key_on_handle(self: &Rc<Self>, name: &str) -> bool {
        let active = dom::document().active_element();
        let lane = active
            .filter(|a| a.matches(".alarm-grip").unwrap_or(false))
            .and_then(|a| a.closest("[data-lane]").ok().flatten())
            .map(|l| dom::attribute(&l, "data-lane"));
        let Some(lane) = lane else { return false };
        let steps = match name {
            "ArrowUp" | "ArrowRight" => -1.0,
            "ArrowDown" | "ArrowLeft" => 1.0,
            "PageUp" => -10.0,
            "PageDown" => 10.0,
            "Home" => 1e3,
            "End" => -1e3,
            "Escape" | "Delete" | "Backspace" if self.alarm_on(&lane).is_some() => {
                self.change(Step::Settled, |view, _| view.alarm = None);
                return true;
            }
            _ => return false,
        };
        self.try_on(&lane, steps);
        true
    }

    /// Tries a threshold on a lane: so many steps below the one that is there, or in the middle.
    pub(super) fn try_on(self: &Rc<Self>, lane: &str, steps: f64) {
        let now = self.alarm_on(lane);
        let place = self.with_row(lane, |row| {
            let values = row.values(self)?;
            let plot = values.plot();
            let height = plot.bottom - plot.top;
            let y = match &now {
                Some(alarm) => values.y(alarm.value()) + steps * STEP * height,
                None => plot.top + height / 2.0,
            };
            Some(y.clamp(plot.top, plot.bottom))
        });
        if let Some(y) = place.flatten() {
            self.threshold_at(lane, y, now.is_none(), Step::Moving);
        }
    }

    /// Tries a threshold on a lane by its menu or its key.
    pub(super) fn begin_alarm(self: &Rc<Self>, lane: &str) {
        if self.alarm_on(lane).is_none() {
            self.try_on(lane, 0.0);
        }
        let grip = self.with_row(lane, |r| dom::one(&r.pictures, ".alarm-grip"));
        if let Some(grip) = grip.flatten() {
            let _ = grip.focus();
        }
    }

    /// Puts lines and handles where the threshold lies.
    pub(super) fn place_handles(&self) {
        let alarm = self.view.borrow().alarm.clone();
        for row in self.rows.borrow_mut().iter_mut() {
            let mine = alarm.as_ref().filter(|a| row.shows(&a.series));
            let place = mine.and_then(|alarm| {
                let values = row.values(self)?;
                let unit = row.lane().map_or("", |l| &l.unit);
                let way = if alarm.above { "Above" } else { "Below" };
                let said = format!("{way} {}", value_text(alarm.value(), unit));
                let plot = values.plot();
                let y = values.y(alarm.value());
                let share = (plot.bottom - y) / (plot.bottom - plot.top).max(1.0);
                Some((y.round() as i32, said, (share * 100.0).round()))
            });
            let Some(handle) = &mut row.handle else {
                continue;
            };
            let (y, said, share) = place.unwrap_or((-1, String::new(), 0.0));
            if handle.shown.0 == y && handle.shown.1 == said {
                continue;
            }
            let there = y >= 0;
            handle.line.set_hidden(!there);
            dom::set(&row.pictures, "data-alarm", there.then_some(""));
            let top = if there {
                format!("{y}px")
            } else {
                String::new()
            };
            for element in [&handle.line, &handle.grip] {
                dom::style(element, "top", &top);
            }
            let text = if there { &*said } else { "no threshold" };
            dom::set(&handle.line, "data-said", Some(text));
            dom::set(&handle.grip, "aria-valuetext", Some(text));
            dom::set(&handle.grip, "aria-valuenow", Some(&format!("{share:.0}")));
            handle.shown = (y, said);
        }
    }

    /// Asks what the threshold would have done, and again where it has moved meanwhile.
    pub(super) fn ask_alarm(self: &Rc<Self>) {
        if self.tried.busy.replace(true) {
            return;
        }
        let timeline = self.clone();
        spawn_local(async move {
            let asked = timeline.view.borrow().clone();
            let url = format!(
                "/api/incidents/{}/alarm{}",
                timeline.incident,
                query::write(&asked)
            );
            let answer = match asked.alarm {
                Some(_) => fetch::text(&url).await.map(Some),
                None => Ok(None),
            };
            timeline.tried.busy.set(false);
            if timeline.view.borrow().alarm != asked.alarm {
                return timeline.ask_alarm();
            }
            timeline.show_alarm(asked.alarm.as_ref(), answer);
        });
    }

    fn show_alarm(self: &Rc<Self>, alarm: Option<&Alarm>, answer: Result<Option<String>, String>) {
        let root = self.root();
        let rows = self.rows.borrow();
        let row = alarm.and_then(|a| rows.iter().find(|r| r.shows(&a.series)));
        for place in dom::all(&root, ".alarm-place") {
            if row.is_none_or(|r| !r.article.contains(Some(&place))) {
                place.remove();
            }
        }
        let html = match answer {
            Ok(html) => html,
            Err(why) => Some(format!(
                "<p class=\"notice\">The alarm could not be tried: {}</p>",
                words::escaped(&why)
            )),
        };
        if let Some((row, html)) = row.zip(html) {
            if dom::one(&row.article, ".alarm-place").is_none() {
                let place = "<div class=\"alarm-place\"></div>";
                let _ = row.pictures.insert_adjacent_html("afterend", place);
            }
            if let Some(place) = dom::one(&row.article, ".alarm-place") {
                let open = dom::one(&place, "details[open]").is_some();
                place.set_inner_html(&html);
                if let Some(details) = dom::one(&place, "details").filter(|_| open) {
                    dom::set(&details, "open", Some(""));
                }
            }
        }
        drop(rows);
        self.read_fired();
        self.schedule();
        if let Some(said) = dom::one(&root, ".alarm-said").and_then(|s| s.text_content()) {
            self.announce(&said);
        }
    }

    /// Reads out of the panel when it would have been in alarm.
    pub(super) fn read_fired(&self) {
        let panel = dom::one(&self.root(), ".alarm[data-fired]");
        let fired = panel.map(|p| unspanned(&dom::attribute(&p, "data-fired")));
        let fired = fired.unwrap_or_default();
        if self.tried.fired.replace(fired.clone()) != fired {
            self.dressing.set(self.dressing.get() + 1);
        }
    }
}
