//! One frame: everything that the view asks for is drawn once, however often it was changed since the
//! last.

use super::{
    Timeline, dom,
    lane::{Drawn, Row},
    sheet::Sheet,
};
use crate::{
    dress::axis_lane,
    view::{
        Scale,
        turns::{self, Waiting},
        words,
    },
};
use chart::{Focus, Frame, Lane, Style, Theme};
use model::Window;
use std::{cell::Cell, cell::RefCell, rc::Rc, thread::LocalKey};
use web_sys::MediaQueryList;

/// Lanes that are this far out of sight are drawn already, CSS pixels.
const NEAR: f64 = 300.0;

/// How long a frame goes on drawing lanes, milliseconds. The browser takes longer still to make pixels of
/// them, the page around them takes its part too, and a frame has 16. What does not fit is drawn in the
/// next.
const LONGEST: f64 = 1.5;

/// How many frames in a row texts stay behind the pictures. To lay them out and paint them takes longer than
/// to draw several lanes, and nobody reads what moves.
const LAG: u32 = 6;

/// Widths at which the server draws its pictures; the page scales them to their column, and a canvas
/// takes the height that the picture had.
const WIDE: f64 = 960.0;
/// See [`WIDE`].
const NARROW: f64 = 340.0;

/// Height of the axis that stays in sight, CSS pixels at the server's width.
const AXIS: f64 = 40.0;

#[derive(Default)]
pub(super) struct Queue {
    asked: Cell<bool>,
    top: Cell<i32>,
    /// Frames that texts are behind.
    lag: Cell<u32>,
    axis: RefCell<Option<Sheet>>,
    axis_drawn: Cell<Option<Drawn>>,
    /// Length of the crosshair's label in letters, and its width: asking for it makes the browser lay the
    /// page out at once, and texts of one length are as good as equally wide.
    pub(super) label: Cell<(usize, f64)>,
}

/// What is the same for all lanes of a frame.
#[derive(Clone, Copy)]
struct Light {
    shown: Window,
    width: u32,
    ratio: f64,
    scale: f64,
    dark: bool,
}

/// How drawing the lanes went.
struct Lanes {
    /// Something finer is wanted than what is there.
    wants: bool,
    /// Any was drawn.
    drawn: bool,
}

impl Light {
    fn style(self) -> Style {
        Style {
            scale: self.scale,
            theme: if self.dark { Theme::Dark } else { Theme::Light },
        }
    }
}

impl Timeline {
    /// Draws before the browser paints next.
    pub(super) fn schedule(self: &Rc<Self>) {
        if self.frame.asked.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        leptos::prelude::request_animation_frame(move || {
            if let Some(timeline) = weak.upgrade() {
                timeline.frame.asked.set(false);
                timeline.draw();
            }
        });
    }

    /// Draws every lane again. What canvases of a page in the background show may be lost (Chromium's issue
    /// 328755781, Safari's 272322).
    pub(super) fn draw_anew(self: &Rc<Self>) {
        for row in self.rows.borrow_mut().iter_mut() {
            row.drawn = None;
        }
        self.frame.axis_drawn.set(None);
        self.schedule();
    }

    /// Where the pictures begin, CSS pixels from the left of the viewport, and how wide they are.
    pub(super) fn place(&self) -> Option<(f64, f64)> {
        let rect = self.chrome()?.axis.get_bounding_client_rect();
        (rect.width() >= 1.0).then(|| (rect.left(), rect.width()))
    }

    /// Time over the pictures, in CSS pixels from their left edge.
    pub(super) fn scale(&self) -> Option<Scale> {
        self.place().map(|(_, width)| scale_of(width, self.shown()))
    }

    /// Draws now: for a frame that has begun already.
    pub(super) fn draw(self: &Rc<Self>) {
        // What is measured comes first: after a change of the page the browser would lay it out anew.
        let Some((left, width)) = self.place() else {
            return;
        };
        let root = self.root();
        // What lies over the lanes begins within the section's border.
        let inset = left - root.get_bounding_client_rect().left() - f64::from(root.client_left());
        let window = dom::window();
        let narrow = holds(&NARROWER);
        let light = Light {
            shown: self.shown(),
            width: width.round() as u32,
            ratio: width / if narrow { NARROW } else { WIDE },
            scale: window.device_pixel_ratio().clamp(1.0, 4.0),
            dark: is_dark(),
        };
        self.place_over();
        self.stack_pins();
        let scale = scale_of(width, light.shown);
        let Lanes { wants, drawn } = self.draw_lanes(light, scale.width());
        self.draw_axis(light);
        self.move_strip(light.shown);
        self.move_cross(scale, inset);
        if !self.lags(drawn) {
            self.place_handles();
            self.write_cross(scale, inset);
            self.tell_shown(light.shown);
        }
        if wants {
            self.want();
        } else {
            self.waited();
        }
        if wants || self.fetching.marked.get() {
            self.mark_lanes(scale.width());
        }
    }

    /// Whether texts wait for the next frame, as lanes were drawn in this one.
    fn lags(self: &Rc<Self>, drawn: bool) -> bool {
        let lag = self.frame.lag.get();
        let lags = drawn && lag < LAG;
        self.frame.lag.set(if lags { lag + 1 } else { 0 });
        if lags {
            self.schedule();
        }
        lags
    }

    /// Lanes that cannot be drawn as they are looked at say so, once it is said that they are waited for:
    /// they show fewer samples, or the span that the server has drawn.
    fn mark_lanes(&self, columns: f64) {
        let shown = self.shown();
        let said = self.fetching.said.get();
        let served = self.fetching.served.borrow();
        let other = !served.starts_with(&words::window(shown));
        let mut marked = false;
        for row in self.rows.borrow_mut().iter_mut() {
            let instead = match row.best(shown, columns) {
                Some((_, false)) => Some("coarse"),
                None if other && !row.made => Some("before"),
                _ => None,
            };
            let instead = instead.filter(|_| said);
            marked |= instead.is_some();
            row.shows_instead(instead);
        }
        self.fetching.marked.set(marked);
    }

    /// The crosshair begins below the strip, wherever that ends.
    fn place_over(&self) {
        if let Some(chrome) = self.chrome() {
            let top = chrome.strip.offset_top() + chrome.strip.offset_height();
            if self.frame.top.replace(top) != top || !chrome.over.has_attribute("style") {
                dom::style(&chrome.over, "top", &format!("{top}px"));
            }
        }
    }

    /// Draws what is in sight from what is there, as much as a frame has time for.
    fn draw_lanes(self: &Rc<Self>, light: Light, columns: f64) -> Lanes {
        let waiting = self.waiting();
        let focus = self.lit.borrow();
        let focus = focus.as_ref();
        let nothing = Focus::default();
        let begun = dom::milliseconds();
        let (mut wants, mut late, mut drawn) = (false, false, false);
        let mut rows = self.rows.borrow_mut();
        for (turn, place) in turns::order(&waiting).into_iter().enumerate() {
            let near = waiting.get(place).is_some_and(|w| w.near);
            let Some(row) = rows.get_mut(place).filter(|_| near) else {
                continue;
            };
            let Some((slice, sharp)) = row.best(light.shown, columns) else {
                wants = true;
                continue;
            };
            wants |= !sharp;
            if turn > 0 && dom::milliseconds() - begun > LONGEST {
                late |= self.is_behind(row, slice, light);
                row.waited += 1;
                continue;
            }
            drawn |= self.draw_row(row, slice, light, focus.unwrap_or(&nothing));
            row.waited = 0;
        }
        drop(rows);
        if late {
            self.schedule();
        }
        Lanes { wants, drawn }
    }

    /// Which lanes are in sight or nearly. All are measured before any is drawn, as drawing makes
    /// the browser measure anew.
    fn waiting(&self) -> Vec<Waiting> {
        let height = inner_height();
        let rows = self.rows.borrow();
        let waiting = |row: &Row| {
            if row.is_hidden() {
                return Waiting::default();
            }
            let rect = row.article.get_bounding_client_rect();
            let within = |more: f64| rect.bottom() > -more && rect.top() < height + more;
            Waiting {
                in_sight: within(0.0),
                near: within(NEAR),
                waited: row.waited,
            }
        };
        rows.iter().map(waiting).collect()
    }

    /// Ids of lanes near the viewport that have no slice that is good enough.
    pub(super) fn wanted(&self) -> Vec<String> {
        let (shown, waiting) = (self.shown(), self.waiting());
        self.place_over();
        let columns = self.scale().map_or(1.0, Scale::width);
        let rows = self.rows.borrow();
        rows.iter()
            .zip(waiting)
            .filter(|(row, w)| w.near && !row.best(shown, columns).is_some_and(|(_, s)| s))
            .map(|(row, _)| row.id.clone())
            .collect()
    }

    /// What a lane's canvas would be drawn for now.
    fn drawing(&self, row: &mut Row, place: usize, light: Light) -> Option<Drawn> {
        let height = self.height(row, light.ratio);
        let kept = row.kept.get(place)?;
        Some(Drawn {
            window: light.shown,
            width: light.width,
            height,
            scale: light.scale,
            dark: light.dark,
            dressing: self.dressing.get(),
            slice: (kept.cover.window, kept.cover.columns, kept.revision),
        })
    }

    fn is_behind(&self, row: &mut Row, place: usize, light: Light) -> bool {
        let drawing = self.drawing(row, place, light);
        drawing.is_some() && row.drawn != drawing
    }

    /// Draws a lane where it is not drawn so already; says whether it did.
    fn draw_row(&self, row: &mut Row, place: usize, light: Light, focus: &Focus) -> bool {
        let Some(drawn) = self.drawing(row, place, light) else {
            return false;
        };
        let height = drawn.height;
        if row.drawn == Some(drawn) {
            return false;
        }
        let before = row.drawn.replace(drawn);
        if !row.has_sheet() {
            return false;
        }
        let (Some(sheet), Some(kept)) = (&mut row.sheet, row.kept.get_mut(place)) else {
            return false;
        };
        if before.is_none_or(|before| !before.fits(&drawn)) {
            sheet.fit(light.width, height, light.scale);
        }
        paint(sheet, kept.dressed(self), light, focus);
        row.furnish_handle();
        if !row.pictures.has_attribute("data-drawn") {
            dom::set(&row.pictures, "data-drawn", Some(""));
        }
        true
    }

    /// The height of a lane, CSS pixels: to a part of a pixel what the server's picture had, so that
    /// nothing below moves.
    fn height(&self, row: &mut Row, ratio: f64) -> f64 {
        if row.usual == 0 {
            row.usual = row.lane().map_or(140, Lane::height);
        }
        let view = self.view.borrow();
        let chosen = view.lanes.heights.get(&row.id).copied();
        (f64::from(chosen.unwrap_or(row.usual)) * ratio).max(40.0)
    }

    fn draw_axis(&self, light: Light) {
        let Some(chrome) = self.chrome() else {
            return;
        };
        let pictures = &chrome.axis;
        let mut axis = self.frame.axis.borrow_mut();
        let on_page = |sheet: &Sheet| sheet.canvas.is_connected();
        let gone = axis.as_ref().is_some_and(|sheet| !on_page(sheet));
        if axis.is_none() || gone {
            *axis = axis.take().or_else(Sheet::new);
            if let Some(sheet) = axis.as_ref() {
                let _ = pictures.append_child(&sheet.canvas);
                dom::set(pictures, "data-drawn", Some(""));
            }
        }
        let Some(sheet) = axis.as_mut() else {
            return;
        };
        let height = AXIS * light.ratio;
        let drawn = Drawn {
            window: light.shown,
            width: light.width,
            height,
            scale: light.scale,
            dark: light.dark,
            dressing: 0,
            slice: (light.shown, 0, 0),
        };
        let before = self.frame.axis_drawn.replace(Some(drawn));
        if before == Some(drawn) && !gone {
            return;
        }
        if before.is_none_or(|before| !before.fits(&drawn)) {
            sheet.fit(light.width, height, light.scale);
        }
        paint(sheet, &axis_lane(), light, &Focus::default());
    }
}

/// Draws a lane, by the same code as the server does.
fn paint(sheet: &Sheet, lane: &Lane, light: Light, focus: &Focus) {
    sheet.draw(|context, size| {
        // What the browser refuses to draw is missing from the picture.
        let _ = chart::draw_in_context(context, size, lane, light.shown, light.style(), focus);
    });
}

pub(super) fn inner_height() -> f64 {
    let height = dom::window().inner_height().ok();
    height.and_then(|h| h.as_f64()).unwrap_or(800.0)
}

/// Time over pictures of a width, CSS pixels.
fn scale_of(width: f64, window: Window) -> Scale {
    let frame = Frame::new(width.round() as u32, window);
    Scale {
        left: frame.left,
        right: frame.right,
        window,
    }
}

thread_local! {
    /// Made once, and asked in every frame.
    static NARROWER: Option<MediaQueryList> = media("(max-width: 40rem)");
    /// See [`NARROWER`].
    static DARKER: Option<MediaQueryList> = media("(prefers-color-scheme: dark)");
}

fn media(query: &str) -> Option<MediaQueryList> {
    dom::window().match_media(query).ok().flatten()
}

/// Whether a media query holds.
fn holds(query: &'static LocalKey<Option<MediaQueryList>>) -> bool {
    query.with(|list| list.as_ref().is_some_and(MediaQueryList::matches))
}

fn is_dark() -> bool {
    let chosen = dom::document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => holds(&DARKER),
    }
}
