//! The demonstration incidents against their truth: what the story must show, for several seeds.

use model::Timestamp;
use server::dossier::Dossier;
use simulate::{Simulated, Truth};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

fn minutes_apart(a: Timestamp, b: Timestamp) -> f64 {
    a.since(b).abs() as f64 / 60_000.0
}

/// Analyses a simulated incident and holds what both incidents have in common against the truth.
fn analysed(name: &str, seed: u64, simulated: &Simulated) -> model::Analysis {
    let truth = &simulated.truth;
    let dossier = Dossier::of_bundle(&simulated.bundle).expect("a simulated bundle can be read");
    let analysis = dossier.analysis;
    let who = format!("{name}, seed {seed}");

    let driver = analysis.driver.as_ref().expect(&who);
    assert!(
        minutes_apart(driver.onset, truth.onset) <= 5.0,
        "{who}: onset {} instead of {}",
        driver.onset,
        truth.onset
    );
    assert!(
        driver.uncertainty_s <= 600,
        "{who}: onset ± {} s",
        driver.uncertainty_s
    );
    named(&who, truth, &analysis);

    let mut stuck: Vec<&String> = analysis.stuck_pods.iter().map(|p| &p.event).collect();
    let mut expected: Vec<&String> = truth.stuck_pods.iter().collect();
    stuck.sort();
    expected.sort();
    assert_eq!(stuck, expected, "{who}: stuck pods");
    analysis
}

/// The culprit leads, and no decoy comes near it.
fn named(who: &str, truth: &Truth, analysis: &model::Analysis) {
    let first = analysis.suspects.first().expect(who);
    assert!(first.score >= 0.5, "{who}: {} {}", first.title, first.score);
    let guilty = first.events.iter().filter(|e| truth.culprit.contains(e));
    let guilty = guilty.count();
    assert!(guilty > 0, "{who}: {} is not the culprit", first.title);
    assert!(
        2 * (first.events.len() - guilty) <= first.events.len(),
        "{who}: {guilty} of {:?} are guilty",
        first.events
    );
    let led_by = first.events.first().expect(who);
    assert!(truth.culprit.contains(led_by), "{who}: led by {led_by}");
    assert!(
        !first.events.iter().any(|e| truth.decoys.contains(e)),
        "{who}: decoys in {:?}",
        first.events
    );
    for other in analysis.suspects.iter().skip(1) {
        if other.events.iter().any(|e| truth.decoys.contains(e)) {
            assert!(
                other.score < first.score && other.score < 0.5,
                "{who}: decoy {} at {}",
                other.title,
                other.score
            );
        }
    }
}

#[test]
fn the_demonstration_is_explained() {
    for seed in SEEDS {
        let simulated = simulate::zombie_pods(seed);
        let analysis = analysed("zombie pods", seed, &simulated);
        let truth = simulated.truth.exhausted_at.expect("credits run out");
        let found: Vec<Timestamp> = analysis
            .credits
            .iter()
            .filter_map(|c| c.exhausted_at)
            .collect();
        assert!(
            !found.is_empty() && found.iter().all(|at| minutes_apart(*at, truth) <= 2.0),
            "seed {seed}: exhausted at {found:?} instead of {truth}"
        );
        let felt = simulated.truth.symptom_start.expect("sites are slow");
        let impact = analysis.impact.expect("an impact");
        assert!(
            minutes_apart(impact.start, felt) <= 5.0,
            "seed {seed}: felt from {} instead of {felt}",
            impact.start
        );
    }
}

#[test]
fn the_recurrence_is_explained_and_its_end_forecast() {
    for seed in SEEDS {
        let simulated = simulate::recurrence(seed);
        let analysis = analysed("recurrence", seed, &simulated);
        let end = simulated.bundle.header.window.end;
        let credit = analysis.credits.first().expect("a balance");
        assert_eq!(credit.exhausted_at, None, "seed {seed}");
        let forecast = credit.forecast.as_ref().expect("a forecast");
        assert!(
            forecast.exhausts_at > end && forecast.low <= forecast.high,
            "seed {seed}: {forecast:?}"
        );
    }
}
