//! The timeline as somebody arranged it: drafted rows left out, reworded and moved, and rows of their
//! own between them.

use super::Drafts;
use crate::sections::text;
use model::{
    Timestamp,
    document::TimelineEntry,
    report::{Block, Inline},
};

/// A row of the timeline, for somebody who arranges it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelineRow {
    /// The figure that is its time, or the id of an own row.
    pub id: String,
    /// Its time as it is shown.
    pub at: String,
    /// Its instant, where it is known.
    pub instant: Option<Timestamp>,
    /// Its words as Markdown, as they stand.
    pub text: String,
    /// The draft's words; empty for an own row.
    pub draft: String,
    /// Whether it is left out.
    pub hidden: bool,
    /// Whether the author of the document added it.
    pub own: bool,
    /// Where somebody put it.
    pub place: Option<u32>,
}

struct Row {
    id: Option<String>,
    at: Option<Timestamp>,
    place: Option<u32>,
    cells: Vec<Vec<Inline>>,
}

/// Arranges the first table of a drafted timeline.
pub(super) fn arrange(blocks: &mut Vec<Block>, entries: &[TimelineEntry], drafts: &Drafts<'_>) {
    let table = blocks.iter_mut().find_map(|b| match b {
        Block::Table { rows, .. } => Some(rows),
        _ => None,
    });
    let Some(rows) = table else {
        // Nothing is drafted: own rows are all there is.
        let own = ordered(Vec::new(), entries, drafts);
        if !own.is_empty() {
            let head = ["When", "What", "About"].map(str::to_owned).to_vec();
            blocks.insert(0, Block::Table { head, rows: own });
        }
        return;
    };
    *rows = ordered(std::mem::take(rows), entries, drafts);
}

fn ordered(
    drafted: Vec<Vec<Vec<Inline>>>,
    entries: &[TimelineEntry],
    drafts: &Drafts<'_>,
) -> Vec<Vec<Vec<Inline>>> {
    let mut rows: Vec<Row> = Vec::new();
    for mut cells in drafted {
        let id = id_of(&cells);
        let entry = id
            .as_ref()
            .and_then(|id| entries.iter().find(|e| e.id == *id));
        if entry.is_some_and(|e| e.hidden) {
            continue;
        }
        if let Some(words) = entry.and_then(|e| e.text.as_deref())
            && let Some(cell) = cells.get_mut(1)
        {
            *cell = drafts.read_line(words);
        }
        rows.push(Row {
            at: id.as_deref().and_then(|id| instant(drafts, id)),
            place: entry.and_then(|e| e.place),
            id,
            cells,
        });
    }
    let is_drafted = |id: &str| rows.iter().any(|r| r.id.as_deref() == Some(id));
    let own: Vec<Row> = entries
        .iter()
        .filter(|e| !e.hidden && !is_drafted(&e.id))
        // What somebody did to a row that is drafted no more is kept where it has a time and words.
        .filter_map(|e| Some((e, e.text.as_deref()?, e.at?)))
        .map(|(e, words, at)| Row {
            id: Some(e.id.clone()),
            at: Some(at),
            place: e.place,
            cells: vec![
                vec![Inline::Text(format!("{} UTC", at.minute()))],
                drafts.read_line(words),
                vec![text("")],
            ],
        })
        .collect();
    rows.extend(own);
    rows.sort_by_key(|r| r.at);
    let (placed, mut rows): (Vec<Row>, Vec<Row>) =
        rows.into_iter().partition(|r| r.place.is_some());
    let mut placed = placed;
    placed.sort_by_key(|r| r.place);
    for row in placed {
        let at = row
            .place
            .map_or(rows.len(), |p| (p as usize).min(rows.len()));
        rows.insert(at, row);
    }
    rows.into_iter().map(|r| r.cells).collect()
}

/// The figure in a row's first cell.
fn id_of(cells: &[Vec<Inline>]) -> Option<String> {
    cells.first()?.iter().find_map(|i| match i {
        Inline::Figure(id) => Some(id.clone()),
        _ => None,
    })
}

fn instant(drafts: &Drafts<'_>, id: &str) -> Option<Timestamp> {
    let figure = drafts.figures().iter().find(|f| f.id == id)?;
    figure.value.as_str()?.parse().ok()
}

/// The rows of the timeline as they stand, those that are left out included.
pub(super) fn rows(drafts: &Drafts<'_>, entries: &[TimelineEntry]) -> Vec<TimelineRow> {
    let section = drafts.sections.iter().find(|s| s.id == "timeline");
    let table = section.and_then(|s| {
        s.blocks.iter().find_map(|b| match b {
            Block::Table { rows, .. } => Some(rows),
            _ => None,
        })
    });
    let mut out: Vec<TimelineRow> = Vec::new();
    for cells in table.into_iter().flatten() {
        let Some(id) = id_of(cells) else { continue };
        let entry = entries.iter().find(|e| e.id == id);
        let figure = drafts.figures().iter().find(|f| f.id == id);
        let draft = cells
            .get(1)
            .map(|c| crate::written::of_line(c))
            .unwrap_or_default();
        out.push(TimelineRow {
            at: figure.map(|f| f.text.clone()).unwrap_or_default(),
            instant: instant(drafts, &id),
            text: entry
                .and_then(|e| e.text.clone())
                .unwrap_or_else(|| draft.clone()),
            draft,
            hidden: entry.is_some_and(|e| e.hidden),
            own: false,
            place: entry.and_then(|e| e.place),
            id,
        });
    }
    for entry in entries {
        if out.iter().any(|r| r.id == entry.id) {
            continue;
        }
        let (Some(at), Some(words)) = (entry.at, entry.text.clone()) else {
            continue;
        };
        out.push(TimelineRow {
            id: entry.id.clone(),
            at: format!("{} UTC", at.minute()),
            instant: Some(at),
            text: words,
            draft: String::new(),
            hidden: entry.hidden,
            own: true,
            place: entry.place,
        });
    }
    out.sort_by_key(|r| r.instant);
    out
}
