//! Slices from the server: one question at a time, for the lanes in sight and the view as it is when
//! the last answer has come.

use super::{Row, Timeline, chrome::Notice, dom, lane::Kept};
use crate::view::{Scale, cache};
use chart::Slice;
use js_sys::{ArrayBuffer, Uint8Array};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

/// How long a view rests before it is asked for, so that a gesture asks a few times and not sixty
/// times a second.
const REST: Duration = Duration::from_millis(40);

/// Lanes that the server takes in one question.
const MOST_LANES: usize = 64;

/// How long a question goes on before it is said that it does: what is answered sooner would only
/// flicker.
const SOON: Duration = Duration::from_millis(150);

#[derive(Default)]
pub(super) struct Queue {
    /// A question is waiting for its time, or for its answer.
    busy: Cell<bool>,
    /// The last answer was none; nothing more is asked until the view changes or somebody says so.
    failed: Cell<bool>,
    /// Since when something is asked for without rest, counted: a later turn ends what was to be said of
    /// an earlier one. Even: nothing is asked for.
    turn: Cell<u32>,
    /// Lanes that are waited for.
    lanes: Cell<usize>,
    /// It is said that lanes are waited for, or that they did not come; lanes say what they show instead.
    pub(super) said: Cell<bool>,
    /// Some lanes say what they show instead.
    pub(super) marked: Cell<bool>,
    /// The window in words for which the server has drawn the lanes.
    pub(super) served: RefCell<String>,
    /// Changes of the incident are being gathered.
    pub(super) gathering: Cell<bool>,
    /// What was laid over how many lanes, or why nothing was, in a sentence.
    pub(super) compared: RefCell<String>,
    /// The server has told of a change, and the page is still as it was before.
    pub(super) behind: Cell<bool>,
    /// There may be other lanes than were listed.
    pub(super) unlisted: Cell<bool>,
    /// Lanes did not come although they are listed.
    missed: Cell<bool>,
    /// How far the incident had come when the server last told.
    pub(super) heard: RefCell<String>,
}

impl Queue {
    /// Tries again after a failure.
    pub(super) fn forgive(&self) {
        if self.failed.replace(false) {
            self.said.set(false);
        }
    }
}

impl Timeline {
    /// Asks for what is wanted, soon.
    pub(super) fn want(self: &Rc<Self>) {
        if self.fetching.failed.get() || self.fetching.busy.replace(true) {
            return;
        }
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                let Some(timeline) = weak.upgrade() else {
                    return;
                };
                spawn_local(async move {
                    let answer = timeline.fetch().await;
                    timeline.fetching.busy.set(false);
                    timeline.told(answer);
                    timeline.schedule();
                });
            },
            REST,
        );
    }

    fn told(self: &Rc<Self>, answer: Result<(), String>) {
        match answer {
            // Whether more is waited for the next frame finds.
            Ok(()) => {
                self.dim_lanes();
                self.follow_pins();
                self.notice(Notice::None);
            }
            Err(why) => {
                self.fetching.failed.set(true);
                self.waited();
                self.fetching.said.set(true);
                self.notice(Notice::Failed(why));
            }
        }
    }

    async fn fetch(self: &Rc<Self>) -> Result<(), String> {
        let mut ids = self.wanted();
        self.drop_unknown(&mut ids).await?;
        ids.truncate(MOST_LANES);
        let Some(scale) = self.scale().filter(|_| !ids.is_empty()) else {
            return Ok(());
        };
        self.wait_for(ids.len());
        let revision = self.revision.get();
        let (window, columns) = cache::ask(scale.window, self.bounds.get(), Scale::width(scale));
        let mut url = format!(
            "/api/incidents/{}/lanes?from={}&to={}&columns={columns}&lanes={}",
            self.incident,
            window.start.millis(),
            window.end.millis(),
            ids.join(",")
        );
        if let Some(compare) = &self.view.borrow().compare {
            url.push_str("&compare=");
            url.push_str(&compare.to_string());
            // It is counted over all lanes of the view, in sight or not.
            let lanes = self.view.borrow().lanes.shown(&self.default.borrow());
            url.push_str("&over=");
            url.push_str(&lanes.join(","));
        }
        let (bytes, compared) = match bytes(&url).await {
            Ok(answer) => answer,
            Err(why) => return self.go_on_without(ids, why).await,
        };
        self.fetching.compared.replace(compared);
        let slice = Slice::decode(&bytes).map_err(|e| e.to_string())?;
        let (shown, bounds) = (self.shown(), self.bounds.get());
        if revision != self.revision.get() {
            // It has changed meanwhile: what has come is old, and is asked for again.
            return Ok(());
        }
        for lane in slice.lanes {
            let id = lane.id.clone();
            let kept = Kept::new(lane, window, columns, revision);
            self.with_row(&id, |row| {
                fill_in(row, &kept.lane);
                row.keep(kept, shown, bounds);
            });
            ids.retain(|asked| *asked != id);
        }
        if ids.is_empty() {
            self.fetching.missed.set(false);
            return Ok(());
        }
        // A lane goes with the last that it shows: the server leaves it out.
        let why = format!("There is nothing of {}.", ids.join(", "));
        self.go_on_without(ids, why).await
    }

    /// Says that lanes are fetched, as soon as that takes long.
    fn wait_for(self: &Rc<Self>, lanes: usize) {
        self.notice(Notice::Waiting);
        let queue = &self.fetching;
        queue.lanes.set(lanes);
        if queue.turn.get() % 2 == 1 {
            // It goes on from one question to the next.
            if queue.said.get() {
                self.say_waiting();
            }
            return;
        }
        let turn = queue.turn.get().wrapping_add(1);
        queue.turn.set(turn);
        let weak = Rc::downgrade(self);
        leptos::prelude::set_timeout(
            move || {
                if let Some(timeline) = weak.upgrade().filter(|t| t.fetching.turn.get() == turn) {
                    timeline.say_waiting();
                    timeline.fetching.said.set(true);
                    timeline.schedule();
                }
            },
            SOON,
        );
    }

    fn say_waiting(&self) {
        let text = match self.fetching.lanes.get() {
            1 => "Fetching 1 lane…".to_owned(),
            n => format!("Fetching {n} lanes…"),
        };
        self.say_fetching(&text);
    }

    /// Everything that is wanted is there, or nothing more is asked for.
    pub(super) fn waited(&self) {
        let queue = &self.fetching;
        if queue.turn.get() % 2 == 1 && !queue.busy.get() {
            queue.turn.set(queue.turn.get().wrapping_add(1));
            queue.said.set(queue.failed.get());
            self.say_fetching("");
        }
    }

    /// A question was refused, or not all that it asked for has come: lanes may have been taken away since
    /// the page was made. Without them it is asked again. Where all are listed they may have come back
    /// meanwhile: that is tried once, and then it is said why.
    async fn go_on_without(
        self: &Rc<Self>,
        mut ids: Vec<String>,
        why: String,
    ) -> Result<(), String> {
        let asked = ids.len();
        self.fetching.behind.set(true);
        self.fetching.unlisted.set(true);
        let listed = self.drop_unknown(&mut ids).await;
        let missed = ids.len() == asked;
        if listed.is_ok() && !(self.fetching.missed.replace(missed) && missed) {
            Ok(())
        } else {
            Err(why)
        }
    }

    /// Lanes that the server does not know (any more) are taken out of sight, and it is said. Such can
    /// be those that the server has not drawn itself, and all of them while the page is behind.
    async fn drop_unknown(self: &Rc<Self>, ids: &mut Vec<String>) -> Result<(), String> {
        let made = |id: &str| self.with_row(id, |row| row.made).unwrap_or_default();
        if !self.fetching.behind.get() && !ids.iter().any(|id| made(id)) {
            return Ok(());
        }
        self.list_lanes().await?;
        let known = |id: &String| self.listed.borrow().iter().any(|l| l.id == *id);
        let (there, unknown) = std::mem::take(ids).into_iter().partition(known);
        *ids = there;
        if !unknown.is_empty() {
            self.take_away(&unknown);
        }
        Ok(())
    }

    fn take_away(self: &Rc<Self>, unknown: &[String]) {
        for id in unknown {
            self.with_row(id, |row| {
                row.gone = true;
                row.article.set_hidden(true);
            });
        }
        let named: Vec<&String> = {
            let view = self.view.borrow();
            let is = |id: &&String| view.lanes.order.contains(id) || view.lanes.pinned.contains(id);
            unknown.iter().filter(is).collect()
        };
        if !named.is_empty() {
            self.change(super::Step::Moving, |view, _| {
                for id in named {
                    view.lanes.hide(id);
                }
            });
        }
        self.announce(&format!("There is no lane {}.", unknown.join(", ")));
    }
}

/// A lane that the reader has added learns its name and what it shows.
fn fill_in(row: &Row, lane: &chart::Lane) {
    let Some(wait) = dom::one(&row.pictures, ".lane-wait") else {
        return;
    };
    wait.remove();
    if let Some(title) = dom::one(&row.article, "h3") {
        dom::say(&title, &format!("{} ", lane.title));
        let unit = crate::view::words::escaped(&lane.unit);
        dom::append(&title, &format!("<span class=\"unit\">{unit}</span>"));
    }
    if let Some(summary) = dom::one(&row.article, ".lane-summary") {
        dom::say(&summary, &lane.summary);
    }
}

/// What an address of our own server answers.
async fn answer(url: &str) -> Result<Response, String> {
    let gone = "The server does not answer.";
    let response = JsFuture::from(dom::window().fetch_with_str(url))
        .await
        .map_err(|_| gone.to_owned())?;
    let response: Response = response.dyn_into().map_err(|_| gone.to_owned())?;
    if response.ok() {
        Ok(response)
    } else {
        Err(format!("The server answers {}.", response.status()))
    }
}

/// Bytes from our own server, and what it says of a comparison.
pub(super) async fn bytes(url: &str) -> Result<(Vec<u8>, String), String> {
    let cut = |_| "The answer was cut short.".to_owned();
    let response = answer(url).await?;
    let compared = response.headers().get("lineup-compared").ok().flatten();
    let body = response.array_buffer().map_err(cut)?;
    let body: ArrayBuffer = JsFuture::from(body).await.map_err(cut)?.unchecked_into();
    let bytes = Uint8Array::new(&body).to_vec();
    Ok((bytes, compared.unwrap_or_default()))
}

/// Text from our own server.
pub(super) async fn text(url: &str) -> Result<String, String> {
    let cut = |_| "The answer was cut short.".to_owned();
    let body = answer(url).await?.text().map_err(cut)?;
    let text = JsFuture::from(body).await.map_err(cut)?;
    Ok(text.as_string().unwrap_or_default())
}

/// Why a line to the server was not opened.
pub(super) enum Refusal {
    /// There is nothing to listen to, or not for this reader.
    Gone,
    /// The server says when to ask again, seconds.
    Later(u32),
    /// It does not say.
    Unknown,
}

/// Asks why an address was refused, which the line itself does not tell.
pub(super) async fn refusal(url: &str) -> Refusal {
    let init = js_sys::Object::new();
    // A plain object takes every property.
    let _ = js_sys::Reflect::set(&init, &"method".into(), &"HEAD".into());
    let asked = dom::window().fetch_with_str_and_init(url, init.unchecked_ref());
    let response = JsFuture::from(asked).await.ok();
    let Some(response) = response.and_then(|r| r.dyn_into::<Response>().ok()) else {
        return Refusal::Unknown;
    };
    if (400..500).contains(&response.status()) {
        return Refusal::Gone;
    }
    let again = response.headers().get("retry-after").ok().flatten();
    let seconds = again.and_then(|text| text.parse().ok());
    seconds.map_or(Refusal::Unknown, Refusal::Later)
}

/// JSON from our own server.
pub(super) async fn json(url: &str) -> Result<wasm_bindgen::JsValue, String> {
    let cut = |_| "The answer was not understood.".to_owned();
    let body = answer(url).await?.json().map_err(cut)?;
    JsFuture::from(body).await.map_err(cut)
}
