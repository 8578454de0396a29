//! Pinned lanes stay in sight below the axis while the others are scrolled.

use super::{Timeline, dom, frame::inner_height};

/// Share of the window's height that pinned lanes may take: the others must be seen too.
const MOST: f64 = 0.6;

impl Timeline {
    /// Puts the pinned lanes one below the other under the axis, as far as there is room.
    pub(super) fn stack_pins(&self) {
        let pinned = self.view.borrow().lanes.pinned.clone();
        if pinned.is_empty() && !self.stuck.get() {
            return;
        }
        self.stuck.set(!pinned.is_empty());
        let root = self.root();
        let axis = dom::one(&root, ".axis").map_or(0, |axis| axis.offset_height());
        let mut top = f64::from(axis);
        let rows = self.rows.borrow();
        let most = MOST * inner_height();
        for row in rows.iter() {
            let height = f64::from(row.article.offset_height());
            let stuck = pinned.contains(&row.id) && !row.is_hidden() && top + height <= most;
            dom::set(&row.article, "data-stuck", stuck.then_some(""));
            let place = if stuck {
                format!("{top}px")
            } else {
                String::new()
            };
            dom::style(&row.article, "top", &place);
            if stuck {
                top += height;
            }
        }
        // What gets the focus or is jumped to comes to lie below them.
        let page = dom::in_page("html");
        if let Some(page) = page {
            let room = if pinned.is_empty() {
                String::new()
            } else {
                format!("{top}px")
            };
            dom::style(&page, "scroll-padding-top", &room);
        }
    }
}
