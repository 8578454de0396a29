//! The plain table of `kubectl get pods`, also as pasted from a web page.
//!
//! Columns are known by what stands in them, so that a missing header, a missing NAMESPACE column
//! and `-o wide` need no help. AGE counts from the pod's creation, never from its deletion: when a
//! pod began to terminate is unknown, and lies somewhere between its creation and the listing.

use super::{
    Listing,
    meta::{Ids, open_end, set, set_bounds, set_time, short},
};
use crate::{BundleError, bundle::limits::MAX_EVENTS};
use model::{
    Batch, Event, EventKind, Gap, ObjectRef, Provenance, Timestamp,
    time::{DAY, HOUR, MINUTE, SECOND},
    words::count,
};

/// The `source` of events and provenance that come from tables.
pub(crate) const SOURCE: &str = model::LISTINGS[1];

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Empty where the table has no such column.
    pub namespace: &'a str,
    /// The pod.
    pub name: &'a str,
    /// `Running`, `Terminating`, `CrashLoopBackOff`…
    pub status: &'a str,
    /// Restarts of its containers together.
    pub restarts: u32,
    /// How long before the listing the last restart was, where the table says so (since 1.22).
    pub restarted: Option<Age<'a>>,
    /// Time since creation.
    pub age: Option<Age<'a>>,
    /// Empty where the table has no such column.
    pub node: &'a str,
}

/// An age as kubectl writes it (`HumanDuration` in k8s.io/apimachinery): cut to its last unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age<'a> {
    /// As written: `3d7h`.
    pub text: &'a str,
    /// The least it can be, milliseconds.
    pub least: i64,
    /// The most it can be: one of its last unit more, milliseconds.
    pub most: i64,
}

impl<'a> Age<'a> {
    /// Reads `5m30s`, `25h`, `3d7h`, `35d`, `2y10d`: rising units from right to left.
    pub fn parse(text: &'a str) -> Option<Self> {
        const UNITS: [(char, i64); 5] = [
            ('y', 365 * DAY),
            ('d', DAY),
            ('h', HOUR),
            ('m', MINUTE),
            ('s', SECOND),
        ];
        let mut rest = text;
        let (mut total, mut last, mut next) = (0_i64, None, 0);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit())?;
            let number: i64 = rest.get(..digits)?.parse().ok()?;
            let unit = rest.get(digits..)?.chars().next()?;
            let at = UNITS.iter().position(|(name, _)| *name == unit)?;
            let (_, ms) = UNITS.get(at).filter(|_| at >= next)?;
            total = number
                .checked_mul(*ms)
                .and_then(|ms| total.checked_add(ms))?;
            last = Some(*ms);
            next = at + 1;
            rest = rest.get(digits + 1..)?;
        }
        let most = total.checked_add(last?)?;
        Some(Self {
            text,
            least: total,
            most,
        })
    }

    /// `3 d 7 h`, `25 h`: with spaces, as a sentence wants it.
    fn spaced(&self) -> String {
        let mut out = String::new();
        for c in self.text.chars() {
            if c.is_ascii_digit() && out.ends_with(|c: char| c.is_ascii_alphabetic()) {
                out.push(' ');
            }
            if c.is_ascii_alphabetic() {
                out.push(' ');
            }
            out.push(c);
            if c == 'm' {
                out.push_str("in");
            }
        }
        out
    }
}

/// Reads a table. Lines that are no rows are named in the gaps; fails where there is no row at all.
pub fn from_table(text: &str, listing: &Listing) -> Result<Batch, BundleError> {
    let mut ids = Ids::new(listing);
    let mut events = Vec::new();
    let mut strange: Option<(u64, String, usize)> = None;
    let mut rows = 0;
    for (line, number) in text.lines().zip(1_u64..) {
        let line = plain_spaces(line);
        if is_around(&line) {
            continue;
        }
        let Some(row) = row(&line) else {
            let first = strange.get_or_insert_with(|| (number, short(&line, 60), 0));
            first.2 += 1;
            continue;
        };
        rows += 1;
        let found = [terminating(&row, listing), restarted(&row, listing)];
        for mut event in found.into_iter().flatten() {
            if events.len() >= MAX_EVENTS {
                return Err(BundleError::TooLarge {
                    file: listing.path.clone(),
                    line: Some(number),
                    limit: format!("{MAX_EVENTS} events"),
                });
            }
            event.id = ids.next(number);
            events.push(event);
        }
    }
    if rows == 0 {
        let expected = "a table as `kubectl get pods` prints it, with a row for each pod";
        return Err(BundleError::file(&listing.path, expected));
    }
    let provenance = Provenance {
        source: SOURCE.into(),
        query: listing.path.clone(),
        asked_at: listing.observed_at,
        gaps: gaps(listing, strange, &events),
        events: events.len(),
        ..Provenance::default()
    };
    Ok(Batch {
        provenance,
        events,
        ..Batch::default()
    })
}

/// Whether a line is a row of such a table.
pub(crate) fn is_row(line: &str) -> bool {
    row(&plain_spaces(line)).is_some()
}

/// Web pages and chat programs put other spaces where a terminal has plain ones, and some that
/// have no width at all.
fn plain_spaces(line: &str) -> String {
    line.chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect()
}

/// What stands around the rows: nothing, the prompt with its command, the header.
fn is_around(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let Some(first) = words.next() else {
        return true;
    };
    let header = matches!(first, "NAME" | "NAMESPACE") && words.any(|word| word == "STATUS");
    let prompt = first.starts_with(['$', '%', '#', '>']) || first.ends_with(['$', '%', '#']);
    header || (prompt && line.contains("kubectl")) || first == "kubectl"
}

/// `[namespace] name ready status restarts [(ago)] age [ip node …]`: READY, two numbers with a
/// stroke between them, is the column by which the others are found.
fn row(line: &str) -> Option<Row<'_>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ready = words.iter().position(|word| is_ready(word))?;
    let (namespace, name) = match words.get(..ready)? {
        [name] => ("", *name),
        [namespace, name] => (*namespace, *name),
        _ => return None,
    };
    let (status, restarts) = (*words.get(ready + 1)?, words.get(ready + 2)?);
    let restarts = restarts.parse().ok()?;
    status.chars().next().filter(char::is_ascii_alphabetic)?;
    let mut rest = words.get(ready + 3..)?;
    let mut restarted = None;
    if let [ago, "ago)", after @ ..] = rest {
        restarted = Age::parse(ago.strip_prefix('(')?);
        rest = after;
    }
    let (age, rest) = rest.split_first()?;
    let known = Age::parse(age);
    if known.is_none() && !matches!(*age, "<unknown>" | "<invalid>") {
        return None;
    }
    let node = match rest {
        [address, node, ..] if is_address(address) && *node != "<none>" => *node,
        _ => "",
    };
    Some(Row {
        namespace,
        name,
        status,
        restarts,
        restarted,
        age: known,
        node,
    })
}

fn is_ready(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    word.split_once('/')
        .is_some_and(|(a, b)| number(a) && number(b))
}

fn is_address(word: &str) -> bool {
    word == "<none>" || word.parse::<std::net::IpAddr>().is_ok() || word.starts_with('*')
}

fn of(row: &Row<'_>, kind: EventKind, listing: &Listing) -> Event {
    let mut event = Event {
        kind,
        cluster: listing.cluster.clone(),
        namespace: row.namespace.to_owned(),
        object: ObjectRef {
            kind: "Pod".into(),
            name: row.name.to_owned(),
        },
        node: row.node.to_owned(),
        source: SOURCE.into(),
        ..Event::default()
    };
    set_time(&mut event, "observed_at", listing.observed_at);
    event
}

fn shown(row: &Row<'_>) -> String {
    if row.namespace.is_empty() {
        row.name.to_owned()
    } else {
        format!("{}/{}", row.namespace, row.name)
    }
}

/// A pod in Terminating: since when is unknown, at most since its creation.
fn terminating(row: &Row<'_>, listing: &Listing) -> Option<Event> {
    (row.status == "Terminating").then(|| {
        let mut event = of(row, EventKind::PodTerminating, listing);
        let since = row.age.map_or_else(String::new, |age| {
            set(&mut event, "age", age.text);
            format!(" since at most {} before the listing", age.spaced())
        });
        event.title = format!(
            "Pod {} Terminating{since}; when it began is unknown",
            shown(row)
        );
        let earliest = before(listing.observed_at, row.age.map(|age| age.most));
        set_bounds(&mut event, earliest, listing.observed_at);
        event
    })
}

/// The last restart, where the table says how long ago it was and the listing's time is known.
fn restarted(row: &Row<'_>, listing: &Listing) -> Option<Event> {
    let age = row.restarted?;
    let latest = before(listing.observed_at, Some(age.least))?;
    let mut event = of(row, EventKind::ContainerRestart, listing);
    let (pod, ago) = (shown(row), age.spaced());
    event.title = format!("A container of {pod} restarted {ago} before the listing");
    set(&mut event, "count", row.restarts);
    let earliest = before(listing.observed_at, Some(age.most));
    set_bounds(&mut event, earliest, Some(latest));
    Some(event)
}

fn before(at: Option<Timestamp>, ms: Option<i64>) -> Option<Timestamp> {
    Some(at?.plus(-ms?).max(Timestamp::MIN))
}

fn gaps(listing: &Listing, strange: Option<(u64, String, usize)>, events: &[Event]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut gap = |reason: String| {
        let what = listing.path.clone();
        gaps.push(Gap {
            what,
            window: None,
            reason,
        });
    };
    let stuck = events
        .iter()
        .filter(|e| e.kind == EventKind::PodTerminating)
        .count();
    if stuck > 0 {
        gap(format!(
            "a table does not say when pods began to terminate ({stuck} here), AGE counts from \
             creation; `kubectl get pods -A -o json` says it"
        ));
    }
    if listing.observed_at.is_none() {
        gap(
            "when the listing was taken is not known, so that nothing in it can be dated: \
             say when (\"Taken at\", observed_at in a bundle)"
                .into(),
        );
    }
    if let Some((line, text, n)) = strange {
        gap(format!(
            "{} not read as a row of the table, the first in line {line}: '{text}'",
            count(n, "line")
        ));
    }
    gaps.extend(open_end(listing, events));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_cut_to_their_last_unit() {
        for (text, least, most) in [
            ("25h", 25 * HOUR, 26 * HOUR),
            ("3d7h", 79 * HOUR, 80 * HOUR),
            ("35d", 35 * DAY, 36 * DAY),
            ("5m30s", 330 * SECOND, 331 * SECOND),
            ("2y10d", 740 * DAY, 741 * DAY),
            ("0s", 0, SECOND),
        ] {
            assert_eq!(Age::parse(text), Some(Age { text, least, most }));
        }
        for text in [
            "",
            "d",
            "3",
            "7h3d",
            "3d3d",
            "3w",
            "99999999999999999999y",
            "9999999999999y",
        ] {
            assert_eq!(Age::parse(text), None, "{text}");
        }
        assert_eq!(Age::parse("5m30s").unwrap().spaced(), "5 min 30 s");
    }

    #[test]
    fn columns_are_found_by_what_stands_in_them() {
        let found =
            row("shop web-1 1/1 Running 5 (3d ago) 10d 10.0.0.7 node-a <none> <none>").unwrap();
        assert_eq!(
            (found.namespace, found.name, found.node),
            ("shop", "web-1", "node-a")
        );
        assert_eq!(found.restarts, 5);
        assert_eq!(found.restarted.unwrap().text, "3d");
        assert_eq!(found.age.unwrap().text, "10d");
        let found = row("web-1 0/2 Init:0/2 0 <unknown> <none> <none> <none> <none>").unwrap();
        assert_eq!(
            (found.namespace, found.status, found.node),
            ("", "Init:0/2", "")
        );
        for line in [
            "",
            "NAME READY STATUS RESTARTS AGE",
            "a b c 1/1 Running 0 3d",
            "web-1 1/1 Running x 3d",
            "web-1 1/1 Running 0 soon",
            "web-1 1/1 Running",
            "1/1 Running 0 3d",
        ] {
            assert!(row(line).is_none(), "{line}");
        }
    }
}
