//! Three-way merge of texts, line by line: what two people made of the same text, put together. Where
//! both changed the same lines, both are kept between marks until somebody decides; a conflict that
//! stands in one of them already is taken as one line, and what it holds goes on beside what is new.
//!
//! The way is that of diff3 (Khanna, Kunal, Pierce: "A Formal Investigation of Diff3", 2007): where
//! both texts still hold a line of the old one they meet, and between two such places the one that
//! changed anything is taken.

use crate::written::{
    self,
    conflicts::{self, Alternative},
};
use model::document::TimelineEntry;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A text with who wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Who, for the marks.
    pub author: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What came of putting two texts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The text.
    pub text: String,
    /// Places in it that hold several texts, because people changed the same lines.
    pub conflicts: usize,
}

/// Puts together what was made of `base`: `theirs` was saved first, `ours` comes second.
///
/// Every line that either wrote is in the result; what one deleted and the other left alone is not.
pub fn merge(base: &str, theirs: Written<'_>, ours: Written<'_>) -> Merged {
    let lines = |text: &str| conflicts::atoms(&written::normal(text));
    let (base, a, b) = (lines(base), lines(theirs.text), lines(ours.text));
    let (in_a, in_b) = (kept(&base, &a), kept(&base, &b));
    let mut merger = Merger {
        names: [name(theirs.author), name(ours.author)],
        out: Vec::new(),
    };
    let (mut i, mut ia, mut ib) = (0, 0, 0);
    loop {
        // The next old line that both still have.
        let meet = (i..base.len()).find_map(|n| {
            let a = in_a.get(n).copied().flatten()?;
            let b = in_b.get(n).copied().flatten()?;
            Some((n, a, b))
        });
        let (to, to_a, to_b) = meet.unwrap_or((base.len(), a.len(), b.len()));
        merger.between(part(&base, i, to), part(&a, ia, to_a), part(&b, ib, to_b));
        let Some(line) = meet.and_then(|_| base.get(to)) else {
            break;
        };
        merger.out.push(line.clone());
        (i, ia, ib) = (to + 1, to_a + 1, to_b + 1);
    }
    let text = written::normal(&merger.out.join("\n"));
    Merged {
        conflicts: conflicts::count(&text),
        text,
    }
}

/// Rows of the timeline that two people touched, put together by their ids. Where both gave one row
/// other words, it has both.
pub fn merge_entries(
    base: &[TimelineEntry],
    theirs: &[TimelineEntry],
    ours: &[TimelineEntry],
) -> Vec<TimelineEntry> {
    let find = |all: &'_ [TimelineEntry], id: &str| all.iter().find(|e| e.id == id).cloned();
    let mut out: Vec<TimelineEntry> = Vec::new();
    let ids = theirs.iter().chain(ours).map(|e| e.id.as_str());
    for id in ids {
        if out.iter().any(|e| e.id == id) {
            continue;
        }
        let (old, a, b) = (find(base, id), find(theirs, id), find(ours, id));
        let merged = match (a, b) {
            (Some(a), Some(b)) => Some(together(&old.unwrap_or_default(), &a, &b)),
            // One took back what was done to the row: that stands unless the other went on.
            (Some(one), None) | (None, Some(one)) => (old.as_ref() != Some(&one)).then_some(one),
            (None, None) => None,
        };
        out.extend(merged);
    }
    out
}

fn together(old: &TimelineEntry, a: &TimelineEntry, b: &TimelineEntry) -> TimelineEntry {
    let text = match (&a.text, &b.text) {
        (one, other) if one == other => a.text.clone(),
        (one, other) if *one == old.text => other.clone(),
        (one, other) if *other == old.text => one.clone(),
        (Some(one), Some(other)) => Some(format!("{one} / {other}")),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    TimelineEntry {
        text,
        at: if a.at == old.at { b.at } else { a.at },
        hidden: if a.hidden == old.hidden {
            b.hidden
        } else {
            a.hidden
        },
        place: if a.place == old.place {
            b.place
        } else {
            a.place
        },
        id: a.id.clone(),
    }
}

struct Merger {
    names: [String; 2],
    out: Vec<String>,
}

impl Merger {
    /// What stands between two lines that all three have.
    fn between(&mut self, old: &[String], a: &[String], b: &[String]) {
        if a == old || a == b {
            self.out.extend_from_slice(b);
            return;
        }
        if b == old {
            self.out.extend_from_slice(a);
            return;
        }
        // What both begin and end with is no part of the conflict.
        let same = |x: &(&String, &String)| x.0 == x.1;
        let head = a.iter().zip(b).take_while(same).count();
        self.out.extend_from_slice(part(a, 0, head));
        let (a, b) = (part(a, head, a.len()), part(b, head, b.len()));
        let tail = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
        let (a, shared) = (part(a, 0, a.len() - tail), part(a, a.len() - tail, a.len()));
        let b = part(b, 0, b.len() - tail);
        if a.is_empty() || b.is_empty() {
            // One only added to what both have written anew.
            self.out.extend_from_slice(a);
            self.out.extend_from_slice(b);
        } else {
            let [first, second] = &self.names;
            let mut all: Vec<Alternative> = Vec::new();
            for one in alternatives(first, a)
                .into_iter()
                .chain(alternatives(second, b))
            {
                if !all.iter().any(|(_, text)| *text == one.1) {
                    all.push(one);
                }
            }
            self.out.push(conflicts::written(&all));
        }
        self.out.extend_from_slice(shared);
    }
}

/// What one side has for a place: its lines, or where conflicts stand among them, one text for each that
/// these hold.
fn alternatives(author: &str, lines: &[String]) -> Vec<Alternative> {
    let parts: Vec<(&String, Option<Vec<Alternative>>)> = lines
        .iter()
        .map(|line| (line, conflicts::alternatives(line)))
        .collect();
    let held = parts.iter().filter_map(|(_, held)| held.as_ref());
    let most = held.map(Vec::len).max().unwrap_or(1);
    (0..most)
        .map(|n| {
            let mut authors: Vec<&str> = Vec::new();
            let mut text: Vec<&str> = Vec::new();
            for (line, held) in &parts {
                // A conflict of fewer texts gives its last one again.
                let held = held.as_ref().and_then(|all| all.get(n).or(all.last()));
                let Some((author, own)) = held else {
                    text.push(line);
                    continue;
                };
                if !authors.contains(&author.as_str()) {
                    authors.push(author);
                }
                if !own.is_empty() {
                    text.push(own);
                }
            }
            let author = match authors.as_slice() {
                [] => author.to_owned(),
                several => several.join(", "),
            };
            (author, text.join("\n"))
        })
        .collect()
}

fn part(lines: &[String], from: usize, to: usize) -> &[String] {
    lines.get(from..to).unwrap_or_default()
}

/// A name in one line.
fn name(author: &str) -> String {
    let line: String = author
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    line.trim().to_owned()
}

/// Where each line of the old text stands in the new one.
fn kept(old: &[String], new: &[String]) -> Vec<Option<usize>> {
    let mut at = vec![None; old.len()];
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for n in 0..len {
                if let Some(place) = at.get_mut(old_index + n) {
                    *place = Some(new_index + n);
                }
            }
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(base: &str, theirs: &str, ours: &str) -> Merged {
        merge(
            base,
            Written {
                author: "kim",
                text: theirs,
            },
            Written {
                author: "lee",
                text: ours,
            },
        )
    }

    fn text() -> impl Strategy<Value = String> {
        proptest::collection::vec("[abc]{0,2}", 0..8).prop_map(|lines| lines.join("\n"))
    }

    /// Where, how and with which words.
    type Edits = Vec<(usize, u8, String)>;

    /// A text after somebody changed it: lines deleted, rewritten and added, with words of their own.
    fn edit(who: &'static str) -> impl Strategy<Value = Edits> {
        let word = "[a-z]{1,4}".prop_map(move |w| format!("{who}{w}"));
        proptest::collection::vec((0..8_usize, 0..3_u8, word), 0..5)
    }

    fn edited(base: &str, edits: &[(usize, u8, String)]) -> String {
        let mut lines: Vec<String> = base.lines().map(str::to_owned).collect();
        for (at, how, word) in edits {
            let at = (*at).min(lines.len());
            match how {
                0 if at < lines.len() => drop(lines.remove(at)),
                1 if at < lines.len() => lines[at] = word.clone(),
                _ => lines.insert(at, word.clone()),
            }
        }
        lines.join("\n")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn no_word_of_either_is_ever_lost(base in text(), a in edit("K"), b in edit("L")) {
            let (theirs, ours) = (edited(&base, &a), edited(&base, &b));
            let merged = of(&base, &theirs, &ours);
            for line in theirs.lines().chain(ours.lines()) {
                let new = line.starts_with(['K', 'L']);
                prop_assert!(!new || merged.text.lines().any(|l| l == line),
                    "{line:?} of {base:?} / {theirs:?} / {ours:?}: {:?}", merged.text);
            }
        }

        #[test]
        fn any_three_texts_keep_every_line_that_is_new(base in text(), a in text(), b in text()) {
            let merged = of(&base, &a, &b);
            let old: Vec<&str> = base.lines().collect();
            for line in a.lines().chain(b.lines()).filter(|l| !l.is_empty() && !old.contains(l)) {
                prop_assert!(merged.text.lines().any(|l| l == line), "{line:?} in {:?}", merged.text);
            }
        }

        #[test]
        fn one_who_changes_alone_gets_their_own_text(base in text(), a in text()) {
            let expected = Merged { text: written::normal(&a), conflicts: 0 };
            prop_assert_eq!(of(&base, &a, &base), expected.clone());
            prop_assert_eq!(of(&base, &base, &a), expected.clone());
            prop_assert_eq!(of(&base, &a, &a), expected);
        }

        #[test]
        fn conflicts_are_counted_as_they_are_shown(base in text(), a in text(), b in text()) {
            let merged = of(&base, &a, &b);
            prop_assert_eq!(written::has_conflict(&merged.text), merged.conflicts > 0);
        }
    }

    /// Lines of which some are marks.
    fn marked() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            4 => "[abc]{0,2}",
            1 => proptest::sample::select(vec![
                "<<<<<<< kim", "=======", "======= lee", ">>>>>>> mia", "<<<<<<<", ">>>>>>>",
            ]).prop_map(str::to_owned),
        ];
        proptest::collection::vec(line, 0..10).prop_map(|lines| lines.join("\n"))
    }

    /// Who saves, from which of the states that stood before, and what they changed in it.
    fn saves() -> impl Strategy<Value = Vec<(usize, Edits)>> {
        proptest::collection::vec((0..40_usize, edit("W")), 1..12)
    }

    fn nested(text: &str) -> bool {
        let mut open = false;
        text.lines().any(|line| {
            let (begins, ends) = (line.starts_with("<<<<<<<"), line.starts_with(">>>>>>>"));
            let wrong = (begins && open) || (ends && !open);
            open = begins || (open && !ends);
            wrong
        }) || open
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn many_saves_of_one_place_stand_beside_each_other(base in text(), saves in saves()) {
            let mut states = vec![base];
            let mut written: Vec<String> = Vec::new();
            for (n, (from, edits)) in saves.iter().enumerate() {
                // Each writes words of their own, and nobody takes away what another one wrote.
                let edits: Vec<_> = edits
                    .iter()
                    .map(|(at, _, word)| (*at, 2, format!("{word}{n}")))
                    .collect();
                let begun = states[from % states.len()].clone();
                let now = states[states.len() - 1].clone();
                let sent = edited(&begun, &edits);
                written.extend(edits.into_iter().map(|(_, _, word)| word));
                let author = format!("author {n}");
                let merged = merge(
                    &begun,
                    Written { author: "before", text: &now },
                    Written { author: &author, text: &sent },
                );
                prop_assert!(!nested(&merged.text), "{}", merged.text);
                for word in &written {
                    prop_assert!(merged.text.contains(word), "{word} in {}", merged.text);
                }
                states.push(merged.text);
            }
        }

        #[test]
        fn marks_that_people_wrote_lose_no_word(base in marked(), a in marked(), b in marked()) {
            let merged = of(&base, &a, &b);
            let old: Vec<&str> = base.lines().map(str::trim).collect();
            let mark = |l: &str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|m| l.starts_with(m));
            for line in a.lines().chain(b.lines()) {
                let new = !line.is_empty() && !old.contains(&line) && !mark(line);
                prop_assert!(!new || merged.text.lines().any(|l| l == line), "{line} in {}", merged.text);
            }
        }
    }

    #[test]
    fn ten_who_rewrite_one_line_make_one_conflict() {
        let base = "before\n\nold\n\nafter";
        let mut now = base.to_owned();
        for n in 0..10 {
            let text = base.replace("old", &format!("words {n}"));
            let author = format!("author-{n}");
            let theirs = Written {
                author: "author-0",
                text: &now,
            };
            now = merge(
                base,
                theirs,
                Written {
                    author: &author,
                    text: &text,
                },
            )
            .text;
        }
        assert_eq!(now.matches("<<<<<<<").count(), 1, "{now}");
        let pieces = conflicts::pieces(&now);
        let Some(conflicts::Piece::Several(all)) = pieces.get(1) else {
            panic!("{now}");
        };
        let expected: Vec<Alternative> = (0..10)
            .map(|n| (format!("author-{n}"), format!("words {n}")))
            .collect();
        assert_eq!(*all, expected);
        // Whoever decides has the last word, and one who went on with the old text is heard.
        let decided = base.replace("old", "words 3");
        let merged = of(&now, &decided, &now);
        assert_eq!(
            (merged.text.as_str(), merged.conflicts),
            (decided.as_str(), 0)
        );
    }

    #[test]
    fn paragraphs_that_only_one_changed_go_together() {
        let base = "one\n\ntwo\n\nthree";
        let merged = of(base, "ONE\n\ntwo\n\nthree", "one\n\ntwo\n\nthree\n\nfour");
        assert_eq!(merged.text, "ONE\n\ntwo\n\nthree\n\nfour");
        assert_eq!(merged.conflicts, 0);
        let merged = of(base, "one\n\nTWO a\n\nthree", "one\n\nTWO b\n\nthree");
        assert_eq!(
            merged.text,
            "one\n\n<<<<<<< kim\nTWO a\n=======\nTWO b\n>>>>>>> lee\n\nthree"
        );
        assert_eq!(merged.conflicts, 1);
        // Line ends of a browser's form are no change.
        assert_eq!(
            of(base, "one\r\n\r\ntwo\r\n\r\nthree", "x\n\ntwo\n\nthree").conflicts,
            0
        );
    }

    #[test]
    fn rows_of_the_timeline_go_together_by_their_ids() {
        let entry = |id: &str, text: Option<&str>, hidden| TimelineEntry {
            id: id.into(),
            text: text.map(str::to_owned),
            hidden,
            ..TimelineEntry::default()
        };
        let base = [entry("a", None, true), entry("b", Some("old"), false)];
        let theirs = [entry("a", None, true), entry("b", Some("kim"), false)];
        let ours = [
            entry("b", Some("lee"), true),
            entry("c", Some("new"), false),
        ];
        let merged = merge_entries(&base, &theirs, &ours);
        assert_eq!(
            merged,
            [
                entry("b", Some("kim / lee"), true),
                entry("c", Some("new"), false)
            ]
        );
    }
}
