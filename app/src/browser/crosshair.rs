//! One crosshair through all lanes, with what each lane says there.

use super::{Timeline, chrome::Chrome, dom, glide::Glide, lane::Row};
use crate::view::{Scale, cache, snap, words};
use chart::{Content, Lane, MarkKind};
use model::Timestamp;
use std::rc::Rc;
use web_sys::HtmlElement;

impl Timeline {
    /// Puts the crosshair on an instant, or takes it away.
    pub(super) fn point_at(self: &Rc<Self>, at: Option<Timestamp>) {
        if self.cross.replace(at) != at {
            self.schedule();
        }
    }

    /// The sample of a lane that lies nearest to an instant, where it is near enough to be meant:
    /// within a few pixels, or wherever it is on a lane without any nearer.
    pub(super) fn snapped(&self, id: Option<&str>, at: Timestamp, scale: Scale) -> Timestamp {
        let near = scale.millis(SNAP).abs().max(1);
        let rows = self.rows.borrow();
        let row = id.and_then(|id| rows.iter().find(|r| r.id == id));
        row.and_then(|r| r.lane_for_scale(scale))
            .and_then(|lane| nearest(lane, at))
            .filter(|sample| sample.since(at).abs() <= near.max(reach(row, scale)))
            .unwrap_or_else(|| at.floor_to(model::time::SECOND))
    }

    /// Moves the lines and what is written beside them to where they belong. `inset` is how far the pictures
    /// lie from the left of the section.
    pub(super) fn move_cross(&self, scale: Scale, inset: f64) {
        let Some(chrome) = self.chrome() else {
            return;
        };
        self.move_selection(&chrome, scale, inset);
        self.move_ring(&chrome, scale, inset);
        let cross = self.cross_in(scale);
        dom::hide(&chrome.line.element, cross.is_none());
        let Some(at) = cross else {
            dom::hide(&chrome.label.element, true);
            return;
        };
        let x = inset + scale.x(at);
        chrome.line.place(x);
        self.move_label(&chrome.label, scale, x, inset);
    }

    /// Writes the crosshair's time, and what each lane says there.
    pub(super) fn write_cross(&self, scale: Scale, inset: f64) {
        let Some(chrome) = self.chrome() else {
            return;
        };
        let cross = self.cross_in(scale);
        if let Some(at) = cross {
            dom::hide(&chrome.label.element, false);
            self.write_label(&chrome.label.element, at);
            self.move_label(&chrome.label, scale, inset + scale.x(at), inset);
        }
        let mut rows = self.rows.borrow_mut();
        for row in rows.iter_mut().filter(|r| !r.is_hidden()) {
            let lane = cross.and_then(|at| Some((row.lane_for_scale(scale)?, at)));
            let text = lane.map(|(lane, at)| reading(lane, at));
            row.read(text.unwrap_or_default());
        }
    }

    /// The crosshair, where it is in sight.
    fn cross_in(&self, scale: Scale) -> Option<Timestamp> {
        let cross = self.cross.get();
        cross.filter(|at| cache::is_shown(*at, scale.window))
    }

    fn write_label(&self, label: &HtmlElement, at: Timestamp) {
        let (before, after) = snap::around(self.changes(), at);
        let mut text = format!("{} UTC", words::exact(at));
        if let Some(own) = own_clock(at) {
            text.push_str(" · ");
            text.push_str(&own);
        }
        let distances = words::distances(before, after);
        if !distances.is_empty() {
            text.push_str(" · ");
            text.push_str(&distances);
        }
        dom::say(label, &text);
        let (letters, _) = self.frame.label.get();
        if letters != text.len() {
            let width = f64::from(label.offset_width());
            self.frame.label.set((text.len(), width));
        }
    }

    /// Keeps the label over the line, and within the section.
    fn move_label(&self, label: &Glide, scale: Scale, x: f64, inset: f64) {
        let (_, width) = self.frame.label.get();
        let right = inset + scale.right + 20.0;
        let x = (x - width / 2.0).min(right - width).max(4.0);
        label.place(x.round());
    }

    /// Change points and onsets of all lanes that are known.
    pub(super) fn changes(&self) -> Vec<Timestamp> {
        let is_change = |kind| {
            matches!(
                kind,
                MarkKind::ChangeUp | MarkKind::ChangeDown | MarkKind::Onset
            )
        };
        let rows = self.rows.borrow();
        let marks = rows.iter().filter_map(Row::lane).flat_map(|l| &l.marks);
        marks.filter(|m| is_change(m.kind)).map(|m| m.at).collect()
    }

    fn move_selection(&self, chrome: &Chrome, scale: Scale, inset: f64) {
        let ends = self.mark.get().zip(self.cross.get());
        let Some((a, b)) = ends else {
            dom::hide(&chrome.selection, true);
            return;
        };
        dom::hide(&chrome.selection, false);
        let (from, to) = (scale.x(a.min(b)), scale.x(a.max(b)));
        let (from, to) = (from.max(scale.left), to.min(scale.right));
        dom::style(&chrome.selection, "left", &format!("{:.1}px", inset + from));
        dom::style(
            &chrome.selection,
            "width",
            &format!("{:.1}px", (to - from).max(1.0)),
        );
    }

    /// Says the crosshair's time and what the lane in focus says there.
    pub(super) fn tell_cross(&self, id: Option<&str>) {
        let Some((at, scale)) = self.cross.get().zip(self.scale()) else {
            return;
        };
        let rows = self.rows.borrow();
        let lane = rows.iter().find(|r| Some(r.id.as_str()) == id);
        let said = lane
            .and_then(|r| r.lane_for_scale(scale))
            .map(|lane| format!("{}: {}", lane.title, reading(lane, at)));
        self.announce(&format!(
            "{} UTC. {}",
            words::exact(at),
            said.unwrap_or_default()
        ));
    }

    /// The sample before or after the crosshair in a lane.
    pub(super) fn neighbour(&self, id: &str, at: Timestamp, way: snap::Way) -> Option<Timestamp> {
        let scale = self.scale()?;
        let rows = self.rows.borrow();
        let lane = rows.iter().find(|r| r.id == id)?.lane_for_scale(scale)?;
        match &lane.content {
            Content::Metric(plot) => {
                let points = plot.curves.iter().flat_map(|c| &c.points);
                snap::next(points.map(|p| p.0), at, way)
            }
            Content::Events { items, .. } => snap::next(items.iter().map(|i| i.start), at, way),
        }
    }
}

/// How near a sample must be for the crosshair to jump to it, CSS pixels.
const SNAP: f64 = 6.0;

impl Row {
    /// The lane as it is drawn now.
    pub(super) fn lane_for_scale(&self, scale: Scale) -> Option<&Lane> {
        let (place, _) = self.best(scale.window, scale.width())?;
        self.kept.get(place).map(|k| &k.lane)
    }
}

/// Half of the distance between two samples, so that between two of them one is always meant.
fn reach(row: Option<&Row>, scale: Scale) -> i64 {
    let lane = row.and_then(|r| r.lane_for_scale(scale));
    match lane.map(|l| &l.content) {
        Some(Content::Metric(plot)) => plot.curves.first().map_or(0, |c| c.gap_ms / 2),
        _ => 0,
    }
}

fn nearest(lane: &Lane, at: Timestamp) -> Option<Timestamp> {
    match &lane.content {
        Content::Metric(plot) => {
            let curve = plot.curves.first()?;
            let after = curve.points.partition_point(|(t, _)| *t < at);
            let near = curve.points.get(after.saturating_sub(1)..)?;
            snap::nearest(near.iter().take(2).map(|p| p.0), at)
        }
        Content::Events { items, .. } => snap::nearest(items.iter().map(|i| i.start), at),
    }
}

/// What a lane says at an instant, in a line.
fn reading(lane: &Lane, at: Timestamp) -> String {
    let Content::Events { items, .. } = &lane.content else {
        let readings = lane.readings(at);
        let alone = readings.len() == 1;
        let texts: Vec<String> = readings
            .into_iter()
            .map(|r| {
                if alone {
                    r.text
                } else {
                    format!("{} {}", r.label, r.text)
                }
            })
            .chain(lane.ratio_at(at))
            .collect();
        return texts.join(" · ");
    };
    let goes_on = |i: &&chart::EventItem| {
        i.start <= at && (i.open || i.end.is_some_and(|end| at <= end)) || i.start == at
    };
    let mut going = items.iter().filter(goes_on);
    match (going.next(), going.count()) {
        (None, _) => String::new(),
        (Some(one), 0) => one.label.clone(),
        (Some(one), n) => format!("{} and {n} more", one.label),
    }
}

thread_local! {
    /// Made once: making one takes longer than drawing a lane.
    static OWN_CLOCK: js_sys::Intl::DateTimeFormat = {
        let options = js_sys::Object::new();
        for name in ["hour", "minute", "second"] {
            // A plain object takes every property.
            let _ = js_sys::Reflect::set(&options, &name.into(), &"2-digit".into());
        }
        let _ = js_sys::Reflect::set(&options, &"timeZoneName".into(), &"short".into());
        js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &options)
    };
}

/// The reader's own clock: `05:00:00 CEST`; `None` where it goes by UTC and would say the same again.
fn own_clock(at: Timestamp) -> Option<String> {
    let date = js_sys::Date::new(&(at.millis() as f64).into());
    if date.get_timezone_offset().abs() < f64::EPSILON {
        return None;
    }
    let format = OWN_CLOCK.with(js_sys::Intl::DateTimeFormat::format);
    let text = format.call1(&wasm_bindgen::JsValue::UNDEFINED, &date).ok();
    text.and_then(|t| t.as_string())
}
