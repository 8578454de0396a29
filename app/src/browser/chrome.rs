//! What lies over and around the lanes: the crosshair's line, its time, the selection, buttons, and
//! what is told to who does not see it.

use super::{
    Timeline, dom,
    glide::{Glide, Unit},
};
use crate::view::words;
use model::Window;
use std::rc::Rc;
use web_sys::HtmlElement;

/// Elements of the section that every frame needs: those that the timeline has added, and what it
/// moves with them.
pub(super) struct Chrome {
    /// The pictures of the axis: all lanes are as wide, and begin where they do.
    pub(super) axis: HtmlElement,
    /// The whole incident.
    pub(super) strip: HtmlElement,
    /// The shades in the strip, before and after what is shown: the brush lies between them.
    pub(super) shades: [Glide; 2],
    /// What lies over the lanes.
    pub(super) over: HtmlElement,
    /// The window in words.
    shown: HtmlElement,
    /// The line through all lanes.
    pub(super) line: Glide,
    /// Time and distances, in the axis.
    pub(super) label: Glide,
    /// What a drag covers.
    pub(super) selection: HtmlElement,
    /// What lies around the event that is marked.
    pub(super) ring: HtmlElement,
    notice: HtmlElement,
    fetching: HtmlElement,
    live: HtmlElement,
}

/// How fetching goes.
pub(super) enum Notice {
    /// All is there.
    None,
    /// Lanes are being fetched.
    Waiting,
    /// They did not come, and why.
    Failed(String),
}

const TOOLS: &str = "\
<button type=\"button\" class=\"quiet\" data-do=\"back\" aria-label=\"Back to the view before\">←</button>\
<button type=\"button\" class=\"quiet\" data-do=\"forth\" aria-label=\"Forth to the next view\">→</button>\
<button type=\"button\" class=\"quiet\" data-do=\"in\" aria-label=\"Zoom in\">+</button>\
<button type=\"button\" class=\"quiet\" data-do=\"out\" aria-label=\"Zoom out\">−</button>\
<button type=\"button\" class=\"quiet\" data-do=\"lanes\" aria-haspopup=\"menu\">Lanes</button>\
<button type=\"button\" class=\"quiet\" data-do=\"compare\" aria-haspopup=\"menu\">Compare</button>\
<button type=\"button\" class=\"quiet\" data-do=\"palette\" aria-haspopup=\"dialog\">Go to…</button>\
<button type=\"button\" class=\"quiet\" data-do=\"keys\" aria-haspopup=\"dialog\" aria-label=\"All keys\">?</button>";

const OVER: &str = "<div class=\"over\" aria-hidden=\"true\"><div class=\"cross\" hidden></div>\
<div class=\"selection\" hidden></div><div class=\"ring\" hidden></div></div>";

/// In the place of those in the server's picture, which are not moved but drawn anew.
const SHADES: &str =
    "<div class=\"shade shade-before\"></div><div class=\"shade shade-after\"></div>";

const LABEL: &str = "<p class=\"cross-time\" hidden></p>";

const FETCHING: &str = "<p class=\"fetching\" role=\"status\" data-testid=\"fetching\"></p>";

const SAID: &str = "<div class=\"lanes-notice\" role=\"alert\"></div>\
<p class=\"line-said\" role=\"status\" data-testid=\"line-said\"></p>\
<p class=\"visually-hidden\" aria-live=\"polite\" data-testid=\"timeline-said\"></p>";

impl Timeline {
    /// Adds the elements where they are not there yet.
    pub(super) fn build_chrome(&self) {
        let root = self.root();
        let there = dom::one(&root, ".over").is_some();
        if !there {
            if let Some(tools) = dom::one(&root, ".time-tools") {
                tools.set_inner_html(TOOLS);
            }
            dom::append(&root, OVER);
            let bar = dom::one(&root, ".time-bar");
            if let Some(bar) = bar {
                let _ = bar.insert_adjacent_html("afterend", SAID);
            }
            if let Some(strip) = dom::one(&root, ".strip") {
                dom::append(&strip, SHADES);
            }
            if let Some(axis) = dom::one(&root, ".axis") {
                dom::append(&axis, LABEL);
                dom::append(&axis, FETCHING);
            }
            dom::set(&root, "data-alive", Some(""));
        }
        let one = |selector| dom::one(&root, selector);
        let glide = |selector, unit| Some(Glide::new(one(selector)?, unit));
        let found = (|| {
            Some(Chrome {
                axis: one(".axis .pictures")?,
                strip: one(".strip")?,
                shades: [
                    glide(".shade-before", Unit::Percent)?,
                    glide(".shade-after", Unit::Percent)?,
                ],
                over: one(".over")?,
                shown: one(".time-shown")?,
                line: glide(".cross", Unit::Pixels)?,
                label: glide(".cross-time", Unit::Pixels)?,
                selection: one(".selection")?,
                ring: one(".ring")?,
                notice: one(".lanes-notice")?,
                fetching: one(".fetching")?,
                live: one("[data-testid=timeline-said]")?,
            })
        })();
        self.chrome.replace(found.map(Rc::new));
    }

    pub(super) fn chrome(&self) -> Option<Rc<Chrome>> {
        self.chrome.borrow().clone()
    }

    /// Tells who does not see it.
    pub(super) fn announce(&self, text: &str) {
        if let Some(chrome) = self.chrome() {
            dom::say(&chrome.live, text);
        }
    }

    pub(super) fn tell_shown(self: &Rc<Self>, shown: Window) {
        if let Some(chrome) = self.chrome() {
            let mut text = words::window(shown);
            let compared = self.fetching.compared.borrow();
            if self.view.borrow().compare.is_some() && !compared.is_empty() {
                text.push_str(" · ");
                text.push_str(&compared);
            }
            dom::say(&chrome.shown, &text);
        }
    }

    /// Says what is being fetched, over the axis, so that nothing moves.
    pub(super) fn say_fetching(&self, text: &str) {
        if let Some(chrome) = self.chrome() {
            dom::say(&chrome.fetching, text);
        }
    }

    /// Says how fetching goes.
    pub(super) fn notice(&self, notice: Notice) {
        let root = self.root();
        let Some(chrome) = self.chrome() else { return };
        let busy = matches!(notice, Notice::Waiting);
        dom::set(&root, "aria-busy", busy.then_some("true"));
        match notice {
            Notice::Failed(why) => chrome.notice.set_inner_html(&format!(
                "<p class=\"notice\">The lanes of this view did not come: {} \
                 <button type=\"button\" class=\"button\" data-do=\"retry\">Try again</button></p>",
                words::escaped(&why)
            )),
            Notice::None => dom::say(&chrome.notice, ""),
            Notice::Waiting => {}
        }
    }
}
