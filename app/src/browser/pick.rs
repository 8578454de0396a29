//! What is pointed at in a lane of events, by a pointer or by the crosshair: an event, or a cluster of them.

use super::{Timeline, dom, fetch, frame::inner_height, menu::field};
use crate::view::{words, zoom};
use chart::{Content, Hit, Size};
use model::{Timestamp, Window};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;

/// How far apart the heights are at which something is looked for in a lane, CSS pixels: less than a row.
const ROW: f64 = 6.0;

impl Timeline {
    /// What lies at the crosshair in a lane, the uppermost first, as if it were clicked.
    pub(super) fn pick_at_cross(self: &Rc<Self>, lane: &str) {
        let height = self.with_row(lane, |r| r.pictures.get_bounding_client_rect().height());
        let place = self.cross.get().zip(self.scale()).zip(height);
        let found = place.is_some_and(|((at, scale), height)| {
            let steps = (0..).map(|n| ROW * f64::from(n));
            let mut places = steps.take_while(|y| *y < height);
            places.any(|y| self.pick(lane, scale.x(at), y))
        });
        if !found {
            self.announce("There is no event at the crosshair.");
        }
    }

    /// What lies under a click in a lane: an event is marked and found in the table, a cluster opens. Whether
    /// there was one.
    pub(super) fn pick(self: &Rc<Self>, lane: &str, x: f64, y: f64) -> bool {
        let Some(scale) = self.scale() else {
            return false;
        };
        let found = self.with_row(lane, |row| {
            let rect = row.pictures.get_bounding_client_rect();
            let size = Size {
                width: rect.width().round() as u32,
                height: rect.height().round() as u32,
            };
            let lane = row.lane_for_scale(scale)?;
            match lane.hit(scale.window, size, x, y)? {
                Hit::Event { id, .. } => Some((id, None)),
                Hit::Cluster {
                    events,
                    count,
                    span,
                    place,
                } => {
                    let named = named(lane, &events);
                    let drawn = Window {
                        start: scale.at(place.left).min(span.start),
                        end: scale.at(place.right).max(span.end),
                    };
                    let cluster = Cluster {
                        title: format!("{count} events · {}", lane.title),
                        // Of events that are only counted it is known in which bar they are.
                        span: if named.is_some() { span } else { drawn },
                        named,
                        place: (row.pictures.clone(), x, y),
                    };
                    Some((String::new(), Some(cluster)))
                }
                Hit::Mark { .. } => None,
            }
        });
        match found.flatten() {
            Some((_, Some(cluster))) => self.open_cluster(lane, cluster),
            Some((id, None)) => self.choose_event(&id),
            None => return false,
        }
        true
    }

    /// The events of a cluster, and the way to see them apart. What the lane has no names for the server is
    /// asked for.
    fn open_cluster(self: &Rc<Self>, lane: &str, cluster: Cluster) {
        let Cluster {
            title,
            span,
            named,
            place,
        } = cluster;
        let around = zoom::with_margin(span);
        let zoom = format!("span {} {}", around.start.millis(), around.end.millis());
        let mut entries = vec![(zoom, "Zoom to them".to_owned())];
        if let Some(named) = named {
            entries.extend(named);
            return open_at(&place, &title, &entries);
        }
        let url = format!(
            "/api/incidents/{}/events?from={}&to={}&limit={ASKED}",
            self.incident,
            span.start.millis(),
            span.end.millis() + 1
        );
        let (timeline, lane) = (self.clone(), lane.to_owned());
        spawn_local(async move {
            match fetch::json(&url).await {
                Ok(page) => entries.extend(within(&page, &lane, span)),
                Err(why) => timeline.announce(&why),
            }
            open_at(&place, &title, &entries);
        });
    }
}

/// Several events that are drawn as one.
struct Cluster {
    title: String,
    /// From the first start to the last.
    span: Window,
    /// Entries of its menu, where the lane knows what all of its events are called.
    named: Option<Vec<(String, String)>>,
    /// The lane's pictures, and where in them it was pointed at, CSS pixels.
    place: (HtmlElement, f64, f64),
}

/// Events of a cluster that are listed.
const LISTED: usize = 12;

/// Events that are asked for: other lanes have some in the same span.
const ASKED: usize = 200;

fn named(lane: &chart::Lane, events: &[String]) -> Option<Vec<(String, String)>> {
    let Content::Events { items, .. } = &lane.content else {
        return None;
    };
    let entry = |id: &String| {
        let item = items.iter().find(|i| i.event == *id);
        let label = item.map(|i| i.label.clone()).filter(|l| !l.is_empty())?;
        Some((format!("event {id}"), label))
    };
    events.iter().take(LISTED).map(entry).collect()
}

/// Of a page of events those of a lane that begin in a span, with the time at which they do: one job is
/// called alike each time.
fn within(page: &JsValue, lane: &str, span: Window) -> Vec<(String, String)> {
    let text = |row: &JsValue, name: &str| field(row, name).as_string().unwrap_or_default();
    let rows = js_sys::Array::from(&field(page, "rows"));
    let entry = |row: JsValue| {
        let begun = field(&row, "start").as_f64();
        let begun = begun.or_else(|| field(&row, "latest").as_f64())?;
        let at = Timestamp::from_millis(begun as i64);
        if text(&row, "lane") != lane || at < span.start || at > span.end {
            return None;
        }
        let title = text(&row, "title");
        let called = if title.is_empty() {
            text(&row, "object")
        } else {
            title
        };
        let exact = words::exact(at);
        let time = exact.split(' ').next_back().unwrap_or_default();
        Some((
            format!("event {}", text(&row, "id")),
            format!("{time}  {called}"),
        ))
    };
    rows.iter().filter_map(entry).take(LISTED).collect()
}

/// Opens a menu beside what was pointed at.
fn open_at((pictures, x, y): &(HtmlElement, f64, f64), title: &str, entries: &[(String, String)]) {
    Timeline::open_menu(pictures, title, entries);
    if let Some(menu) = dom::in_page(".menu") {
        let rect = pictures.get_bounding_client_rect();
        let most = inner_height() - f64::from(menu.offset_height()) - 8.0;
        let top = (rect.top() + y + 10.0).min(most).max(8.0);
        let left = (rect.left() + x - 40.0).max(8.0);
        dom::style(&menu, "top", &format!("{top:.0}px"));
        dom::style(&menu, "left", &format!("{left:.0}px"));
    }
}
