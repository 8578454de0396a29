//! What people write: Markdown in, blocks of a report out, and back.
//!
//! Figures and charts are references in double braces and never pasted values:
//! `{{credits.balance.exhausted_at}}`, `{{chart:throughput}}`,
//! `{{chart:throughput from=2020-05-21T12:00:00Z to=2020-05-22T12:00:00Z}}`,
//! `{{chart:credits,throughput notes=1,3}}`. Raw HTML is text, and a
//! link that is not `https` is text too.

pub(crate) mod conflicts;
mod parse;
mod references;
mod source;

pub(crate) use conflicts::has_conflict;
pub(crate) use parse::{Known, inlines, parse};
pub(crate) use references::ChartReference;
pub(crate) use source::{of_line, source};

/// A text as it is kept: line feeds alone end its lines, and nothing stands after the last word.
pub(crate) fn normal(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace('\0', "");
    text.trim_end().to_owned()
}
