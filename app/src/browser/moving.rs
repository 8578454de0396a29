//! Lanes that are taken by their edges: by the left one they are moved among the others, by the lower one
//! made taller or lower. By mouse and pen; a finger scrolls there, and has the menu for both.

use super::{Step, Timeline, dom};
use crate::view::Arrangement;
use std::rc::Rc;
use web_sys::PointerEvent;

/// Which edge of which lane is held.
pub(super) enum Held {
    /// The left one: the lane goes where the pointer goes.
    Left(String),
    /// The lower one.
    Lower {
        lane: String,
        /// Where the pointer came down, CSS pixels.
        from: f64,
        /// The lane's height then, as the view has it.
        height: f64,
        /// CSS pixels of one of the height's.
        ratio: f64,
    },
}

impl Held {
    fn lane(&self) -> &str {
        match self {
            Self::Left(lane) | Self::Lower { lane, .. } => lane,
        }
    }
}

/// What an edge is called in the page.
pub(super) const LEFT: &str =
    "<span class=\"lane-grip\" aria-hidden=\"true\" title=\"Drag to move this lane\"></span>";
/// See [`LEFT`].
pub(super) const LOWER: &str =
    "<div class=\"lane-edge\" aria-hidden=\"true\" title=\"Drag to resize this lane\"></div>";

impl Timeline {
    /// Takes hold of a lane where a pointer comes down on one of its edges.
    pub(super) fn take_lane(&self, pointer: &PointerEvent) -> Option<Held> {
        let is_hand = pointer.button() == 0 && pointer.pointer_type() != "touch";
        let edge = dom::around(pointer, ".lane-grip, .lane-edge").filter(|_| is_hand)?;
        let article = edge.closest("[data-lane]").ok()??;
        let lane = dom::attribute(&article, "data-lane");
        let _ = edge.set_pointer_capture(pointer.pointer_id());
        let left = edge.class_name() == "lane-grip";
        let held = if left { "left" } else { "lower" };
        dom::set(&article, "data-held", Some(held));
        dom::set(&self.root(), "data-holds", Some(held));
        if left {
            return Some(Held::Left(lane));
        }
        let chosen = self.view.borrow().lanes.heights.get(&lane).copied();
        let (height, drawn) = self.with_row(&lane, |row| {
            let drawn = row.pictures.get_bounding_client_rect().height();
            (f64::from(chosen.unwrap_or(row.usual).max(1)), drawn)
        })?;
        Some(Held::Lower {
            lane,
            from: f64::from(pointer.client_y()),
            height,
            ratio: (drawn / height).max(0.1),
        })
    }

    /// The lane follows the pointer.
    pub(super) fn drag_lane(self: &Rc<Self>, held: &Held, pointer: &PointerEvent) {
        let y = f64::from(pointer.client_y());
        let mut lanes = self.view.borrow().lanes.clone();
        match held {
            Held::Left(lane) => {
                let before = self.lane_below(lane, y);
                lanes.place(lane, before.as_deref(), &self.default.borrow());
            }
            Held::Lower {
                lane,
                from,
                height,
                ratio,
            } => {
                let usual = self.with_row(lane, |row| row.usual).unwrap_or_default();
                let height = (height + (y - from) / ratio).round().max(0.0);
                lanes.resize(lane, height as u32, usual);
            }
        }
        if lanes != self.view.borrow().lanes {
            self.change(Step::Moving, |view, _| view.lanes = lanes);
        }
    }

    /// The first of the lanes that one is moved among whose middle is below a height on the screen.
    fn lane_below(&self, lane: &str, y: f64) -> Option<String> {
        let view = self.view.borrow();
        let is_pinned = |id: &str| view.lanes.pinned.iter().any(|p| p == id);
        let rows = self.rows.borrow();
        let mut others = rows.iter().filter(|row| {
            !row.is_hidden() && row.id != lane && is_pinned(&row.id) == is_pinned(lane)
        });
        let below = others.find(|row| {
            let rect = row.article.get_bounding_client_rect();
            rect.top() + rect.height() / 2.0 > y
        });
        below.map(|row| row.id.clone())
    }

    /// The lane is let go of.
    pub(super) fn drop_lane(self: &Rc<Self>, held: &Held) {
        let what = match held {
            Held::Left(_) => "moved",
            Held::Lower { .. } => "resized",
        };
        self.settle();
        let title = self.with_row(held.lane(), |row| row.title());
        let title = title.unwrap_or_default();
        self.announce(&format!("Lane {title} {what}."));
    }

    /// The lane was taken by mistake: the lanes are what they were before.
    pub(super) fn put_back_lane(self: &Rc<Self>, held: &Held, before: Arrangement) {
        self.change(Step::Settled, |view, _| view.lanes = before);
        let title = self.with_row(held.lane(), |row| row.title());
        let title = title.unwrap_or_default();
        self.announce(&format!("Lane {title} put back."));
    }

    /// No lane looks held any more.
    pub(super) fn let_go_of_lanes(&self) {
        let root = self.root();
        dom::set(&root, "data-holds", None);
        for article in dom::all(&root, "[data-held]") {
            dom::set(&article, "data-held", None);
        }
    }
}
