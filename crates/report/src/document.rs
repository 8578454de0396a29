//! The living document: the draft that the analysis gives, with what people wrote in its place.
//!
//! Every section is drafted, whatever is shown of it, so that a text may refer to any figure and a
//! person may take any draft over. What people wrote is never changed here: a draft that is another
//! than the one they saw is offered beside it ([`Part::offered`]).

mod rows;

pub use rows::TimelineRow;

use crate::{
    Input, difference, sections,
    sections::charts::picture,
    templates,
    written::{self, ChartReference, Known},
};
use chart::{Composed, Lane, lane_of};
use model::{
    Document, Report, Window,
    document::{DocumentSection, Placed, digest},
    report::{Block, Figure, Inline, Section},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// Everything that is drafted, and what a text may refer to.
pub struct Drafts<'a> {
    input: Input<'a>,
    sections: Vec<Section>,
    figures: Vec<Figure>,
    by_id: BTreeMap<String, usize>,
    lanes: Rc<Composed>,
}

/// A section of the document as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Its id.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// What belongs into it, for who writes it: Markdown.
    pub guide: String,
    /// Whether it is left out of the report.
    pub hidden: bool,
    /// What it says; empty where nobody wrote anything and nothing is drafted.
    pub blocks: Vec<Block>,
    /// What people did to it.
    pub written: Option<DocumentSection>,
    /// The draft as Markdown; empty where there is none.
    pub draft: String,
    /// [`digest`] of the draft.
    pub digest: String,
}

impl Part {
    /// The Markdown that somebody begins to edit: the text, else the draft.
    pub fn text(&self) -> &str {
        let text = self.written.as_ref().and_then(|w| w.text.as_deref());
        text.unwrap_or(&self.draft)
    }

    /// Whether people wrote it, rather than that it is the draft.
    pub fn is_written(&self) -> bool {
        self.written.as_ref().is_some_and(|w| w.text.is_some())
    }

    /// Revision that a save of it has to name; 0 where nobody saved anything yet.
    pub fn revision(&self) -> u64 {
        self.written.as_ref().map_or(0, |w| w.revision)
    }

    /// Whether it holds two texts for one place.
    pub fn has_conflict(&self) -> bool {
        self.is_written() && written::has_conflict(self.text())
    }

    /// References in it that mean nothing (any more).
    pub fn unresolved(&self) -> Vec<String> {
        let mut out = Vec::new();
        each_inline(&self.blocks, &mut |inline| {
            if let Inline::Unresolved(id) = inline {
                out.push(id.clone());
            }
        });
        out
    }

    /// What is new in the draft since the text was written, as trusted HTML; `None` where the author
    /// saw this very draft, or where it is the draft that stands.
    pub fn offered(&self) -> Option<String> {
        let written = self.written.as_ref().filter(|w| w.text.is_some())?;
        let other = !written.based_on.is_empty() && written.based_on != self.digest;
        (other && !self.draft.is_empty())
            .then(|| difference::difference_html(&written.seen, &self.draft))
    }
}

/// What a text can refer to, for somebody who picks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartName {
    /// Id of the lane.
    pub id: String,
    /// What it is called.
    pub title: String,
}

impl<'a> Drafts<'a> {
    /// Drafts every section.
    pub fn of(input: &Input<'a>) -> Self {
        let mut context = sections::Context::new(*input);
        let written = sections::SECTIONS
            .iter()
            .filter_map(|section| (section.write)(&mut context))
            .collect();
        let lanes = context.lanes();
        let figures = context.ledger.into_figures();
        let by_id = (0..)
            .zip(&figures)
            .map(|(n, f)| (f.id.clone(), n))
            .collect();
        Self {
            input: *input,
            sections: written,
            figures,
            by_id,
            lanes,
        }
    }

    /// Every figure that a text may refer to, whether it is shown anywhere or not.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Every chart that a text may refer to.
    pub fn charts(&self) -> Vec<ChartName> {
        let name = |lane: &chart::Lane| ChartName {
            id: lane.id.clone(),
            title: lane.title.clone(),
        };
        self.lanes.lanes.iter().map(name).collect()
    }

    /// The document's sections in its order, hidden and empty ones too.
    pub fn parts(&self) -> Vec<Part> {
        let nothing = Document::default();
        let document = self.input.document.unwrap_or(&nothing);
        let mut placed: Vec<(u32, usize, Placed)> = Vec::new();
        for entry in layout(document) {
            let n = placed.len();
            let order = document.section(&entry.id).and_then(|s| s.order);
            placed.push((order.unwrap_or(n as u32), n, entry));
        }
        placed.sort_by_key(|(order, n, _)| (*order, *n));
        placed
            .into_iter()
            .map(|(.., entry)| self.part(entry, document))
            .collect()
    }

    fn part(&self, entry: Placed, document: &Document) -> Part {
        let touched = document.section(&entry.id);
        let drafted = self.sections.iter().find(|s| s.id == entry.id);
        let mut blocks = drafted.map(|s| s.blocks.clone()).unwrap_or_default();
        let draft = written::source(&blocks);
        if let Some(text) = touched.and_then(|t| t.text.as_deref()) {
            blocks = self.read(text);
        } else if let Some(touched) = touched.filter(|t| !t.entries.is_empty()) {
            rows::arrange(&mut blocks, &touched.entries, self);
        }
        let own = touched.map(|t| t.title.trim()).filter(|t| !t.is_empty());
        let of_template = Some(entry.title.as_str()).filter(|t| !t.is_empty());
        let title = own
            .or(of_template)
            .or(drafted.map(|s| s.title.as_str()))
            .map_or_else(|| titled(&entry.id), str::to_owned);
        Part {
            title,
            guide: entry.guide,
            hidden: touched.is_some_and(|t| t.hidden),
            blocks,
            written: touched.cloned(),
            digest: digest(&draft),
            draft,
            id: entry.id,
        }
    }

    /// The rows of the timeline as they stand, those that are left out included.
    pub fn timeline(&self) -> Vec<TimelineRow> {
        let entries = self
            .input
            .document
            .and_then(|d| d.section("timeline"))
            .map_or(&[][..], |s| s.entries.as_slice());
        rows::rows(self, entries)
    }

    /// The report that the parts make: what is hidden or says nothing is left out, and figures that
    /// nothing shown refers to.
    pub fn report(&self) -> Report {
        let input = self.input;
        let shown = self.parts().into_iter();
        let sections: Vec<Section> = shown
            .filter(|p| !p.hidden && !p.blocks.is_empty())
            .map(|p| Section {
                id: p.id,
                title: p.title,
                blocks: p.blocks,
            })
            .collect();
        Report {
            title: input.title.to_owned(),
            window: input.evidence.window,
            notice: input.notice.map(str::to_owned),
            engine: if input.analysis.engine.is_empty() {
                model::ENGINE.to_owned()
            } else {
                input.analysis.engine.clone()
            },
            figures: self.stated(&sections),
            sections,
        }
    }

    /// A report of some blocks alone, with every figure to refer to: what an editor shows before it is
    /// saved.
    pub fn preview(&self, text: &str) -> (Vec<Block>, Report) {
        let report = Report {
            figures: self.figures.clone(),
            ..Report::default()
        };
        (self.read(text), report)
    }

    /// Figures that the sections, and the head of every report, refer to.
    fn stated(&self, sections: &[Section]) -> Vec<Figure> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        used.extend(["window.start", "window.end"].map(str::to_owned));
        for section in sections {
            each_inline(&section.blocks, &mut |inline| {
                if let Inline::Figure(id) = inline {
                    used.insert(id.clone());
                }
            });
        }
        let figures = self.figures.iter();
        figures.filter(|f| used.contains(&f.id)).cloned().collect()
    }

    /// The blocks of what somebody wrote.
    fn read(&self, text: &str) -> Vec<Block> {
        written::parse(text, self)
    }

    /// Running text that somebody wrote.
    fn read_line(&self, text: &str) -> Vec<Inline> {
        written::inlines(text, self)
    }

    /// The figure that a reference means: the one of that id, or the only one that begins and ends as
    /// it does (`credits.exhausted_at` where there is one balance).
    fn figure_of(&self, reference: &str) -> Option<String> {
        if self.by_id.contains_key(reference) {
            return Some(reference.to_owned());
        }
        let (head, tail) = reference.split_once('.')?;
        let mut alike = self.by_id.keys().filter(|id| {
            let inner = id
                .strip_prefix(head)
                .and_then(|rest| rest.strip_suffix(tail));
            inner.is_some_and(|inner| {
                inner.len() > 2 && inner.starts_with('.') && inner.ends_with('.')
            })
        });
        let found = alike.next()?;
        alike.next().is_none().then(|| found.clone())
    }

    /// The charts that a reference means: all of them, or none.
    fn charts_of(&self, reference: &str) -> Option<Vec<Block>> {
        let window = self.input.evidence.window;
        let wanted = ChartReference::read(reference, window)?;
        let span = wanted.span.or(Window::new(window.start, window.end))?;
        let chart = |id: &&str| {
            let mut lane = self.lane(id)?;
            lane.keep_notes(|number| wanted.notes.has(number));
            Some(Block::Chart {
                id: lane.id.clone(),
                summary: lane.summary.clone(),
                svg: picture(&lane, span),
            })
        };
        wanted.lanes.iter().map(chart).collect()
    }

    /// A lane as the timeline has it, or that of one series alone.
    fn lane(&self, id: &str) -> Option<Lane> {
        let composed = self.lanes.lanes.iter().find(|l| l.id == id);
        let alone = || {
            let series = id.strip_prefix("series-").unwrap_or(id);
            let input = self.input;
            lane_of(series, input.evidence, input.analysis, input.annotations)
        };
        composed.cloned().or_else(alone)
    }
}

impl Known for Drafts<'_> {
    fn figure(&self, reference: &str) -> Option<String> {
        self.figure_of(reference)
    }

    fn charts(&self, reference: &str) -> Option<Vec<Block>> {
        self.charts_of(reference)
    }
}

/// The sections that the document has: those of its template, and whatever else somebody wrote, which
/// a change of the template must not lose.
fn layout(document: &Document) -> Vec<Placed> {
    let mut layout = if document.layout.is_empty() {
        templates::default_layout()
    } else {
        document.layout.clone()
    };
    for section in &document.sections {
        let written = section.text.is_some() || !section.entries.is_empty();
        if written && !layout.iter().any(|p| p.id == section.id) {
            layout.push(Placed {
                id: section.id.clone(),
                ..Placed::default()
            });
        }
    }
    layout
}

/// An id as a heading.
fn titled(id: &str) -> String {
    let words = id.replace('-', " ");
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Every inline of some blocks, quotes included.
pub(crate) fn each_inline(blocks: &[Block], seen: &mut dyn FnMut(&Inline)) {
    for block in blocks {
        match block {
            Block::Paragraph(line) | Block::Heading { text: line, .. } => {
                line.iter().for_each(&mut *seen);
            }
            Block::List(items) | Block::Ordered { items, .. } => {
                items.iter().flatten().for_each(&mut *seen);
            }
            Block::Table { rows, .. } => rows.iter().flatten().flatten().for_each(&mut *seen),
            Block::Quote(inner) => each_inline(inner, seen),
            Block::Code { .. } | Block::Chart { .. } => {}
        }
    }
}
