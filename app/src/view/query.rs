//! A view as the query of an address, and back.
//!
//! `from` and `to` (epoch milliseconds), `lanes` (all that are shown, in order), `hide`, `pin`, `log`
//! and `linear` (lane ids), `tall` (`id:pixels`), `focus`, `compare`, `alarm`, `event`, and the filter's
//! `text`, `kind`, `namespace`, `object` and `node`. What is written is read back as it was; what
//! cannot be understood is left out and told ([`Ignored`]), never guessed at.

use super::{View, arrange, filter};
use model::{Timestamp, Window};
use std::fmt::{self, Write};

/// A part of an address that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its name.
    pub name: String,
    /// Why it is left out.
    pub why: String,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.why)
    }
}

impl Ignored {
    /// A part, and why it is left out.
    pub fn new(name: &str, why: impl Into<String>) -> Self {
        Self {
            name: name.chars().take(40).collect(),
            why: why.into(),
        }
    }

    /// All of them in a sentence for people; `None` where there are none.
    pub fn sentence(all: &[Self]) -> Option<String> {
        if all.is_empty() {
            return None;
        }
        let parts: Vec<String> = all.iter().map(ToString::to_string).collect();
        Some(format!(
            "Of this link some parts were not understood and are left out: {}.",
            parts.join(", ")
        ))
    }
}

/// Longest id and longest text that an address may hold.
const LONGEST: usize = 400;

/// Most lanes that an address may name in one part.
const MOST: usize = 300;

/// Names that other parts of the pages use in addresses: what a form without JavaScript was refused
/// for.
const OTHERS: [&str; 3] = ["__path", "__err", crate::SIGNATURE];

/// Reads the query of an address, with or without its question mark.
pub fn read(query: &str) -> (View, Vec<Ignored>) {
    let mut reader = Reader::default();
    let query = query.strip_prefix('?').unwrap_or(query);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        reader.part(&name, &value);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    view: View,
    from: Option<i64>,
    to: Option<i64>,
    ignored: Vec<Ignored>,
}

impl Reader {
    fn part(&mut self, name: &str, value: &str) {
        if OTHERS.contains(&name) || value.is_empty() {
            return;
        }
        let lanes = &mut self.view.lanes;
        let read: Result<(), String> = match name {
            "from" => instant(value).map(|ms| self.from = Some(ms)),
            "to" => instant(value).map(|ms| self.to = Some(ms)),
            "lanes" => ids(value).map(|ids| lanes.order = ids),
            "hide" => ids(value).map(|ids| lanes.hidden = ids.into_iter().collect()),
            "pin" => ids(value).map(|ids| lanes.pinned = ids),
            "log" => ids(value).map(|ids| lanes.log.extend(ids.into_iter().map(|id| (id, true)))),
            "linear" => {
                ids(value).map(|ids| lanes.log.extend(ids.into_iter().map(|id| (id, false))))
            }
            "tall" => heights(value).map(|heights| lanes.heights.extend(heights)),
            "focus" => text(value).map(|text| self.view.focus = Some(text)),
            "event" => text(value).map(|text| self.view.event = Some(text)),
            "compare" => value
                .parse()
                .map(|compare| self.view.compare = Some(compare))
                .map_err(str::to_owned),
            "alarm" => text(value).and_then(|text| {
                let read = text.parse().map_err(str::to_owned);
                read.map(|alarm| self.view.alarm = Some(alarm))
            }),
            name => match self.view.filter.part(name) {
                Some(_) if value.chars().count() > filter::LONGEST => {
                    Err(format!("longer than {} characters", filter::LONGEST))
                }
                Some(part) => text(value).map(|text| *part = text),
                None => Err("no such setting".into()),
            },
        };
        if let Err(why) = read {
            self.ignored.push(Ignored::new(name, why));
        }
    }

    fn finish(mut self) -> (View, Vec<Ignored>) {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from < to => {
                self.view.window = Some(Window {
                    start: Timestamp::from_millis(from),
                    end: Timestamp::from_millis(to),
                });
            }
            (Some(_), Some(_)) => self
                .ignored
                .push(Ignored::new("from, to", "the end is not after the start")),
            (Some(_), None) => self.ignored.push(Ignored::new("from", "without to")),
            (None, Some(_)) => self.ignored.push(Ignored::new("to", "without from")),
            (None, None) => {}
        }
        (self.view, self.ignored)
    }
}

fn instant(value: &str) -> Result<i64, String> {
    value
        .parse()
        .ok()
        .filter(|ms| (Timestamp::MIN.millis()..=Timestamp::MAX.millis()).contains(ms))
        .ok_or_else(|| "expected epoch milliseconds".into())
}

/// Whether a text may be the id of a lane (see `chart::Lane::id`).
fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(fits)
}

/// Ids between commas, each once.
fn ids(value: &str) -> Result<Vec<String>, String> {
    let mut out: Vec<String> = Vec::new();
    for id in value.split(',') {
        if !is_id(id) {
            return Err("expected ids of lanes with commas between them".into());
        }
        if out.len() == MOST {
            return Err(format!("more than {MOST} lanes"));
        }
        if !out.iter().any(|o| o == id) {
            out.push(id.to_owned());
        }
    }
    Ok(out)
}

fn heights(value: &str) -> Result<Vec<(String, u32)>, String> {
    value
        .split(',')
        .take(MOST)
        .map(|part| {
            let (id, pixels) = part.split_once(':')?;
            let pixels = pixels.parse().ok()?;
            let fits = (arrange::LOWEST..=arrange::HIGHEST).contains(&pixels);
            (is_id(id) && fits).then(|| (id.to_owned(), pixels))
        })
        .collect::<Option<_>>()
        .ok_or_else(|| "expected lane:height in pixels, 60 to 800".into())
}

fn text(value: &str) -> Result<String, String> {
    if value.chars().count() > LONGEST {
        return Err(format!("longer than {LONGEST} characters"));
    }
    Ok(value.to_owned())
}

/// The query that [`read`] reads as that view, with its question mark; empty for the usual view.
pub fn write(view: &View) -> String {
    let mut out = Writer(String::new());
    if let Some(window) = view.window {
        out.part("from", &window.start.millis().to_string());
        out.part("to", &window.end.millis().to_string());
    }
    let lanes = &view.lanes;
    out.list("lanes", lanes.order.iter());
    out.list("hide", lanes.hidden.iter());
    out.list("pin", lanes.pinned.iter());
    for (name, is_log) in [("log", true), ("linear", false)] {
        out.list(
            name,
            lanes
                .log
                .iter()
                .filter(|(_, l)| **l == is_log)
                .map(|(id, _)| id),
        );
    }
    let tall: Vec<String> = lanes
        .heights
        .iter()
        .map(|(id, pixels)| format!("{id}:{pixels}"))
        .collect();
    out.list("tall", tall.iter());
    out.text("focus", view.focus.as_deref());
    out.text(
        "compare",
        view.compare.as_ref().map(ToString::to_string).as_deref(),
    );
    out.text(
        "alarm",
        view.alarm.as_ref().map(ToString::to_string).as_deref(),
    );
    out.text("event", view.event.as_deref());
    for (name, value) in view.filter.parts() {
        out.text(name, Some(value));
    }
    out.0
}

struct Writer(String);

impl Writer {
    fn part(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            // Commas and colons may stand in a query as they are, and read better so.
            if byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte) {
                self.0.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(self.0, "%{byte:02X}");
            }
        }
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            self.part(name, value);
        }
    }

    fn list<'a>(&mut self, name: &str, ids: impl Iterator<Item = &'a String>) {
        let ids: Vec<&str> = ids.map(String::as_str).collect();
        self.text(name, Some(&ids.join(",")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Alarm, Arrangement, Compare, Filter};
    use proptest::{
        collection::{btree_map, btree_set, vec},
        option,
        prelude::*,
    };

    fn unique(ids: Vec<String>) -> Vec<String> {
        let mut seen = std::collections::BTreeSet::new();
        ids.into_iter()
            .filter(|id| seen.insert(id.clone()))
            .collect()
    }

    prop_compose! {
        fn arrangement()(
            order in vec("[A-Za-z0-9._-]{1,20}", 0..6).prop_map(unique),
            hidden in btree_set("[A-Za-z0-9._-]{1,20}", 0..6),
            pinned in vec("[A-Za-z0-9._-]{1,20}", 0..4).prop_map(unique),
            log in btree_map("[A-Za-z0-9._-]{1,20}", any::<bool>(), 0..5),
            heights in btree_map("[A-Za-z0-9._-]{1,20}", 60..=800u32, 0..5),
        ) -> Arrangement {
            Arrangement { order, hidden, pinned, log, heights }
        }
    }

    fn compare() -> impl Strategy<Value = Compare> {
        prop_oneof![
            (60_000..31_622_400_000i64).prop_map(Compare::Shift),
            "[0-9a-f]{32}".prop_map(Compare::Incident),
        ]
    }

    fn alarm() -> impl Strategy<Value = Alarm> {
        let value = any::<f64>().prop_filter("a number", |v| v.is_finite());
        ("(?s).{1,40}", any::<bool>(), value)
            .prop_map(|(series, above, value)| Alarm::new(&series, above, value).unwrap())
    }

    prop_compose! {
        fn filter()(parts in proptest::array::uniform5("(?s).{0,30}")) -> Filter {
            let [text, kind, namespace, object, node] = parts;
            Filter { text, kind, namespace, object, node }
        }
    }

    prop_compose! {
        fn view()(
            window in option::of((0..253_000_000_000_000i64, 1..1_000_000_000i64)),
            lanes in arrangement(),
            (focus, event) in (option::of("(?s).{1,40}"), option::of("(?s).{1,40}")),
            compare in option::of(compare()),
            filter in filter(),
            alarm in option::of(alarm()),
        ) -> View {
            let window = window.map(|(start, length)| Window {
                start: Timestamp::from_millis(start),
                end: Timestamp::from_millis(start + length),
            });
            View { window, lanes, focus, compare, filter, event, alarm }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_exactly(view in view()) {
            let query = write(&view);
            prop_assert!(query.is_ascii());
            prop_assert_eq!(read(&query), (view, Vec::new()), "{}", query);
        }

        #[test]
        fn nothing_in_an_address_breaks_it(query in ".{0,200}") {
            let (view, _) = read(&query);
            // Whatever was understood can be written and read again.
            prop_assert_eq!(read(&write(&view)), (view, Vec::new()));
        }
    }

    #[test]
    fn the_usual_view_has_no_query() {
        assert_eq!(write(&View::default()), "");
        assert_eq!(read(""), (View::default(), Vec::new()));
        assert_eq!(read("?"), (View::default(), Vec::new()));
    }

    #[test]
    fn an_address_reads_well() {
        let mut view = View {
            window: Some(Window {
                start: Timestamp::from_millis(1_590_116_400_000),
                end: Timestamp::from_millis(1_590_123_600_000),
            }),
            focus: Some("1".into()),
            ..View::default()
        };
        view.lanes.hide("rollouts");
        view.lanes.hide("alerts");
        view.lanes.grow("symptom", true, 140);
        view.filter.text = "back-off pulling".into();
        assert_eq!(
            write(&view),
            "?from=1590116400000&to=1590123600000&hide=alerts,rollouts&tall=symptom:200&focus=1\
             &text=back-off%20pulling"
        );
    }

    #[test]
    fn what_is_not_understood_is_said_and_the_rest_holds() {
        let (view, ignored) =
            read("from=5&hide=a,b&lanes=a,%3Cscript%3E&tall=a:5&zoom=9&compare=x&__err=e");
        assert_eq!(view.window, None);
        assert_eq!(view.lanes.hidden.len(), 2);
        assert!(view.lanes.order.is_empty() && view.lanes.heights.is_empty());
        let names: Vec<&str> = ignored.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["lanes", "tall", "zoom", "compare", "from"]);
        let said = Ignored::sentence(&ignored).unwrap();
        assert!(said.contains("zoom (no such setting)"), "{said}");
        assert_eq!(Ignored::sentence(&[]), None);
        for bad in [
            "from=9&to=9",
            "from=9&to=3",
            "from=x&to=3",
            "from=-1&to=3",
            "to=99999999999999999999&from=1",
        ] {
            let (view, ignored) = read(bad);
            assert_eq!(view, View::default(), "{bad}");
            assert!(!ignored.is_empty(), "{bad}");
        }
    }
}
