//! A reading aid for blameless wording: phrases that name somebody's failing or argue from hindsight,
//! each with a reason and another way to say it. Nothing is ever refused for it.
//!
//! What counts follows what the books on postmortems warn of: hindsight and counterfactuals ("should
//! have"), "human error" as a cause, and names beside a failing (S. Dekker, *The Field Guide to
//! Understanding "Human Error"*, 3rd ed., chapters 1-3; *Site Reliability Engineering*, chapter 15,
//! "Postmortem Culture").

use std::ops::Range;

/// A phrase, why it may be worth another look, and what may be said instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Why.
    pub reason: &'static str,
    /// What may be said instead.
    pub suggestion: &'static str,
}

struct Phrase {
    words: &'static [&'static str],
    reason: &'static str,
    suggestion: &'static str,
}

const HINDSIGHT: &str =
    "It judges by what is known only now; those who were there did not know how it would end.";
const HINDSIGHT_INSTEAD: &str =
    "Say what was done, what could be seen at that time, and what made it sensible.";
const CAUSE: &str =
    "It ends the search at a person; the question is what made it easy to go wrong.";
const CAUSE_INSTEAD: &str =
    "Say what the tool, the procedure or the display allowed, and what would have caught it.";
const LABEL: &str = "It says what somebody is like and not what happened.";
const LABEL_INSTEAD: &str = "Say what was done and what was known, without the judgement.";

/// Phrases as they stand, whoever is meant.
const PHRASES: [Phrase; 5] = [
    Phrase {
        words: &[
            "should have",
            "should've",
            "shouldn't have",
            "should not have",
            "ought to have",
            "could have",
            "could've",
            "if only",
            "in hindsight",
        ],
        reason: HINDSIGHT,
        suggestion: HINDSIGHT_INSTEAD,
    },
    Phrase {
        words: &[
            "human error",
            "operator error",
            "user error",
            "pilot error",
            "human mistake",
            "error by a person",
        ],
        reason: CAUSE,
        suggestion: CAUSE_INSTEAD,
    },
    Phrase {
        words: &[
            "careless",
            "carelessly",
            "carelessness",
            "negligent",
            "negligence",
            "incompetent",
            "incompetence",
            "sloppy",
            "lazy",
            "reckless",
            "stupid",
            "stupidly",
            "thoughtless",
            "unprofessional",
        ],
        reason: LABEL,
        suggestion: LABEL_INSTEAD,
    },
    Phrase {
        words: &[
            "to blame",
            "blamed",
            "blames",
            "at fault",
            "is guilty",
            "was guilty",
            "didn't bother",
            "did not bother",
            "forgot to",
            "neglected to",
        ],
        reason: CAUSE,
        suggestion: CAUSE_INSTEAD,
    },
    Phrase {
        words: &[
            "obviously",
            "clearly wrong",
            "of course",
            "everybody knows",
            "everyone knows",
        ],
        reason: "What is obvious now was not, or it would not have happened.",
        suggestion: "Leave it out, or say what could be seen at that time.",
    },
];

/// Verbs that say somebody's failing when somebody is their subject.
const FAILINGS: [&str; 22] = [
    "failed to",
    "fails to",
    "forgot",
    "neglected",
    "ignored",
    "overlooked",
    "missed",
    "broke",
    "caused",
    "messed up",
    "screwed up",
    "misconfigured",
    "mistyped",
    "botched",
    "did not notice",
    "didn't notice",
    "did not check",
    "didn't check",
    "did not test",
    "didn't test",
    "wrongly",
    "mistakenly",
];

/// Who can be the subject of a failing, besides names.
const PEOPLE: [&str; 30] = [
    "he",
    "she",
    "they",
    "we",
    "i",
    "you",
    "somebody",
    "someone",
    "nobody",
    "everybody",
    "who",
    "team",
    "teams",
    "engineer",
    "engineers",
    "operator",
    "operators",
    "developer",
    "developers",
    "admin",
    "admins",
    "administrator",
    "colleague",
    "person",
    "people",
    "responder",
    "responders",
    "author",
    "reviewer",
    "manager",
];

/// Words with a capital that are no names of persons: they begin sentences or name things.
const THINGS: [&str; 72] = [
    "a",
    "an",
    "and",
    "as",
    "at",
    "all",
    "after",
    "alarm",
    "alert",
    "amazon",
    "api",
    "aws",
    "before",
    "but",
    "cause",
    "change",
    "cloudwatch",
    "cluster",
    "config",
    "container",
    "cpu",
    "credits",
    "database",
    "dns",
    "deployment",
    "disk",
    "each",
    "efs",
    "event",
    "every",
    "found",
    "image",
    "in",
    "it",
    "its",
    "job",
    "kernel",
    "kubernetes",
    "latency",
    "linux",
    "load",
    "memory",
    "mount",
    "network",
    "nfs",
    "nginx",
    "no",
    "node",
    "nodes",
    "none",
    "nothing",
    "one",
    "php",
    "pod",
    "pods",
    "postgresql",
    "probe",
    "prometheus",
    "release",
    "requests",
    "rollout",
    "server",
    "service",
    "storage",
    "suspect",
    "that",
    "the",
    "this",
    "throttling",
    "traffic",
    "volume",
    "what",
];

/// Everything in a text that may be worth another look, in order, without overlaps.
pub fn remarks(text: &str) -> Vec<Remark> {
    // Bytes stay where they are: only ASCII is folded.
    let folded = text.to_ascii_lowercase();
    let mut found: Vec<Remark> = Vec::new();
    for phrase in &PHRASES {
        for words in phrase.words {
            found.extend(places(&folded, words).map(|range| Remark {
                range,
                reason: phrase.reason,
                suggestion: phrase.suggestion,
            }));
        }
    }
    for verb in FAILINGS {
        found.extend(places(&folded, verb).filter_map(|range| {
            let start = subject(text, range.start)?;
            Some(Remark {
                range: start..range.end,
                reason: CAUSE,
                suggestion: CAUSE_INSTEAD,
            })
        }));
    }
    found.sort_by_key(|r| (r.range.start, std::cmp::Reverse(r.range.end)));
    let mut out: Vec<Remark> = Vec::new();
    for remark in found {
        if out
            .last()
            .is_none_or(|last| last.range.end <= remark.range.start)
        {
            out.push(remark);
        }
    }
    out
}

/// Where words stand as words of their own.
fn places<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    text.match_indices(words).filter_map(move |(at, found)| {
        let end = at + found.len();
        let part_of_a_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let before = text.get(..at)?.chars().next_back();
        let after = text.get(end..)?.chars().next();
        let alone = !before.is_some_and(part_of_a_word) && !after.is_some_and(part_of_a_word);
        alone.then_some(at..end)
    })
}

/// Where the person begins that is the subject of the verb at `verb`; `None` where it is no person.
fn subject(text: &str, verb: usize) -> Option<usize> {
    let before = text.get(..verb)?;
    let trimmed = before.strip_suffix(' ')?;
    let start = trimmed
        .rfind(|c: char| !(c.is_alphabetic() || c == '\'' || c == '\u{2019}'))
        .map_or(0, |at| {
            at + trimmed
                .get(at..)
                .and_then(|t| t.chars().next())
                .map_or(1, char::len_utf8)
        });
    let word = trimmed.get(start..)?;
    // Part of the name of a thing: `node-Kim`, `shop/Kim`, `Kim.service`.
    let glued = trimmed
        .get(..start)?
        .ends_with(['-', '/', '_', '.', ':', '`', '#']);
    let folded = word.to_lowercase();
    let is_person = PEOPLE.contains(&folded.as_str());
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let rest_small = word.chars().skip(1).all(char::is_lowercase);
    let is_name =
        capital && rest_small && word.chars().count() > 1 && !THINGS.contains(&folded.as_str());
    (!glued && (is_person || is_name)).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> Vec<&str> {
        remarks(text).into_iter().map(|r| &text[r.range]).collect()
    }

    #[test]
    fn blame_and_hindsight_are_found() {
        for (text, found) in [
            ("Kim forgot to drain the node.", vec!["Kim forgot"]),
            ("The engineer failed to notice.", vec!["engineer failed to"]),
            ("We should have seen it.", vec!["should have"]),
            ("They should've asked", vec!["should've"]),
            ("The cause was human error.", vec!["human error"]),
            (
                "A careless change; Lee broke the build",
                vec!["careless", "Lee broke"],
            ),
            ("HUMAN ERROR", vec!["HUMAN ERROR"]),
            ("the on-call team ignored the alert", vec!["team ignored"]),
            ("It was obviously wrong", vec!["obviously"]),
            ("Zoë misconfigured it", vec!["Zoë misconfigured"]),
            ("Nobody is to blame", vec!["to blame"]),
            (
                "we didn't check, and forgot to ask",
                vec!["we didn't check", "forgot to"],
            ),
        ] {
            assert_eq!(said(text), found, "{text}");
        }
    }

    #[test]
    fn plain_words_about_things_are_left_alone() {
        for text in [
            "The rollout caused the drain.",
            "Kubernetes failed to unmount the volume.",
            "It would not have gone off for this incident.",
            "kubelet: failed to sync pod",
            "Rollout broke nothing; the pods missed their deadline.",
            "The alarm that would have caught it",
            "shop-careless-lane and node_forgot",
            "A node that went or was not ready",
            "The storage failed to keep up: EFS caused it.",
            "`Kim` ignored",
            "",
        ] {
            assert_eq!(said(text), Vec::<&str>::new(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn remarks_are_parts_of_the_text_in_order(text in "(should have|Kim forgot|[a-zé’' ]{1,6}|\u{2019}|🧟|human error){0,12}") {
            let mut end = 0;
            for remark in remarks(&text) {
                prop_assert!(remark.range.start >= end && !remark.range.is_empty());
                prop_assert!(text.get(remark.range.clone()).is_some());
                end = remark.range.end;
            }
        }
    }
}
