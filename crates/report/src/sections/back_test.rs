//! Alarms that would have caught it: what each would have done in this incident, and how often it
//! would have cried wolf in the quiet time beside it.

use super::{Context, actions, paragraph, section, text};
use model::report::{Block, Inline, Section};

pub(super) fn write(context: &mut Context<'_>) -> Option<Section> {
    let alarms = context.input.said.alarms;
    let mut items: Vec<Vec<Inline>> = Vec::new();
    for (n, alarm) in alarms.iter().enumerate() {
        let key = format!("alarm.{}", n + 1);
        let mut line = actions::in_words(context, &alarm.rule, &key);
        line.push(text(". "));
        let (tested, missing) = (alarm.tested.as_ref(), alarm.missing.as_str());
        line.extend(actions::would_have(
            context,
            &alarm.rule,
            tested,
            missing,
            &key,
        ));
        items.push(line);
    }
    let blocks = if items.is_empty() {
        vec![paragraph(vec![text(
            "Which alarm would have caught it is unknown: the evidence has nothing that one could watch.",
        )])]
    } else {
        let care = "Each was tried on this incident and on the quiet time in the same evidence. A rule \
                    that is thought out for an incident looks better on it than it is.";
        vec![Block::List(items), paragraph(vec![text(care)])]
    };
    section("back-test", "Alarms that would have caught it", blocks)
}
