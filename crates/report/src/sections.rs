//! The sections of a report, one file each, in the order of [`SECTIONS`].

mod actions;
mod back_test;
pub(crate) mod charts;
mod contributing;
mod detection;
mod glossary;
mod impact;
mod judged;
mod known_issues;
mod nodes_to_recycle;
mod recurrence;
mod root_cause;
mod ruled_out;
mod sources;
mod summary;
pub(crate) mod timeline;
mod unknown;
mod went_well;
mod what_if;

pub(crate) use charts::picture;

use crate::Input;
use crate::ledger::{Basis, Ledger};
use chart::{Composed, compose, drawn_unit};
use model::report::{Block, Inline, Section};
use model::{Event, Timestamp, Window};
use std::{cell::OnceCell, rc::Rc};

/// Writes one section; `None` where it has nothing to say.
pub(crate) type Write = fn(&mut Context<'_>) -> Option<Section>;

/// A section that is drafted.
pub(crate) struct Drafted {
    /// Its id, by which templates and people's texts know it.
    pub(crate) id: &'static str,
    /// Writes it.
    pub(crate) write: Write,
}

const fn drafted(id: &'static str, write: Write) -> Drafted {
    Drafted { id, write }
}

/// Every section, in the order of the default template. All of them are drafted whatever a template
/// shows, so that a text may refer to any figure.
pub(crate) const SECTIONS: [Drafted; 19] = [
    drafted("summary", summary::write),
    drafted("impact", impact::write),
    drafted("detection", detection::write),
    drafted("timeline", timeline::write),
    drafted("root-cause", root_cause::write),
    drafted("contributing", contributing::write),
    drafted("judgements", judged::write),
    drafted("known-issues", known_issues::write),
    drafted("ruled-out", ruled_out::write),
    drafted("unknown", unknown::write),
    drafted("went-well", went_well::write),
    drafted("back-test", back_test::write),
    drafted("what-if", what_if::write),
    drafted("nodes-to-recycle", nodes_to_recycle::write),
    drafted("actions", actions::write),
    drafted("recurrence", recurrence::write),
    drafted("charts", charts::write),
    drafted("sources", sources::write),
    drafted("glossary", glossary::write),
];

/// From this score on a suspect is called the probable cause; below it nobody is.
pub(crate) const CULPRIT: f64 = 0.5;

/// What sections are written from, and the ledger that they share.
pub(crate) struct Context<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) ledger: Ledger,
    lanes: OnceCell<Rc<Composed>>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(input: Input<'a>) -> Self {
        Self {
            input,
            ledger: Ledger::default(),
            lanes: OnceCell::new(),
        }
    }

    /// The lanes of the timeline, composed once.
    pub(crate) fn lanes(&self) -> Rc<Composed> {
        let input = self.input;
        let composed = || Rc::new(compose(input.evidence, input.analysis, input.annotations));
        Rc::clone(self.lanes.get_or_init(composed))
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
        "analysis" => "Everything that is told by the analysis".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Words inside a sentence: a small letter first, and names such as CMS or DNS as they are.
pub(crate) fn uncapitalised(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
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
