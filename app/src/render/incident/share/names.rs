//! The list of what is replaced by what. Runs of one scheduled job, each of which has a name of its own,
//! are one row that opens.

use crate::backend::StandIn;
use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Names that the list shows at once.
const MOST_NAMES: usize = 5_000;

/// So many runs of one job are a row of their own.
const FEWEST_RUNS: usize = 3;

/// What is replaced by what: for whoever shares, and nobody else.
pub(super) fn names(names: &[StandIn]) -> Markup {
    if names.is_empty() {
        return view! {
            <p class="notice" role="note" data-testid="share-plain">
                "Nothing is hidden: readers see every name."
            </p>
        }
        .markup();
    }
    let rows = grouped(names.get(..MOST_NAMES).unwrap_or(names))
        .into_iter()
        .map(|row| match row {
            Row::Name(name) => single(name),
            Row::Runs(of, runs) => together(&of, &runs),
        })
        .collect_view();
    let more = names.len().saturating_sub(MOST_NAMES);
    let more = (more > 0).then(|| {
        view! { <p class="small">{format!("and {more} more")}</p> }
    });
    view! {
        <details class="more panel" data-testid="share-names">
            <summary>{format!("{} are replaced", model::words::count(names.len(), "name"))}</summary>
            <p class="small">
                "Only you see this list. A name that is missing here, such as one that people write in \
                 their own way, goes into \u{201c}further words\u{201d}."
            </p>
            <div class="scroll" tabindex="0" role="region" aria-label="Names and their stand-ins">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Readers see"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {more}
        </details>
    }
    .markup()
}

fn single(n: &StandIn) -> Markup {
    view! {
        <tr>
            <td>{n.kind}</td>
            <td>
                <code data-testid="hidden-name">{n.name.clone()}</code>
            </td>
            <td>
                <code>{n.stand_in.clone()}</code>
            </td>
        </tr>
    }
    .markup()
}

fn together(of: &str, runs: &[&StandIn]) -> Markup {
    let kind = runs.first().map_or("", |n| n.kind);
    let items = runs
        .iter()
        .map(|n| {
            view! {
                <li>
                    <code data-testid="hidden-name">{n.name.clone()}</code>
                    " as "
                    <code>{n.stand_in.clone()}</code>
                </li>
            }
        })
        .collect_view();
    view! {
        <tr data-testid="hidden-runs">
            <td>{kind}</td>
            <td colspan="2">
                <details>
                    <summary>
                        <code>{of.to_owned()}</code>
                        {format!(": {} runs", runs.len())}
                    </summary>
                    <ul class="plain">{items}</ul>
                </details>
            </td>
        </tr>
    }
    .markup()
}

/// A row of the list.
enum Row<'n> {
    Name(&'n StandIn),
    /// What their names have in common, and all of them.
    Runs(String, Vec<&'n StandIn>),
}

/// The names in their order; runs of one job stand where the first of them does.
fn grouped(names: &[StandIn]) -> Vec<Row<'_>> {
    let mut runs: BTreeMap<(&str, String), Vec<&StandIn>> = BTreeMap::new();
    for name in names {
        if let Some(of) = runs_of(&name.name) {
            runs.entry((name.kind, of)).or_default().push(name);
        }
    }
    runs.retain(|_, runs| runs.len() >= FEWEST_RUNS);
    let mut shown: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut rows = Vec::new();
    for name in names {
        let key = runs_of(&name.name).map(|of| (name.kind, of));
        let Some((key, runs)) = key.and_then(|key| runs.get(&key).map(|runs| (key, runs))) else {
            rows.push(Row::Name(name));
            continue;
        };
        if !shown.contains(&key) {
            rows.push(Row::Runs(key.1.clone(), runs.clone()));
            shown.insert(key);
        }
    }
    rows
}

/// What the names of all runs of a scheduled job have in common, with a mark for what differs. Kubernetes
/// names a job after its schedule and the time that it was due, in minutes since 1970 (in seconds before
/// 1.21), and a pod after its job and five characters.
fn runs_of(name: &str) -> Option<String> {
    let due =
        |part: &str| (8..=10).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let (job, last) = name.rsplit_once('-')?;
    if due(last) {
        return Some(format!("{job}-…"));
    }
    let is_drawn = last.len() == 5 && last.bytes().all(|b| b.is_ascii_alphanumeric());
    let (job, of) = job.rsplit_once('-')?;
    (is_drawn && due(of)).then(|| format!("{job}-…-…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand_in(name: &str) -> StandIn {
        StandIn {
            kind: "workload",
            name: name.into(),
            stand_in: format!("for-{name}"),
        }
    }

    #[test]
    fn runs_are_told_by_the_time_that_they_were_due() {
        let job = Some("cron-…");
        assert_eq!(runs_of("cron-1590278400").as_deref(), job);
        assert_eq!(runs_of("cron-26504640").as_deref(), job);
        assert_eq!(runs_of("cron-26504640-x7b2k").as_deref(), Some("cron-…-…"));
        for name in [
            "cron",
            "cron-7",
            "web-5d4f8c7b9-x7b2k",
            "26504640",
            "cron-123456789012",
            "",
        ] {
            assert_eq!(runs_of(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_is_in_the_list_once_and_few_runs_stay_single() {
        let names: Vec<StandIn> = [
            "shop",
            "cron-26504640",
            "few-26504640",
            "cron-26504641",
            "few-26504641",
            "cron-26504642",
        ]
        .map(stand_in)
        .into();
        let told: Vec<String> = grouped(&names)
            .iter()
            .map(|row| match row {
                Row::Name(name) => name.name.clone(),
                Row::Runs(of, runs) => format!("{} of {of}", runs.len()),
            })
            .collect();
        assert_eq!(
            told,
            ["shop", "3 of cron-…", "few-26504640", "few-26504641"]
        );
    }
}
