//! Menus: what can be done with a lane, lanes to add, what to compare with, events of a cluster.

use super::{Step, Timeline, dom, fetch, frame};
use crate::view::{Arrangement, Compare, arrange::Move, words::escaped};
use js_sys::Reflect;
use model::{Timestamp, time::DAY};
use std::{fmt::Write, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

/// Other incidents that are offered.
const OTHERS: usize = 40;

/// A lane that there could be.
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) default: bool,
    pub(super) series: Vec<String>,
}

/// An entry of a menu: what it does, and how it is called.
type Entry = (String, String);

impl Timeline {
    pub(super) fn open_lane_menu(self: &Rc<Self>, id: &str, from: &HtmlElement) {
        let Some((title, metric, log)) = self.with_row(id, |row| {
            let lane = row.lane();
            let plot = lane.and_then(|l| match &l.content {
                chart::Content::Metric(plot) => Some(plot.log),
                chart::Content::Events { .. } => None,
            });
            (row.title(), plot.is_some(), plot.unwrap_or_default())
        }) else {
            return;
        };
        let view = self.view.borrow();
        let pinned = view.lanes.pinned.iter().any(|p| p == id);
        let is_log = view.lanes.is_log(id, log);
        drop(view);
        let mut entries = vec![("up", "Move up"), ("down", "Move down")];
        entries.push((
            "pin",
            if pinned {
                "Let go from the top"
            } else {
                "Pin to the top"
            },
        ));
        entries.extend([("taller", "Taller"), ("lower", "Lower")]);
        if metric {
            entries.push((
                "log",
                if is_log {
                    "Linear axis"
                } else {
                    "Logarithmic axis"
                },
            ));
        }
        if metric {
            entries.extend([("alarm", "Try an alarm"), ("compare", "Compare with…")]);
        }
        entries.push(("hide", "Hide"));
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|(what, label)| (format!("lane {what} {id}"), label.to_owned()))
            .collect();
        Self::open_menu(from, &title, &entries);
    }

    pub(super) fn open_lanes(self: &Rc<Self>, from: &HtmlElement) {
        let (timeline, from) = (self.clone(), from.clone());
        spawn_local(async move {
            if let Err(why) = timeline.list_lanes().await {
                timeline.announce(&why);
            }
            let entries = timeline.lane_entries();
            Self::open_menu(&from, "Show or hide lanes", &entries);
        });
    }

    fn lane_entries(&self) -> Vec<Entry> {
        let listed = self.listed.borrow();
        let rows = self.rows.borrow();
        let shown = |id: &str| rows.iter().any(|r| r.id == id && !r.is_hidden());
        let mut entries: Vec<Entry> = vec![("lanes default".into(), "As at first".into())];
        entries.extend(listed.iter().map(|l| {
            let (what, mark) = if shown(&l.id) {
                ("hide", "✓ ")
            } else {
                ("show", "+ ")
            };
            (
                format!("lane {what} {}", l.id),
                format!("{mark}{}", l.title),
            )
        }));
        entries
    }

    /// Learns which lanes there could be, once for each change.
    pub(super) async fn list_lanes(&self) -> Result<(), String> {
        if !self.fetching.unlisted.replace(false) && !self.listed.borrow().is_empty() {
            return Ok(());
        }
        let url = format!("/api/incidents/{}/lanes/list", self.incident);
        let list = fetch::json(&url).await;
        let list = list.inspect_err(|_| self.fetching.unlisted.set(true))?;
        let list = js_sys::Array::from(&list);
        let text = |row: &JsValue, name: &str| field(row, name).as_string().unwrap_or_default();
        let mut listed: Vec<Listed> = list
            .iter()
            .map(|row| Listed {
                id: text(&row, "id"),
                title: text(&row, "title"),
                default: field(&row, "default").is_truthy(),
                series: js_sys::Array::from(&field(&row, "series"))
                    .iter()
                    .filter_map(|id| id.as_string())
                    .collect(),
            })
            .collect();
        listed.sort_by_key(|l| !l.default);
        self.listed.replace(listed);
        Ok(())
    }

    /// Whether anything was measured so long before what is in sight, as far as the page knows.
    fn is_sampled(&self, earlier_ms: i64) -> bool {
        let root = self.root();
        let at = |name| dom::number(&root, name).map(Timestamp::from_millis);
        let shown = self.shown();
        let (start, end) = (shown.start.plus(-earlier_ms), shown.end.plus(-earlier_ms));
        let ends = at("data-first").zip(at("data-last"));
        ends.is_none_or(|(first, last)| start < last && first < end)
    }

    /// Earlier times that what is in sight can be compared with: something was measured then.
    pub(super) fn shifts(&self) -> Vec<(Compare, &'static str)> {
        let all = [(DAY, "day before"), (7 * DAY, "week before")];
        let has = |(ms, _): &(i64, _)| self.is_sampled(*ms);
        let there = all.into_iter().filter(has);
        there
            .map(|(ms, label)| (Compare::Shift(ms), label))
            .collect()
    }

    pub(super) fn open_compare(self: &Rc<Self>, from: &HtmlElement) {
        let now = self.view.borrow().compare.clone();
        let mark = |is: bool| if is { "✓ " } else { "" };
        let mut entries: Vec<Entry> = vec![(
            "compare none".into(),
            format!("{}Nothing", mark(now.is_none())),
        )];
        entries.extend(self.shifts().into_iter().map(|(this, label)| {
            let chosen = mark(now.as_ref() == Some(&this));
            (format!("compare {this}"), format!("{chosen}The {label}"))
        }));
        let (timeline, from) = (self.clone(), from.clone());
        spawn_local(async move {
            let url = format!("/api/incidents/{}/others", timeline.incident);
            match fetch::json(&url).await {
                Ok(list) => entries.extend(others(&list, now.as_ref())),
                Err(why) => timeline.announce(&why),
            }
            Self::open_menu(
                &from,
                "Compare with; another incident is laid on this one's onset",
                &entries,
            );
        });
    }

    /// Opens a menu below the element that asked for it.
    pub(super) fn open_menu(from: &HtmlElement, title: &str, entries: &[Entry]) {
        Self::close_menu();
        let mut html = format!(
            "<div class=\"menu\" role=\"menu\" aria-label=\"{}\">",
            escaped(title)
        );
        let _ = write!(
            html,
            "<p class=\"menu-title\" role=\"presentation\">{}</p>",
            escaped(title)
        );
        for (what, label) in entries {
            let _ = write!(
                html,
                "<button type=\"button\" role=\"menuitem\" tabindex=\"-1\" data-choose=\"{}\">{}</button>",
                escaped(what),
                escaped(label)
            );
        }
        html.push_str("</div>");
        let Some(body) = dom::document().body() else {
            return;
        };
        let Some(menu) = dom::append(&body, &html) else {
            return;
        };
        let below = from.get_bounding_client_rect();
        let width = f64::from(menu.offset_width());
        let height = f64::from(menu.offset_height());
        let most = dom::document()
            .document_element()
            .map_or(400.0, |e| f64::from(e.client_width()));
        let (left, top) = if from.matches(".pictures").unwrap_or(false) {
            (below.left() + 80.0, below.top() + 12.0)
        } else {
            (below.right() - width, below.bottom() + 4.0)
        };
        let left = left.min(most - width - 8.0).max(8.0);
        let top = top.min(frame::inner_height() - height - 8.0).max(8.0);
        dom::style(&menu, "left", &format!("{left:.0}px"));
        dom::style(&menu, "top", &format!("{top:.0}px"));
        dom::set(from, "data-menu-open", Some(""));
        if let Some(first) = dom::one(&menu, "button") {
            let _ = first.focus();
        }
    }

    /// Closes the menu; the focus goes back to what opened it.
    pub(super) fn close_menu() {
        let Some(menu) = dom::in_page(".menu") else {
            return;
        };
        let had_focus = menu.contains(dom::document().active_element().as_deref());
        menu.remove();
        if let Some(from) = dom::in_page("[data-menu-open]") {
            dom::set(&from, "data-menu-open", None);
            if had_focus {
                let _ = from.focus();
            }
        }
    }

    pub(super) fn key_in_menu(name: &str) -> bool {
        let Some(menu) = dom::in_page(".menu") else {
            return false;
        };
        let items = dom::all(&menu, "[role=menuitem]");
        let active = dom::document().active_element();
        let place = items.iter().position(|i| Some(&**i) == active.as_ref());
        let last = items.len().saturating_sub(1);
        let next = match name {
            "Escape" | "Tab" => {
                Self::close_menu();
                return true;
            }
            "ArrowDown" => place.map_or(0, |p| if p == last { 0 } else { p + 1 }),
            "ArrowUp" => place.map_or(last, |p| if p == 0 { last } else { p - 1 }),
            "Home" => 0,
            "End" => last,
            _ => return false,
        };
        if let Some(item) = items.get(next) {
            let _ = item.focus();
        }
        true
    }

    /// Does what an entry of a menu or of the palette says.
    pub(super) fn choose(self: &Rc<Self>, what: &str) {
        Self::close_menu();
        let (verb, rest) = what.split_once(' ').unwrap_or((what, ""));
        match verb {
            "lane" => self.change_lane(rest),
            "lanes" => self.change(Step::Settled, |view, _| view.lanes = Arrangement::default()),
            "compare" => {
                let compare = rest.parse().ok();
                self.change(Step::Settled, |view, _| view.compare = compare);
            }
            "event" => self.choose_event(rest),
            "span" => {
                let mut ends = rest.split(' ').filter_map(|t| t.parse().ok());
                let ends = ends.next().zip(ends.next());
                if let Some((from, to)) = ends {
                    let at = model::Timestamp::from_millis;
                    let window = crate::view::zoom::between(at(from), at(to), self.bounds.get());
                    self.look_at(window, Step::Settled);
                }
            }
            "go" => self.go_to_lane(rest),
            "focus" => self.toggle_focus(rest),
            "open" => {
                let _ = dom::window().location().set_href(rest);
            }
            "scroll" => {
                if let Some(place) = dom::in_page(rest) {
                    place.scroll_into_view();
                }
            }
            "do" => self.act(rest, &self.root()),
            "note" => self.write_note(),
            _ => {}
        }
    }

    pub(super) fn change_lane(self: &Rc<Self>, rest: &str) {
        let Some((what, id)) = rest.split_once(' ') else {
            return;
        };
        let default = self.default.borrow().clone();
        let usual = self.with_row(id, |r| r.usual).unwrap_or(140);
        let log = self
            .with_row(id, |r| match r.lane().map(|l| &l.content) {
                Some(chart::Content::Metric(plot)) => plot.log,
                _ => false,
            })
            .unwrap_or_default();
        if what == "alarm" {
            return self.begin_alarm(id);
        }
        if what == "compare" {
            if let Some(from) = self.with_row(id, |r| r.pictures.clone()) {
                self.open_compare(&from);
            }
            return;
        }
        self.change(Step::Settled, |view, _| {
            let lanes = &mut view.lanes;
            match what {
                "up" => lanes.shift(id, Move::Up, &default),
                "down" => lanes.shift(id, Move::Down, &default),
                "pin" => lanes.toggle_pin(id),
                "taller" => lanes.grow(id, true, usual),
                "lower" => lanes.grow(id, false, usual),
                "log" => lanes.toggle_log(id, log),
                "hide" => lanes.hide(id),
                "show" => lanes.show(id, &default),
                _ => {}
            }
        });
        let title = self.with_row(id, |r| r.title()).unwrap_or_default();
        let said = match what {
            "up" => "moved up",
            "down" => "moved down",
            "pin" => "pinned or let go",
            "taller" => "made taller",
            "lower" => "made lower",
            "log" => "axis changed",
            "hide" => "hidden",
            _ => "shown",
        };
        self.announce(&format!("Lane {title} {said}."));
        if what == "show" {
            self.go_to_lane(id);
        }
    }
}

/// Incidents to compare with.
fn others(list: &JsValue, now: Option<&Compare>) -> Vec<Entry> {
    let text = |row: &JsValue, name: &str| field(row, name).as_string().unwrap_or_default();
    let rows = js_sys::Array::from(list);
    let entry = |row: JsValue| {
        let this = Compare::Incident(text(&row, "id"));
        let chosen = if now == Some(&this) { "✓ " } else { "" };
        let label = format!("{chosen}{}, {}", text(&row, "title"), text(&row, "start"));
        (format!("compare {this}"), label)
    };
    rows.iter().take(OTHERS).map(entry).collect()
}

/// A field of an object.
pub(super) fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or(JsValue::NULL)
}

/// Whether the click was outside of an open menu.
pub(super) fn is_outside(event: &web_sys::Event) -> bool {
    dom::in_page(".menu").is_some_and(|menu| {
        let target = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        !menu.contains(target.as_ref())
    })
}
