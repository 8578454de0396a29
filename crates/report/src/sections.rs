//! The sections of a report, one file each, in the order of [`SECTIONS`].

mod actions;
mod charts;
mod impact;
mod judged;
mod known_issues;
mod recurrence;
mod root_cause;
mod ruled_out;
mod sources;
mod summary;
mod timeline;
mod unknown;

pub(crate) use charts::picture;

use crate::Input;
use crate::ledger::{Basis, Ledger};
use chart::drawn_unit;
use model::report::{Block, Inline, Section};
use model::{Event, Timestamp, Window};

/// Writes one section; `None` where it has nothing to say.
pub(crate) type Write = fn(&mut Context<'_>) -> Option<Section>;

/// Every section, in the order of the report.
pub(crate) const SECTIONS: [Write; 12] = [
    summary::write,
    impact::write,
    timeline::write,
    root_cause::write,
    judged::write,
    known_issues::write,
    ruled_out::write,
    unknown::write,
    actions::write,
    recurrence::write,
    charts::write,
    sources::write,
];

/// From this score on a suspect is called the probable cause; below it nobody is.
pub(crate) const CULPRIT: f64 = 0.5;

/// What sections are written from, and the ledger that they share.
pub(crate) struct Context<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) ledger: Ledger,
}

impl<'a> Context<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            ledger: Ledger::default(),
        }
    }

    /// The window, where it is one.
    pub(crate) fn window(&self) -> Option<Window> {
        let window = self.input.evidence.window;
        Window::new(window.start, window.end)
    }

    /// What people call a series; its id where it is not in the evidence.
    pub(crate) fn series_name(&self, id: &str) -> Inline {
        let evidence = self.input.evidence;
        let label = evidence.series(id).map(|s| evidence.label(&s.meta));
        Inline::Code(label.unwrap_or_else(|| id.to_owned()))
    }

    /// A value of a series, in the unit in which it is drawn.
    pub(crate) fn value(
        &mut self,
        id: &str,
        series: &str,
        value: f64,
        span: Option<Window>,
    ) -> Inline {
        let meta = self.input.evidence.series(series).map(|s| &s.meta);
        let (unit, factor) = meta.map_or((String::new(), 1.0), drawn_unit);
        self.ledger
            .value(id, value * factor, &unit, Basis::of([series]).within(span))
    }

    /// An instant read off a series or an event.
    pub(crate) fn time(&mut self, id: &str, at: Timestamp, of: &str) -> Inline {
        self.ledger.time(id, at, Basis::of([of]))
    }
}

/// Words.
pub(crate) fn text(words: &str) -> Inline {
    Inline::Text(words.to_owned())
}

/// A paragraph.
pub(crate) fn paragraph(inlines: Vec<Inline>) -> Block {
    Block::Paragraph(inlines)
}

/// A section; `None` where it has no blocks.
pub(crate) fn section(id: &str, title: &str, blocks: Vec<Block>) -> Option<Section> {
    (!blocks.is_empty()).then(|| Section {
        id: id.to_owned(),
        title: title.to_owned(),
        blocks,
    })
}

/// Names set apart by commas.
pub(crate) fn listed(names: impl IntoIterator<Item = Inline>) -> Vec<Inline> {
    let mut out = Vec::new();
    for name in names {
        if !out.is_empty() {
            out.push(text(", "));
        }
        out.push(name);
    }
    out
}

/// What an event is about: namespace and name of its object.
pub(crate) fn object_of(event: &Event) -> String {
    match (event.namespace.is_empty(), event.object.name.is_empty()) {
        (_, true) => event.node.clone(),
        (true, false) => event.object.name.clone(),
        (false, false) => format!("{}/{}", event.namespace, event.object.name),
    }
}

/// One line for an event.
pub(crate) fn title_of(event: &Event) -> String {
    if event.title.is_empty() {
        let object = object_of(event);
        format!("{} {object}", event.kind.label()).trim().to_owned()
    } else {
        event.title.lines().next().unwrap_or_default().to_owned()
    }
}

/// A hypothesis id as words.
pub(crate) fn hypothesis(id: &str) -> String {
    match id {
        "traffic" => "More traffic than usual".to_owned(),
        "provider" => "An incident of the provider".to_owned(),
        "database" => "The database".to_owned(),
        "cron" => "Scheduled jobs".to_owned(),
        "rollout_near_symptom" => "A rollout near the symptom".to_owned(),
        "monitoring" => "The monitoring itself".to_owned(),
        "cms_update" => "An automatic update of a CMS".to_owned(),
        "node" => "A node that went or was not ready".to_owned(),
        "certificate_dns" => "A certificate or DNS".to_owned(),
        "quota" => "A quota".to_owned(),
        "bad_rollout" => "A rollout, however long before".to_owned(),
        "storage_throttling" => "Throttled storage".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A sentence with its full stop.
pub(crate) fn sentence(words: &str) -> String {
    let words = words.trim_end();
    if words.is_empty() || words.ends_with(['.', '!', '?', '…']) {
        words.to_owned()
    } else {
        format!("{words}.")
    }
}
