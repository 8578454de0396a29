//! What if: the balance as it would have been, and the minutes of impact that would not have been.
//!
//! A scenario is a file: it changes what is wanted, what is earned or what the bucket holds, and the
//! bucket's equation does the rest. The model is first run over the past as it was measured, from the
//! first sample on without looking again: how far off it is there is in every answer.
//!
//! What is wanted while the credits are gone is not measured, because throttling cuts it: it is taken
//! to be what was wanted in the last day before (or since the drain began).

mod less_io;
mod mitigated;
mod run;
mod size;
mod throughput;
mod without_suspect;
mod world;

use crate::{Settings, case::Case};
use model::{
    Analysis, Evidence,
    analysis::{
        Verdict,
        what_if::{Outcome, Scenario},
    },
};
use run::Plan;
use world::World;

/// Answers a question about one burst balance (its series id), from the frozen evidence and what the
/// analysis made of it.
///
/// `Unknown` where the evidence lacks what the answer follows from; never `Clear`.
pub fn what_if(
    evidence: &Evidence,
    analysis: &Analysis,
    settings: &Settings,
    balance: &str,
    scenario: &Scenario,
) -> Verdict<Outcome> {
    let case = Case::bare(evidence, settings, balance);
    let answer = World::of(&case, analysis, balance).and_then(|world| {
        let plan = plan(&world, scenario)?;
        Ok(run::answer(&world, &plan))
    });
    match answer {
        Ok(outcome) => Verdict::Found(outcome),
        Err(missing) => Verdict::Unknown { missing },
    }
}

/// What the scenario changes. Every scenario is listed here.
fn plan(world: &World, scenario: &Scenario) -> Result<Plan, String> {
    match scenario {
        Scenario::WithoutSuspect => without_suspect::plan(world),
        Scenario::Mitigated { at } => mitigated::plan(world, *at),
        Scenario::Throughput(throughput) => throughput::plan(world, *throughput),
        Scenario::Size { earned_per_s, cap } => size::plan(world, *earned_per_s, *cap),
        Scenario::LessIo { part, share } => less_io::plan(world, *part, *share),
    }
}
