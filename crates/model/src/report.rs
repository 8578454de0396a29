//! The postmortem as a document: sections of blocks, every number a figure with its evidence.

use crate::Window;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A number or time in a report, with what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Id, e.g. `credits.exhausted_at`.
    pub id: String,
    /// Its value: a number, or an RFC 3339 time as text.
    pub value: serde_json::Value,
    /// Unit: `Bytes`, `Seconds`, `Time`, `Ratio`…
    pub unit: String,
    /// Ids of series and events behind it.
    pub evidence: Vec<String>,
    /// Span behind it.
    pub span: Option<Window>,
    /// How it is written in the text.
    #[serde(default)]
    pub text: String,
}

/// `figures.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Version that made them.
    pub engine: String,
    /// Every number of the report.
    pub figures: Vec<Figure>,
    /// SHA-256 (hexadecimal) of every series, event and note that a figure rests on, by id: a
    /// changed sample is known by it also where it is too small to move a figure. Empty where
    /// whoever wrote the figures did not say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, String>,
}

/// A piece of running text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Words.
    Text(String),
    /// Words that matter.
    Strong(String),
    /// Words that are said with another voice.
    Emphasis(String),
    /// Names of things: pods, metrics, images.
    Code(String),
    /// A figure, by id.
    Figure(String),
    /// A link to a public page.
    Link {
        /// What it says.
        text: String,
        /// Where it goes; https only.
        href: String,
    },
    /// A reference that somebody wrote to what the evidence does not give (any more): the id of a
    /// figure, or `chart:` and the id of a lane.
    Unresolved(String),
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List(Vec<Vec<Inline>>),
    /// A list whose items are counted.
    Ordered {
        /// Number of the first item.
        start: u64,
        /// What they say.
        items: Vec<Vec<Inline>>,
    },
    /// A heading inside of a section.
    Heading {
        /// 3 to 6: a section's own heading has level 2.
        level: u8,
        /// What it says.
        text: Vec<Inline>,
    },
    /// What somebody else said.
    Quote(Vec<Block>),
    /// A table: head and rows.
    Table {
        /// Column titles.
        head: Vec<String>,
        /// Cells, one list a row.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// Text for a machine, as it is: a file to apply.
    Code {
        /// What it is.
        label: String,
        /// The text.
        text: String,
    },
    /// A chart, drawn when the report was made.
    Chart {
        /// Id of the lane.
        id: String,
        /// What it shows, in words, for readers who do not see it.
        summary: String,
        /// The picture: trusted SVG of our own drawing code.
        svg: String,
    },
}

/// A section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Id and anchor, e.g. `root-cause`.
    pub id: String,
    /// Heading.
    pub title: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A postmortem.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Title of the incident.
    pub title: String,
    /// The window it speaks of.
    pub window: Window,
    /// What must be said about the evidence wherever it is shown.
    pub notice: Option<String>,
    /// Version that made it.
    pub engine: String,
    /// Sections in order.
    pub sections: Vec<Section>,
    /// Every number in it.
    pub figures: Vec<Figure>,
}

impl Report {
    /// The figure of that id.
    pub fn figure(&self, id: &str) -> Option<&Figure> {
        self.figures.iter().find(|f| f.id == id)
    }
}
