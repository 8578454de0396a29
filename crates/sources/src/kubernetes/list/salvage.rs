//! What is whole of a listing that is damaged or breaks off.

use super::Objects;
use crate::{
    bundle::limits::MAX_OBJECTS,
    kubernetes::{
        damaged::{Piece, Pieces},
        document::Lines,
    },
};

impl Objects {
    /// Takes in what is whole of a text that is damaged from some offset on.
    pub(super) fn salvage<'a>(&mut self, text: &'a str, begun: usize, lines: &mut Lines<'a>) {
        let mut pieces = Pieces::new(text, begun);
        while !pieces.is_over() && self.taken <= MAX_OBJECTS {
            let (at, cut) = match pieces.next() {
                Piece::Whole(document) => {
                    self.document(document, None, lines, 0);
                    continue;
                }
                // A bracket that closes nothing: what it belongs to is anybody's guess.
                Piece::End(at) => {
                    self.cut(text, Some(lines.at(at)), false);
                    return;
                }
                Piece::Damaged(at) => (at, None),
                Piece::Cut { at, breaks_off } => (at, Some(breaks_off)),
            };
            if let Some(kind) = pieces.enter(at) {
                if !self.items(text, kind, &mut pieces, lines) {
                    return;
                }
            } else if let Some(breaks_off) = cut {
                self.cut(text, Some(lines.at(at)), breaks_off);
                return;
            } else {
                self.damaged(lines.at(at));
            }
        }
    }

    /// Takes in the whole items of a damaged list; `false` where the text breaks off in it.
    fn items<'a>(
        &mut self,
        text: &'a str,
        kind: &str,
        pieces: &mut Pieces<'a>,
        lines: &mut Lines<'a>,
    ) -> bool {
        let kind = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
        while self.taken <= MAX_OBJECTS {
            match pieces.next() {
                Piece::Whole(item) => {
                    if !self.document(item, kind, lines, 1) {
                        let line = lines.of(item.get());
                        self.gap("", line, "an item without a kind is left out");
                    }
                }
                Piece::Damaged(at) => self.damaged(lines.at(at)),
                Piece::Cut { at, breaks_off } => {
                    self.cut(text, Some(lines.at(at)), breaks_off);
                    return false;
                }
                Piece::End(_) if pieces.is_over() => {
                    self.cut(text, None, true);
                    return false;
                }
                // What comes behind the items says nothing that is needed.
                Piece::End(_) => {
                    let whole = pieces.leave();
                    if !whole {
                        self.cut(text, None, true);
                    }
                    return whole;
                }
            }
        }
        false
    }

    fn damaged(&mut self, line: u64) {
        let reason = "the object that begins here is damaged and left out; save the listing again";
        self.gap("", line, reason);
    }

    /// The text breaks off, or makes no sense any more: within the object that begins on a line, or
    /// between two.
    fn cut(&mut self, text: &str, line: Option<u64>, breaks_off: bool) {
        let (objects, bytes) = (self.taken, text.len());
        let last = text.matches('\n').count() as u64 + 1;
        let (at, what) = match (line, breaks_off) {
            (Some(line), false) => (line, "cannot be read any further from here".to_owned()),
            _ => (last, format!("breaks off here, after {bytes} bytes")),
        };
        let lost = line.map_or_else(String::new, |line| {
            format!("the one that begins on line {line} is left out, ")
        });
        let reason = format!(
            "the listing {what}: the {objects} whole objects before that are kept, {lost}and what came after is missing; save the listing again, and whole"
        );
        self.gap("", at, &reason);
    }
}
