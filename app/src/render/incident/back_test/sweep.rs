//! What other thresholds would have done.

use super::super::study::address;
use crate::render::markup::{IntoMarkup, Markup};
use crate::{backend::BackTestAnswer, input::query_of, render::table};
use chart::value_text;
use leptos::prelude::*;
use model::{
    analysis::back_test::{Rule, Sweep, SweepPoint},
    time::{SECOND, span_text},
};

/// Rows of the table of thresholds.
const MOST_ROWS: usize = 12;

/// A threshold as people write it.
fn threshold_text(answer: &BackTestAnswer, rule: &Rule, value: f64) -> String {
    match rule {
        Rule::Threshold { series, .. } => {
            let unit = answer.case.evidence.series(series);
            value_text(value, unit.map_or("", |s| s.meta.unit.as_str()))
        }
        Rule::CreditForecast { .. } | Rule::ZombieAge { .. } => span_text((value * 1000.0) as i64),
        Rule::Anomaly { .. } => format!("{value} deviations"),
    }
}

/// Points at which something changes; of many, evenly some.
fn telling(points: &[SweepPoint], keep: &[f64]) -> Vec<SweepPoint> {
    let mut out: Vec<SweepPoint> = Vec::new();
    for point in points {
        let same = out.last().is_some_and(|last| {
            (last.lead_s, last.false_alarms) == (point.lead_s, point.false_alarms)
        });
        let kept = keep
            .iter()
            .any(|k| k.to_bits() == point.threshold.to_bits());
        if !same || kept {
            out.push(*point);
        }
    }
    let every = out.len().div_ceil(MOST_ROWS).max(1);
    let last = out.len().saturating_sub(1);
    out.into_iter()
        .enumerate()
        .filter(|(i, p)| {
            let kept = keep.iter().any(|k| k.to_bits() == p.threshold.to_bits());
            i % every == 0 || *i == last || kept
        })
        .map(|(_, p)| p)
        .collect()
}

/// What other thresholds would have done, and the one that is proposed.
pub(super) fn swept(answer: &BackTestAnswer, rule: &Rule, sweep: &Sweep, wanted: f64) -> Markup {
    let path = format!("/incidents/{}/back-test", answer.case.incident.id);
    let own = rule.threshold();
    let best = sweep.best.map(|b| b.threshold);
    let keep: Vec<f64> = best.into_iter().chain([own]).collect();
    let rows = telling(&sweep.points, &keep)
        .into_iter()
        .map(|point| {
            let mut query = query_of(&rule.at(point.threshold));
            query.push(("wanted", wanted.to_string()));
            let chip = if best.is_some_and(|b| b.to_bits() == point.threshold.to_bits()) {
                Some(("chip chip-good", "proposed"))
            } else if own.to_bits() == point.threshold.to_bits() {
                Some(("chip", "tested"))
            } else {
                None
            };
            let chip = chip.map(|(class, word)| view! { <span class=class>{word}</span> });
            let lead = point.lead_s.map_or_else(
                || "does not catch it".to_owned(),
                |lead| span_text(lead * SECOND),
            );
            view! {
                <tr>
                    <th scope="row">
                        <a href=address(&path, &query)>
                            {threshold_text(answer, rule, point.threshold)}
                        </a>
                        " "
                        {chip}
                    </th>
                    <td class="number">{lead}</td>
                    <td class="number">{point.false_alarms}</td>
                </tr>
            }
            .markup()
        })
        .collect();
    let proposal = match sweep.best {
        Some(best) => format!(
            "In the middle of the thresholds whose lead is within 2 % of the longest, with at most {wanted} false alarms a week of quiet time: {}.",
            threshold_text(answer, rule, best.threshold)
        ),
        None => format!("No threshold catches this with at most {wanted} false alarms a week."),
    };
    let note = sweep.note.clone().map(|note| {
        view! { <p class="notice">{super::super::capitalised(&note)} "."</p> }
    });
    view! {
        <section class="panel" aria-labelledby="h-sweep" data-testid="sweep">
            <h2 id="h-sweep">"Other thresholds"</h2>
            <p>{proposal}</p>
            {note}
            {table(
                "Thresholds, from the laxest to the strictest",
                ["Threshold", "Lead before the impact", "False alarms"],
                rows,
            )}
        </section>
    }
    .markup()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(threshold: f64, lead_s: Option<i64>, false_alarms: u32) -> SweepPoint {
        SweepPoint {
            threshold,
            lead_s,
            false_alarms,
        }
    }

    #[test]
    fn the_table_of_thresholds_is_short_and_keeps_what_matters() {
        let points: Vec<SweepPoint> = (0..1_000)
            .map(|i| point(f64::from(i), Some(i64::from(1_000 - i)), 0))
            .collect();
        let rows = telling(&points, &[501.0]);
        assert!(rows.len() <= MOST_ROWS + 3, "{}", rows.len());
        assert!(
            rows.iter()
                .any(|p| p.threshold.to_bits() == 501.0_f64.to_bits())
        );
        let flat = vec![
            point(1.0, None, 0),
            point(2.0, None, 0),
            point(3.0, None, 1),
        ];
        assert_eq!(telling(&flat, &[]).len(), 2);
    }
}
