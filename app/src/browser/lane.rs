//! A lane on the page: its element, its canvas, and the slices that it can be drawn from.

use super::{Timeline, dom, moving, sheet::Sheet};
use crate::{
    dress::{alarmed, dress},
    view::{
        cache::{self, Cover},
        words::escaped,
    },
};
use chart::{Content, Lane};
use model::Window;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Slices that a lane keeps.
const KEPT: usize = 5;

/// A lane on the page.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) article: HtmlElement,
    /// Holds the server's pictures and the canvas.
    pub(super) pictures: HtmlElement,
    pub(super) sheet: Option<Sheet>,
    pub(super) kept: Vec<Kept>,
    /// Its height where nobody has changed it, CSS pixels; 0: not known yet.
    pub(super) usual: u32,
    /// What is on the canvas now.
    pub(super) drawn: Option<Drawn>,
    /// Frames that had no time for it since.
    pub(super) waited: u32,
    /// Where it says what it shows at the crosshair, and what it says there.
    readout: Option<HtmlElement>,
    read: String,
    /// The reader or the address asked for it, and the server has not drawn it.
    pub(super) made: bool,
    /// What it shows instead of what is looked at.
    instead: Option<&'static str>,
    /// The server does not know it any more.
    pub(super) gone: bool,
    /// Line and handle of a threshold.
    pub(super) handle: Option<super::alarm::Handle>,
}

/// A slice of the lane.
pub(super) struct Kept {
    pub(super) cover: Cover,
    pub(super) revision: u32,
    pub(super) lane: Lane,
    /// The lane as it is drawn, and for which dressing it was made; none where nothing is changed.
    dressed: Option<(u32, Option<Lane>)>,
}

/// What decides what a canvas looks like. Equal: nothing to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) window: Window,
    pub(super) width: u32,
    pub(super) height: f64,
    pub(super) scale: f64,
    pub(super) dark: bool,
    pub(super) dressing: u32,
    pub(super) slice: (Window, u32, u32),
}

impl Drawn {
    /// Whether a canvas of that size serves for the other.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let size = |drawn: &Self| (drawn.width, drawn.height, drawn.scale);
        size(self) == size(other)
    }
}

impl Row {
    fn new(article: HtmlElement) -> Option<Self> {
        let pictures = dom::one(&article, ".pictures")?;
        let usual = dom::number(&article, "data-height")
            .and_then(|height| u32::try_from(height).ok())
            .unwrap_or_default();
        Some(Self {
            id: dom::attribute(&article, "data-lane"),
            article,
            pictures,
            sheet: None,
            kept: Vec::new(),
            usual,
            drawn: None,
            waited: 0,
            readout: None,
            read: String::new(),
            made: false,
            instead: None,
            gone: false,
            handle: None,
        })
    }

    /// The best slice for a window, and whether it is good enough.
    pub(super) fn best(&self, shown: Window, columns: f64) -> Option<(usize, bool)> {
        let covers: Vec<Cover> = self.kept.iter().map(|k| k.cover).collect();
        cache::pick(&covers, shown, columns)
    }

    /// Keeps a slice; older ones that it makes superfluous go.
    pub(super) fn keep(&mut self, slice: Kept, shown: Window, bounds: Window) {
        self.kept
            .retain(|k| k.revision == slice.revision && k.cover.window != slice.cover.window);
        self.kept.push(slice);
        while self.kept.len() > KEPT {
            let covers: Vec<Cover> = self.kept.iter().map(|k| k.cover).collect();
            let Some(place) = cache::dispensable(&covers, shown, bounds) else {
                break;
            };
            self.kept.remove(place);
        }
    }

    /// The lane that is known of it, however coarse.
    pub(super) fn lane(&self) -> Option<&Lane> {
        self.kept.last().map(|k| &k.lane)
    }

    /// What people call it.
    pub(super) fn title(&self) -> String {
        dom::one(&self.article, "h3")
            .and_then(|h| h.text_content())
            .map(|t| t.trim().to_owned())
            .unwrap_or_default()
    }

    /// Whether it shows curves, as far as that is known.
    pub(super) fn is_metric(&self) -> bool {
        matches!(self.lane().map(|l| &l.content), Some(Content::Metric(_)))
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.article.hidden()
    }

    /// Says what the lane shows at the crosshair.
    pub(super) fn read(&mut self, text: String) {
        if let Some(place) = self.readout.as_ref().filter(|_| self.read != text) {
            dom::say(place, &text);
            self.read = text;
        }
    }

    /// Says that it shows something else than what is looked at: fewer samples, or the span before.
    pub(super) fn shows_instead(&mut self, what: Option<&'static str>) {
        if self.instead != what {
            self.instead = what;
            dom::set(&self.pictures, "data-instead", what);
        }
    }

    /// Makes the canvas where there is none yet; says whether there is one.
    pub(super) fn has_sheet(&mut self) -> bool {
        if self.sheet.is_none() {
            self.sheet = Sheet::new().filter(|sheet| {
                dom::set(&sheet.canvas, "role", Some("img"));
                dom::set(&sheet.canvas, "aria-label", Some(&self.title()));
                self.pictures.append_child(&sheet.canvas).is_ok()
            });
        }
        self.sheet.is_some()
    }
}

impl Kept {
    pub(super) fn new(lane: Lane, window: Window, columns: u32, revision: u32) -> Self {
        let whole = match &lane.content {
            Content::Metric(plot) => plot.curves.iter().all(|c| c.thinned.is_none()),
            Content::Events { items, .. } => items.iter().all(|i| i.count <= 1),
        };
        Self {
            cover: Cover {
                window,
                columns,
                whole,
                stale: false,
            },
            revision,
            lane,
            dressed: None,
        }
    }

    /// The lane as the view dresses it.
    pub(super) fn dressed(&mut self, timeline: &Timeline) -> &Lane {
        let now = timeline.dressing.get();
        if self.dressed.as_ref().is_none_or(|(of, _)| *of != now) {
            let view = timeline.view.borrow();
            let alarm = view.alarm.as_ref();
            let fired = timeline.tried.fired.borrow();
            let mine = alarm.is_some_and(|a| self.lane.series.contains(&a.series));
            let tried = mine && !fired.is_empty();
            let changed = (tried || view.lanes.log.contains_key(&self.lane.id)).then(|| {
                let mut lane = self.lane.clone();
                dress(&mut lane, &view.lanes);
                if tried {
                    alarmed(&mut lane, &fired);
                }
                lane
            });
            self.dressed = Some((now, changed));
        }
        match &self.dressed {
            Some((_, Some(lane))) => lane,
            _ => &self.lane,
        }
    }
}

impl Timeline {
    /// Finds the lanes of the page. What is known of them stays.
    pub(super) fn find_rows(self: &Rc<Self>) {
        let mut old = self.rows.take();
        let articles = dom::all(&self.root(), "article.lane");
        let mut rows: Vec<Row> = articles.into_iter().filter_map(Row::new).collect();
        for row in &mut rows {
            let Some(place) = old.iter().position(|o| o.id == row.id) else {
                continue;
            };
            let known = old.swap_remove(place);
            row.kept = known.kept;
            if row.usual == 0 {
                row.usual = known.usual;
            }
            if known.article == row.article {
                row.made = known.made;
                row.instead = known.instead;
                row.sheet = known.sheet;
                row.drawn = known.drawn;
                row.handle = known.handle;
            } else if let Some(sheet) = known.sheet {
                // At once, before anything is painted: the reader sees the same picture.
                if row.pictures.append_child(&sheet.canvas).is_ok() {
                    dom::set(&row.pictures, "data-drawn", Some(""));
                    row.sheet = Some(sheet);
                    row.drawn = known.drawn;
                }
            }
        }
        // Lanes that a reader has added, which the server does not draw.
        for mut row in old {
            if row.made && row.drawn.is_some() && !row.article.is_connected() {
                if let Some(list) = dom::one(&self.root(), ".lanes-list") {
                    let _ = list.append_child(&row.article);
                }
                row.drawn = None;
                rows.push(row);
            }
        }
        for row in &mut rows {
            furnish(row);
        }
        self.rows.replace(rows);
        self.mark_stale();
    }

    /// Marks what was fetched of the lanes before they changed.
    pub(super) fn mark_stale(&self) {
        let revision = self.revision.get();
        for kept in self.rows.borrow_mut().iter_mut().flat_map(|r| &mut r.kept) {
            kept.cover.stale = kept.revision != revision;
        }
    }

    /// Shows, hides and orders the lanes as the view says; lanes that are not on the page are made.
    pub(super) fn arrange(self: &Rc<Self>) {
        let shown = self.view.borrow().lanes.shown(&self.default.borrow());
        let Some(list) = dom::one(&self.root(), ".lanes-list") else {
            return;
        };
        let active = dom::document().active_element();
        for id in &shown {
            self.ensure_row(&list, id);
        }
        let mut rows = self.rows.borrow_mut();
        for row in rows.iter() {
            let hidden = row.gone || !shown.contains(&row.id);
            row.article.set_hidden(hidden);
        }
        rows.sort_by_key(|r| shown.iter().position(|s| *s == r.id).unwrap_or(usize::MAX));
        let pinned = &self.view.borrow().lanes.pinned;
        let mut place = list.first_element_child();
        for row in rows.iter() {
            dom::set(
                &row.article,
                "data-pinned",
                pinned.contains(&row.id).then_some(""),
            );
            let here = place.as_ref().is_some_and(|p| **p == **row.article);
            if here {
                place = place.and_then(|p| p.next_element_sibling());
            } else {
                let _ = list.insert_before(&row.article, place.as_deref());
            }
        }
        drop(rows);
        // Moving an element takes the focus from it.
        if let Some(active) = active.and_then(|a| a.dyn_into::<HtmlElement>().ok())
            && dom::document().active_element().as_ref() != Some(&*active)
        {
            let _ = active.focus();
        }
    }

    fn ensure_row(&self, list: &HtmlElement, id: &str) {
        if self.rows.borrow().iter().any(|r| r.id == id) {
            return;
        }
        let title = self
            .listed
            .borrow()
            .iter()
            .find(|l| l.id == id)
            .map_or_else(|| id.to_owned(), |l| l.title.clone());
        let html = format!(
            "<article class=\"lane\" id=\"lane-{id}\" data-testid=\"lane\" data-lane=\"{id}\">\
             <header class=\"lane-head\"><h3>{}</h3><p class=\"lane-summary\"></p></header>\
             <div class=\"pictures\"><p class=\"lane-wait\">Fetching…</p></div></article>",
            escaped(&title),
            id = escaped(id),
        );
        let row = dom::append(list, &html).and_then(Row::new);
        if let Some(mut row) = row {
            row.made = true;
            furnish(&mut row);
            self.rows.borrow_mut().push(row);
        }
    }

    /// Does something with a lane of the page.
    pub(super) fn with_row<T>(&self, id: &str, what: impl FnOnce(&mut Row) -> T) -> Option<T> {
        let mut rows = self.rows.borrow_mut();
        rows.iter_mut().find(|r| r.id == id).map(what)
    }
}

/// Gives a lane what only works with a browser that is alive: its menu, a place for readings, and
/// focus.
fn furnish(row: &mut Row) {
    let Some(head) = dom::one(&row.article, ".lane-head") else {
        return;
    };
    row.readout = dom::one(&head, ".readout");
    row.read = row
        .readout
        .as_ref()
        .and_then(|readout| readout.text_content())
        .unwrap_or_default();
    if dom::one(&head, "[data-menu]").is_some() {
        return;
    }
    let title = escaped(&row.title());
    row.readout = dom::append(&head, "<p class=\"readout\" aria-hidden=\"true\"></p>");
    dom::append(
        &head,
        &format!(
            "<button type=\"button\" class=\"quiet lane-menu\" data-menu aria-haspopup=\"menu\" \
             aria-label=\"{title}: what to do with this lane\">⋯</button>"
        ),
    );
    dom::append(&head, moving::LEFT);
    dom::append(&row.pictures, moving::LOWER);
    dom::set(&row.pictures, "tabindex", Some("0"));
    dom::set(&row.pictures, "role", Some("group"));
    dom::set(
        &row.pictures,
        "aria-label",
        Some(&format!("Lane {}", row.title())),
    );
}
