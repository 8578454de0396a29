//! Rows of `kubectl get pods`. Columns are known by what stands in them, so that a missing header, a
//! missing NAMESPACE column and `-o wide` need no help.

use super::{
    SOURCE,
    age::{Age, began, span},
};
use crate::kubernetes::{
    Listing,
    meta::{set, set_bounds, set_time},
};
use model::{Event, EventKind, ObjectRef};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// Empty where the table has no such column.
    pub(super) namespace: &'a str,
    /// The pod.
    pub(super) name: &'a str,
    /// `Running`, `Terminating`, `CrashLoopBackOff`…
    pub(super) status: &'a str,
    /// Restarts of its containers together.
    pub(super) restarts: u32,
    /// How long before the listing the last restart was, where the table says so (since 1.22).
    pub(super) restarted: Option<Age<'a>>,
    /// Time since creation.
    pub(super) age: Option<Age<'a>>,
    /// Empty where the table has no such column.
    pub(super) node: &'a str,
}

/// `[namespace] name ready status restarts [(ago)] age [ip node …]`: READY, two numbers with a
/// stroke between them, is the column by which the others are found.
pub(super) fn row(line: &str) -> Option<Row<'_>> {
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

/// What a row of a pod says.
pub(super) fn events(row: &Row<'_>, listing: &Listing) -> Vec<Event> {
    let found = [terminating(row, listing), restarted(row, listing)];
    found.into_iter().flatten().collect()
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
        let earliest = row
            .age
            .and_then(|age| span(age, listing))
            .map(|span| span.0);
        set_bounds(&mut event, earliest, listing.observed_at);
        event
    })
}

/// The last restart, where the table says how long ago it was and the listing's time is known.
fn restarted(row: &Row<'_>, listing: &Listing) -> Option<Event> {
    let age = row.restarted?;
    span(age, listing)?;
    let mut event = of(row, EventKind::ContainerRestart, listing);
    let (pod, ago) = (shown(row), age.spaced());
    event.title = format!("A container of {pod} restarted {ago} before the listing");
    set(&mut event, "count", row.restarts);
    began(&mut event, age, listing);
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

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
