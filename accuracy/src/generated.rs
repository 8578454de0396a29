//! Generated incidents whose truth is known: how often the analysis is right about them, beside two
//! naive baselines.

mod baselines;
mod judged;
mod statistics;
mod tables;

use crate::Outcome;
use judged::Judged;
use simulate::families::{Case, FAMILIES, Family};
use std::thread;

/// Seeds that the analysis may be tuned on.
const TUNE: &str = include_str!("../seeds/tune.txt");
/// Seeds that figures are reported on.
const REPORT: &str = include_str!("../seeds/report.txt");

/// What to run.
pub(crate) struct Wanted {
    report: bool,
    family: Option<String>,
    verbose: bool,
    without: Without,
}

impl Wanted {
    /// Reads the arguments.
    pub(crate) fn of(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut wanted = Self {
            report: false,
            family: None,
            verbose: false,
            without: Without::Nothing,
        };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--seeds" => match arguments.next().as_deref() {
                    Some("tune") => wanted.report = false,
                    Some("report") => wanted.report = true,
                    _ => return Err("expected `--seeds tune` or `--seeds report`".into()),
                },
                "--family" => wanted.family = arguments.next(),
                "--verbose" => wanted.verbose = true,
                "--without" => match arguments.next().as_deref() {
                    Some("edges") => wanted.without = Without::Edges,
                    Some("links") => wanted.without = Without::Links,
                    _ => return Err("expected `--without edges` or `--without links`".into()),
                },
                other => return Err(format!("unknown argument '{other}'").into()),
            }
        }
        if wanted.report && wanted.verbose {
            return Err("incidents of the report seeds are not looked at one by one".into());
        }
        Ok(wanted)
    }
}

/// What is taken out of the evidence, to see how much hangs on it.
#[derive(Clone, Copy, PartialEq)]
enum Without {
    Nothing,
    /// The topology.
    Edges,
    /// The topology, what the series measure, and the namespaces.
    Links,
}

impl Without {
    fn of(self, mut case: Case) -> Case {
        if self != Self::Nothing {
            case.evidence.topology.clear();
        }
        if self == Self::Links {
            for series in &mut case.evidence.series {
                series.meta.resource = None;
                if !series.meta.namespace.starts_with("AWS/") {
                    series.meta.namespace.clear();
                }
            }
            for event in &mut case.evidence.events {
                event.namespace.clear();
            }
        }
        case
    }
}

/// Runs the incidents and prints the tables.
pub(crate) fn score(wanted: &Wanted) -> Outcome<()> {
    let seeds = seeds(if wanted.report { REPORT } else { TUNE })?;
    let families: Vec<&Family> = FAMILIES
        .iter()
        .filter(|f| wanted.family.as_deref().is_none_or(|name| name == f.name))
        .collect();
    if families.is_empty() {
        let names: Vec<&str> = FAMILIES.iter().map(|f| f.name).collect();
        return Err(format!("no such family; there are {}", names.join(", ")).into());
    }
    let work: Vec<(&Family, u64)> = families
        .iter()
        .flat_map(|f| seeds.iter().map(move |s| (*f, *s)))
        .collect();
    let half = work.len().div_ceil(2);
    let (first, second) = work.split_at(half);
    let (mut all, more) = thread::scope(|scope| {
        let other = scope.spawn(|| judge(second, wanted.without));
        (judge(first, wanted.without), other.join())
    });
    all.extend(more.map_err(|_| "a thread failed")?);
    if wanted.verbose {
        for judged in all.iter().filter(|j| !j.is_fine()) {
            println!("{}", judged.told());
        }
    }
    let which = if wanted.report { "report" } else { "tune" };
    println!("\n{} incidents of the {which} seeds\n", all.len());
    tables::print(&families, &all);
    Ok(())
}

fn judge(work: &[(&Family, u64)], without: Without) -> Vec<Judged> {
    work.iter()
        .map(|(family, seed)| Judged::of(&without.of(family.tell(*seed))))
        .collect()
}

fn seeds(text: &str) -> Outcome<Vec<u64>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| Ok(line.parse()?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_two_lists_are_long_enough_and_share_no_seed() {
        let list = |text| -> BTreeSet<u64> { seeds(text).unwrap().into_iter().collect() };
        let (tune, report) = (list(TUNE), list(REPORT));
        assert!(tune.is_disjoint(&report));
        assert!(report.len() >= 50);
        let innocent = FAMILIES.iter().filter(|f| !f.has_culprit).count();
        assert!(innocent * report.len() >= 200);
    }

    #[test]
    fn a_seed_tells_the_same_incident_every_time() {
        for family in &FAMILIES {
            let told = [7, 7, 8].map(|seed| family.tell(seed));
            assert_eq!(told[0], told[1], "{}", family.name);
            assert_ne!(told[0], told[2], "{}", family.name);
            assert_eq!(told[0].truth.causes.is_empty(), !family.has_culprit);
        }
    }

    /// The demonstration's answer, without the server around it.
    #[test]
    fn the_demonstration_is_explained() {
        for seed in 1..=4 {
            for simulated in [simulate::zombie_pods(seed), simulate::recurrence(seed)] {
                let evidence = simulated.bundle.evidence();
                let out = analysis::analyse(
                    &evidence,
                    &analysis::Settings::default(),
                    evidence.window.end,
                );
                let truth = simulated.truth;
                let first = &out.suspects[0];
                let guilty = first.events.iter().filter(|e| truth.culprit.contains(e));
                assert!(truth.culprit.contains(&first.events[0]), "{first:?}");
                assert!(2 * guilty.count() >= first.events.len() && first.score >= 0.5);
                let decoy = |s: &&model::analysis::Suspect| {
                    s.events.iter().any(|e| truth.decoys.contains(e))
                };
                assert!(out.suspects.iter().filter(decoy).all(|s| s.score < 0.5));
                let driver = out.driver.unwrap();
                let minutes = driver.onset.since(truth.onset).abs() / model::time::MINUTE;
                assert!(minutes <= 5 && driver.uncertainty_s <= 600, "{driver:?}");
            }
        }
    }
}
