//! Rows that are alike and close in time, as one row with their number and their span.

use super::{Row, Weight};
use crate::ledger::Basis;
use crate::sections::{Context, text};
use model::Timestamp;
use model::report::Inline;
use model::time::HOUR;
use std::collections::BTreeMap;

/// How far the next of its kind may lie from the one before. Nodes that are rebooted one after another
/// are one step of people; those of another day are another.
const APART: i64 = HOUR;
/// Things that a row names as what it is about.
const NAMED: usize = 3;

/// Rows that are alike, the first first; never empty.
pub(super) struct Group {
    first: Row,
    others: Vec<Row>,
}

/// Puts rows together: those of one kind and one weight of which none lies more than [`APART`] from the
/// one before.
pub(super) fn grouped(mut rows: Vec<Row>) -> Vec<Group> {
    rows.sort_by(|a, b| (a.at, a.weight, &a.id).cmp(&(b.at, b.weight, &b.id)));
    let mut groups: Vec<Group> = Vec::new();
    // The group of a kind that a further row may join.
    let mut open: BTreeMap<(Weight, String), usize> = BTreeMap::new();
    for row in rows {
        let kind = (row.weight, row.alike.clone());
        let joined = open
            .get(&kind)
            .filter(|_| !row.alike.is_empty())
            .and_then(|n| groups.get_mut(*n))
            .filter(|group| row.at.since(group.last()) <= APART);
        if let Some(group) = joined {
            group.others.push(row);
        } else {
            open.insert(kind, groups.len());
            let others = Vec::new();
            groups.push(Group { first: row, others });
        }
    }
    groups
}

impl Group {
    pub(super) fn weight(&self) -> Weight {
        self.first.weight
    }

    pub(super) fn weight_order(&self) -> (Weight, Timestamp, &str) {
        (self.first.weight, self.first.at, &self.first.id)
    }

    pub(super) fn time_order(&self) -> (Timestamp, Weight, &str) {
        (self.first.at, self.first.weight, &self.first.id)
    }

    /// How many rows it is.
    pub(super) fn size(&self) -> usize {
        1 + self.others.len()
    }

    /// Series and events that its rows are about.
    pub(super) fn evidence(&self) -> impl Iterator<Item = String> {
        let rows = std::iter::once(&self.first).chain(&self.others);
        rows.flat_map(|row| row.of.iter().cloned())
    }

    fn last(&self) -> Timestamp {
        self.others.last().map_or(self.first.at, |row| row.at)
    }

    /// The cells of its row. Its time is that of the first, whose figure is the row's name for those who
    /// arrange the timeline.
    pub(super) fn written(self, context: &mut Context<'_>) -> Vec<Vec<Inline>> {
        let about = about(&self.first, &self.others);
        let Group { first, others } = self;
        let time = context
            .ledger
            .time(&first.id, first.at, Basis::of(first.of));
        let mut what = first.what;
        if let Some(last) = others.last() {
            let basis = Basis::of(others.iter().flat_map(|row| row.of.iter().cloned()));
            let id = format!("{}.alike", first.id);
            what.push(text("; and "));
            what.push(context.ledger.count(&id, others.len(), basis));
            what.push(text(" more like it"));
            if last.at.minute() == first.at.minute() {
                what.push(text(" at the same time"));
            } else {
                what.push(text(" until "));
                let basis = Basis::of(last.of.iter().cloned());
                what.push(context.ledger.time(&last.id, last.at, basis));
            }
        }
        vec![vec![time], what, about]
    }
}

/// What the rows are about, each thing once.
fn about(first: &Row, others: &[Row]) -> Vec<Inline> {
    let mut named: Vec<&[Inline]> = Vec::new();
    for row in std::iter::once(first).chain(others) {
        if !named.contains(&row.about.as_slice()) {
            named.push(&row.about);
        }
    }
    let mut out = Vec::new();
    for (n, things) in named.iter().take(NAMED).enumerate() {
        if n > 0 {
            out.push(text(", "));
        }
        out.extend(things.iter().cloned());
    }
    if named.len() > NAMED {
        out.push(text(" and others"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, id: &str, alike: &str) -> Row {
        Row {
            at: Timestamp::from_seconds(minute * 60),
            weight: Weight::Turn,
            id: id.to_owned(),
            of: vec![id.to_owned()],
            what: vec![text(id)],
            about: vec![text(id)],
            alike: alike.to_owned(),
        }
    }

    fn ids(rows: Vec<Row>) -> Vec<Vec<String>> {
        let groups = grouped(rows);
        groups.iter().map(|g| g.evidence().collect()).collect()
    }

    #[test]
    fn what_is_alike_and_close_is_one_row_whatever_stands_between() {
        let rows = vec![
            row(125, "late", "reboot"),
            row(61, "b", "reboot"),
            row(1, "a", "reboot"),
            row(30, "other", "alert"),
        ];
        assert_eq!(ids(rows), [vec!["a", "b"], vec!["other"], vec!["late"]]);
    }

    #[test]
    fn what_is_like_nothing_stays_alone() {
        let rows = vec![row(1, "a", ""), row(1, "b", "")];
        assert_eq!(ids(rows), [["a"], ["b"]]);
    }

    #[test]
    fn the_order_in_which_rows_come_does_not_matter() {
        let rows = || (0..9).map(|n| row(n * 31, &format!("r{n}"), "x"));
        assert_eq!(ids(rows().collect()), ids(rows().rev().collect()));
    }
}
