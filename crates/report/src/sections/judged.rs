//! What people decided about suspects: who, when and why, beside what the analysis says.

use super::{Context, paragraph, section, sentence, text};
use crate::ledger::Basis;
use model::analysis::Suspect;
use model::judgement::{Judgement, Ruling, of_suspect};
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let judgements = context.input.said.judgements;
    let items: Vec<Vec<Inline>> = judgements.iter().map(|j| line(context, j)).collect();
    let blocks = (!items.is_empty()).then(|| {
        vec![
            paragraph(vec![text(
                "People judged the suspects as follows. The analysis does not know of it.",
            )]),
            Block::List(items),
        ]
    });
    section("judgements", "What people decided", blocks?)
}

fn line(context: &mut Context<'_>, judgement: &Judgement) -> Vec<Inline> {
    let suspects = &context.input.analysis.suspects;
    let suspect = judgement.suspect_in(suspects);
    let key = format!("judgement.{}", judgement.suspect);
    let basis = || Basis::of([judgement.suspect.as_str()]);
    let ruling = match judgement.ruling {
        Ruling::Cause => "Cause: ",
        Ruling::Dismissed => "Dismissed: ",
    };
    let title = suspect.map_or_else(
        || judgement.title.clone(),
        |s| super::root_cause::title(context, s),
    );
    let mut line = vec![Inline::Strong(ruling.to_owned())];
    line.extend(
        context
            .ledger
            .quote(&format!("{key}.title"), &title, &basis()),
    );
    line.push(text(", as "));
    line.push(Inline::Text(author(judgement)));
    line.push(text(" decided"));
    if let Some(at) = judgement.at {
        line.push(text(" at "));
        line.push(context.ledger.time(&format!("{key}.at"), at, basis()));
    }
    if judgement.reason.is_empty() {
        line.push(text(", without a reason."));
    } else {
        // What people wrote is theirs: digits in it are no figures.
        line.push(text(": "));
        line.push(Inline::Text(format!("“{}”", judgement.reason)));
        line.push(text("."));
    }
    line.push(text(" "));
    line.extend(says(context, judgement, suspect));
    line
}

/// What the analysis says of the suspect now.
fn says(
    context: &mut Context<'_>,
    judgement: &Judgement,
    suspect: Option<&Suspect>,
) -> Vec<Inline> {
    match (suspect, judgement.score) {
        (Some(suspect), _) => probability(context, suspect),
        (None, Some(was)) => {
            let key = format!("judgement.{}.score", judgement.suspect);
            let basis = Basis::of(judgement.events.iter().cloned());
            vec![
                text("The analysis gave it a probability of "),
                context.ledger.share(&key, was, basis),
                text(" then; made again, it has no such suspect any more."),
            ]
        }
        (None, None) => vec![text("The analysis has no such suspect.")],
    }
}

/// `The analysis gives it a probability of 93 %, the highest of all.`
pub(super) fn probability(context: &mut Context<'_>, suspect: &Suspect) -> Vec<Inline> {
    let key = format!("suspect.{}", suspect.rank);
    let basis = || Basis::of(suspect.events.iter().cloned());
    let mut line = vec![text("The analysis gives it a probability of ")];
    let score = context
        .ledger
        .share(&format!("{key}.score"), suspect.score, basis());
    line.push(score);
    if suspect.rank == 1 {
        line.push(text(", the highest of all."));
    } else {
        line.push(text(", at rank "));
        let rank = suspect.rank as usize;
        line.push(context.ledger.count(&format!("{key}.rank"), rank, basis()));
        line.push(text("."));
    }
    line
}

/// Who decided, in words.
pub(super) fn author(judgement: &Judgement) -> String {
    if judgement.author.is_empty() {
        "somebody".to_owned()
    } else {
        judgement.author.clone()
    }
}

/// The cause that people pinned, where they did: the last decision counts.
pub(super) fn pinned<'a>(context: &Context<'a>) -> Option<&'a Judgement> {
    let all = context.input.said.judgements.iter();
    all.filter(|j| j.ruling == Ruling::Cause)
        .max_by_key(|j| j.at)
}

/// What people say of a suspect, for its place among the suspects.
pub(super) fn remark(context: &Context<'_>, suspect: &Suspect) -> Option<Inline> {
    let suspects = &context.input.analysis.suspects;
    let judgement = of_suspect(context.input.said.judgements, suspect, suspects)?;
    let words = match judgement.ruling {
        Ruling::Cause => "pinned as the cause by",
        Ruling::Dismissed => "dismissed by",
    };
    let who = sentence(&format!(" {words} {}", author(judgement)));
    Some(Inline::Strong(who.replacen(words, &capital(words), 1)))
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
