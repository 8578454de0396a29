//! What differs between two versions of a report, section by section and word by word.

use crate::render::markdown;
use model::{Report, report::Section};
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// What became of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are in both.
    Kept,
    /// They were taken away.
    Removed,
    /// They are new.
    Added,
}

/// A run of words with the same fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What became of them.
    pub fate: Fate,
    /// The words, as Markdown.
    pub text: String,
}

/// A section that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionChange {
    /// Its id.
    pub id: String,
    /// Its heading, in the later version where it is there.
    pub title: String,
    /// Its text, in order.
    pub runs: Vec<Run>,
}

/// Characters of a run that is in both which are shown at each of its ends; what is between is left
/// out.
const AROUND: usize = 160;

/// How long the words of one section are compared at most; beyond that the difference is coarser, never
/// wrong.
const PATIENCE: Duration = Duration::from_millis(200);

/// Sections that differ, in the order of the later version; those that are gone come last. Charts are
/// compared by the words below them.
pub fn between(earlier: &Report, later: &Report) -> Vec<SectionChange> {
    let text = |report: &Report, section: Option<&Section>| {
        section.map_or_else(String::new, |s| markdown::blocks(&s.blocks, report))
    };
    let find = |report: &'_ Report, id: &str| report.sections.iter().position(|s| s.id == id);
    let mut out = Vec::new();
    let heading = |report: &Report| {
        let notice = report.notice.as_deref().unwrap_or_default();
        let window = report.window;
        format!(
            "{}\n{} to {} UTC\n{notice}",
            report.title,
            window.start.minute(),
            window.end.minute()
        )
    };
    push(
        &mut out,
        ("", "Heading"),
        &heading(earlier),
        &heading(later),
    );
    for section in &later.sections {
        let before = find(earlier, &section.id).and_then(|i| earlier.sections.get(i));
        let title =
            |s: Option<&Section>| s.map_or_else(String::new, |s| format!("## {}\n\n", s.title));
        push(
            &mut out,
            (&section.id, &section.title),
            &(title(before) + &text(earlier, before)),
            &(title(Some(section)) + &text(later, Some(section))),
        );
    }
    for section in &earlier.sections {
        if find(later, &section.id).is_none() {
            let named = (section.id.as_str(), section.title.as_str());
            push(&mut out, named, &text(earlier, Some(section)), "");
        }
    }
    out
}

fn push(out: &mut Vec<SectionChange>, (id, title): (&str, &str), before: &str, after: &str) {
    if before == after {
        return;
    }
    out.push(SectionChange {
        id: id.to_owned(),
        title: title.to_owned(),
        runs: runs(before, after),
    });
}

fn runs(before: &str, after: &str) -> Vec<Run> {
    let diff = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_words(before, after);
    let mut runs: Vec<Run> = Vec::new();
    for change in diff.iter_all_changes() {
        let fate = match change.tag() {
            ChangeTag::Equal => Fate::Kept,
            ChangeTag::Delete => Fate::Removed,
            ChangeTag::Insert => Fate::Added,
        };
        match runs.last_mut() {
            Some(run) if run.fate == fate => run.text.push_str(change.value()),
            _ => runs.push(Run {
                fate,
                text: change.value().to_owned(),
            }),
        }
    }
    if is_rewritten(&runs) {
        runs = vec![
            Run {
                fate: Fate::Removed,
                text: before.to_owned(),
            },
            Run {
                fate: Fate::Added,
                text: after.to_owned(),
            },
        ];
    }
    let last = runs.len().saturating_sub(1);
    for (n, run) in runs.iter_mut().enumerate() {
        if run.fate == Fate::Kept {
            run.text = shortened(&run.text, n == 0, n == last);
        }
    }
    runs
}

/// Whether next to nothing of a text is left: the few words that two texts have in common by chance, told
/// between all the others, would make both unreadable.
fn is_rewritten(runs: &[Run]) -> bool {
    let letters = |fate: Fate| -> usize {
        let of = runs.iter().filter(|run| run.fate == fate);
        of.flat_map(|run| run.text.chars())
            .filter(|c| c.is_alphanumeric())
            .count()
    };
    let (kept, removed, added) = (
        letters(Fate::Kept),
        letters(Fate::Removed),
        letters(Fate::Added),
    );
    kept > 0 && removed > 0 && added > 0 && 4 * kept < removed + added
}

/// What is in both, without its middle; of the first run the end alone is shown, of the last one the
/// beginning.
fn shortened(text: &str, first: bool, last: bool) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (head, tail) = (
        if first { 0 } else { AROUND },
        if last { 0 } else { AROUND },
    );
    if characters.len() <= head + tail + AROUND / 4 {
        return text.to_owned();
    }
    let head: String = characters.iter().take(head).collect();
    let tail: String = characters.iter().skip(characters.len() - tail).collect();
    // No word is cut, but for one that is longer than all that is shown.
    let head = head
        .rsplit_once(char::is_whitespace)
        .map_or(head.as_str(), |(whole, _)| whole);
    let tail = tail
        .split_once(char::is_whitespace)
        .map_or(tail.as_str(), |(_, whole)| whole);
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::report::{Block, Figure, Inline};

    fn section(id: &str, text: &str) -> Section {
        Section {
            id: id.into(),
            title: id.to_uppercase(),
            blocks: vec![Block::Paragraph(vec![
                Inline::Text(text.into()),
                Inline::Figure("rate".into()),
            ])],
        }
    }

    fn report(rate: &str, sections: Vec<Section>) -> Report {
        Report {
            title: "Zombies".into(),
            sections,
            figures: vec![Figure {
                id: "rate".into(),
                value: serde_json::json!(1),
                unit: "Ratio".into(),
                evidence: Vec::new(),
                span: None,
                text: rate.into(),
            }],
            ..Report::default()
        }
    }

    fn said(change: &SectionChange, fate: Fate) -> String {
        let runs = change.runs.iter().filter(|r| r.fate == fate);
        runs.map(|r| r.text.as_str()).collect()
    }

    #[test]
    fn what_is_the_same_is_no_change() {
        let one = report("a third", vec![section("summary", "It was ")]);
        assert_eq!(between(&one, &one), []);
        let mut engine = one.clone();
        engine.engine = "later".into();
        assert_eq!(between(&one, &engine), []);
    }

    #[test]
    fn words_and_figures_that_changed_are_told() {
        let before = report(
            "one third",
            vec![
                section("summary", "the pods were slow, "),
                section("gone", "x "),
            ],
        );
        let mut after = report(
            "one half",
            vec![
                section("new", "y "),
                section("summary", "the sites were slow, "),
            ],
        );
        after.title = "Zombie pods".into();
        let changes = between(&before, &after);
        let ids: Vec<&str> = changes.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(ids, ["", "new", "summary", "gone"]);
        assert_eq!(said(&changes[0], Fate::Added), "Zombie pods");
        assert_eq!(said(&changes[1], Fate::Removed), "");
        assert!(said(&changes[1], Fate::Added).contains("## NEW"));
        assert_eq!(said(&changes[2], Fate::Removed), "podsthird");
        assert_eq!(said(&changes[2], Fate::Added), "siteshalf");
        assert_eq!(said(&changes[3], Fate::Added), "");
        assert!(said(&changes[3], Fate::Removed).contains('x'));
    }

    #[test]
    fn a_text_that_was_rewritten_is_told_as_two_texts() {
        let old =
            "the pods of the customer did not go for a day and a half, and nobody looked at them";
        let new =
            "we upgraded a kernel, because the storage was slow and had been for weeks by then";
        let before = report("a", vec![section("s", old)]);
        let changes = between(&before, &report("a", vec![section("s", new)]));
        let fates: Vec<Fate> = changes[0].runs.iter().map(|r| r.fate).collect();
        assert_eq!(fates, [Fate::Removed, Fate::Added]);
        assert!(changes[0].runs[0].text.contains(old) && changes[0].runs[1].text.contains(new));
        let changes = between(
            &before,
            &report("a", vec![section("s", &format!("{old}, but one"))]),
        );
        assert!(changes[0].runs.iter().any(|r| r.fate == Fate::Kept));
    }

    #[test]
    fn long_runs_that_are_in_both_are_shortened_between_words() {
        let long = "zwölf ".repeat(400);
        let before = report("a", vec![section("s", &format!("{long} old {long}"))]);
        let after = report("a", vec![section("s", &format!("{long} new {long}"))]);
        let changes = between(&before, &after);
        let text: usize = changes[0].runs.iter().map(|r| r.text.chars().count()).sum();
        assert!(text < 3 * AROUND, "{text}");
        assert_eq!(said(&changes[0], Fate::Added), "new");
        let kept = said(&changes[0], Fate::Kept);
        assert!(kept.contains('…'));
        for word in kept
            .split_whitespace()
            .filter(|w| w.contains("zw") || w.contains("lf"))
        {
            assert_eq!(word, "zwölf");
        }
    }
}
