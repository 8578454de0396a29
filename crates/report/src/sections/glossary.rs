//! Words that this report uses and that not every reader knows. A word is explained where the report
//! has something to say about it.

use super::{Context, section, text};
use model::EventKind;
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let (evidence, analysis) = (context.input.evidence, context.input.analysis);
    let has = |kind: &EventKind| evidence.events.iter().any(|e| e.kind == *kind);
    let words = [
        (
            true,
            "Figure",
            "A number or a time that was computed from the evidence. Each is listed below with what it \
             was made from, and can be computed again.",
        ),
        (
            !analysis.credits.is_empty(),
            "Burst credits",
            "What a file system, a volume or an instance saves up while it does less than its baseline, \
             and spends while it does more. At zero it may do its baseline and no more.",
        ),
        (
            !analysis.stuck_pods.is_empty(),
            "Terminating",
            "A pod that was asked to end and is not gone yet. One that is still there long after its \
             grace period is called stuck here, and elsewhere a zombie: it may go on working.",
        ),
        (
            has(&EventKind::Rollout),
            "Rollout",
            "The replacement of the pods of a workload by those of another version.",
        ),
        (
            analysis.driver.is_some(),
            "Onset",
            "When a series left its normal level, with the uncertainty that its sampling leaves.",
        ),
        (
            !analysis.changepoints.is_empty(),
            "Change point",
            "An instant from which on a series keeps another level, slope or spread.",
        ),
        (
            !analysis.suspects.is_empty(),
            "Suspect",
            "An event, or events that are one cause, with the probability that it brought this about.",
        ),
        (
            !analysis.suspects.is_empty(),
            "Speaks for it, or against it",
            "How much a piece of evidence makes a suspect more or less probable: barely, plainly, strongly or \
             very strongly. The exact weight of each stands among the figures, as the natural logarithm of \
             the odds; weights are added.",
        ),
        (
            analysis.impact.is_some(),
            "Median",
            "The value in the middle: half of the samples lie above it and half below.",
        ),
        (
            !context.input.said.alarms.is_empty(),
            "Quiet time",
            "The part of the evidence in which nothing of this incident shows. What an alarm does there \
             is a false alarm.",
        ),
    ];
    let rows = words
        .into_iter()
        .filter(|(used, ..)| *used)
        .map(|(_, word, meaning)| vec![vec![Inline::Strong(word.to_owned())], vec![text(meaning)]])
        .collect();
    let head = ["Word", "What is meant"].map(str::to_owned).to_vec();
    section("glossary", "Glossary", vec![Block::Table { head, rows }])
}
