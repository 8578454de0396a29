//! Rows of an event lane: one for each event, under a heading where a new group begins; or one for
//! each group.

use crate::lane::EventItem;

/// A row of events that are drawn one under the other.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    /// Names the group of the rows below it.
    Heading(&'a str),
    /// An event by its place among the items.
    Event(usize),
}

/// All rows, in order.
pub(crate) fn plan(items: &[EventItem]) -> Vec<Row<'_>> {
    let mut out = Vec::with_capacity(items.len());
    let mut group = "";
    for (i, item) in items.iter().enumerate() {
        if item.group != group && !item.group.is_empty() {
            out.push(Row::Heading(&item.group));
        }
        group = &item.group;
        out.push(Row::Event(i));
    }
    out
}

/// How many rows there are.
pub(crate) fn count(items: &[EventItem]) -> usize {
    plan(items).len()
}

/// The groups, in order of their first item.
pub(crate) fn groups(items: &[EventItem]) -> Vec<&str> {
    let mut seen = std::collections::BTreeSet::new();
    let names = items.iter().map(|i| i.group.as_str());
    names.filter(|g| seen.insert(*g)).collect()
}
