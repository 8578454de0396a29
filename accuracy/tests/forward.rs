//! Looking forward and sideways on the simulated incidents, whose truth is known: forecast, what-if,
//! back-test, recurrence.
#![allow(clippy::expect_used, reason = "helpers of tests are tests too")]

mod decoys;

use analysis::{Settings, analyse, back_test, fingerprint, similar, sweep, what_if};
use model::{
    Analysis, Evidence,
    analysis::{
        Verdict,
        back_test::{Comparison, MissingData, Periods, Rule},
        recurrence::Fingerprint,
        what_if::{Outcome, Part, Scenario, Throughput},
    },
    time::{HOUR, MINUTE},
};
use simulate::Simulated;

const SEEDS: std::ops::RangeInclusive<u64> = 1..=3;

fn evidence(simulated: Simulated) -> Evidence {
    let bundle = simulated.bundle;
    let mut evidence = Evidence {
        window: bundle.header.window,
        impact: bundle.header.impact,
        symptom: bundle.header.symptom,
        series: bundle.series,
        events: bundle.events,
        topology: bundle.topology,
        ..Evidence::default()
    };
    evidence.sort();
    evidence
}

fn analysed(evidence: &Evidence) -> Analysis {
    analyse(evidence, &Settings::default(), evidence.window.end)
}

fn found<T>(verdict: Verdict<T>) -> T {
    match verdict {
        Verdict::Found(answer) => answer,
        Verdict::Clear { reason, .. } => panic!("clear: {reason}"),
        Verdict::Unknown { missing } => panic!("unknown: {missing}"),
    }
}

fn balance(analysis: &Analysis) -> String {
    let credit = analysis.credits.first().expect("a balance");
    credit.series.clone()
}

fn ask(evidence: &Evidence, analysis: &Analysis, scenario: &Scenario) -> Outcome {
    let balance = balance(analysis);
    found(what_if(
        evidence,
        analysis,
        &Settings::default(),
        &balance,
        scenario,
    ))
}

#[test]
fn the_story_and_its_return_are_most_alike_among_decoys() {
    for seed in SEEDS {
        let story = evidence(simulate::zombie_pods(seed));
        let again = evidence(simulate::recurrence(seed));
        let story = fingerprint(&story, &analysed(&story));
        let again = fingerprint(&again, &analysed(&again));
        let mut others: Vec<Fingerprint> = decoys::all(seed)
            .iter()
            .map(|evidence| fingerprint(evidence, &analysed(evidence)))
            .collect();
        let decoys = others.len();
        others.push(again.clone());
        let best = similar(&story, &others);
        assert_eq!(best[0].index, decoys, "seed {seed}: {best:#?}");
        assert!(best[0].score >= 0.5, "seed {seed}: {:#?}", best[0]);
        assert!(
            best[1].score < 0.75 * best[0].score,
            "seed {seed}: {:#?}",
            best[1]
        );
        others[decoys] = story;
        let best = similar(&again, &others);
        assert_eq!(best[0].index, decoys, "seed {seed}: {best:#?}");
        println!("seed {seed}: {:?} then {:.2}", best[0], best[1].score);
    }
}

#[test]
fn the_return_is_forecast() {
    for seed in SEEDS {
        let evidence = evidence(simulate::recurrence(seed));
        let analysis = analysed(&evidence);
        let forecast = analysis.credits[0].forecast.as_ref();
        let forecast = forecast.expect("a forecast, not only an outlook");
        assert!(forecast.exhausts_at > evidence.window.end, "{forecast:?}");
        println!(
            "seed {seed}: {forecast:?}, window ends {}",
            evidence.window.end
        );
    }
}

#[test]
fn hours_before_the_end_the_end_is_known() {
    for seed in SEEDS {
        let simulated = simulate::zombie_pods(seed);
        let truth = simulated.truth.exhausted_at.expect("credits run out");
        // A day before one of the zombies has yet to go, which nobody can know.
        for (hours, most) in [(24, 5.0), (12, 1.5), (6, 1.0), (2, 0.5)] {
            let mut evidence = evidence(simulated.clone());
            evidence.window.end = truth.plus(-hours * HOUR);
            let analysis = analysed(&evidence);
            let forecast = analysis.credits[0].forecast.as_ref().expect("a forecast");
            let off = forecast.exhausts_at.since(truth) as f64 / HOUR as f64;
            println!("seed {seed}, {hours} h before: {off:+.2} h, {forecast:?}");
            assert!(off.abs() <= most, "seed {seed}, {hours} h before: {off}");
        }
    }
}

#[test]
fn the_model_tells_the_past_and_without_the_suspect_nothing_happens() {
    for seed in SEEDS {
        let simulated = simulate::zombie_pods(seed);
        let truth = simulated.truth.clone();
        let evidence = evidence(simulated);
        let analysis = analysed(&evidence);
        let out = ask(&evidence, &analysis, &Scenario::WithoutSuspect);
        println!("seed {seed}: {:?} {:?}", out.error, out.notes);
        assert!(out.error.share < 0.03, "{:?}", out.error);
        let off = out.error.exhaustion_s.expect("modelled and measured");
        assert!(off.abs() < 3_600, "{off} s");
        assert_eq!(out.exhausted_at, None, "seed {seed}");
        assert!(
            (out.impact_min_avoided - out.impact_min).abs() < 1.0,
            "{out:?}"
        );
        // Six hours before the end it is not too late, an hour after it is.
        let end = truth.exhausted_at.expect("credits run out");
        let early = ask(
            &evidence,
            &analysis,
            &Scenario::Mitigated {
                at: end.plus(-6 * HOUR),
            },
        );
        assert_eq!(early.exhausted_at, None, "seed {seed}");
        let late = ask(
            &evidence,
            &analysis,
            &Scenario::Mitigated { at: end.plus(HOUR) },
        );
        assert!(
            late.impact_min_avoided > 0.0 && late.impact_min_avoided < early.impact_min_avoided,
            "{} {}",
            late.impact_min_avoided,
            early.impact_min_avoided
        );
    }
}

/// The largest distance of the theoretical line from the measured balance that the demonstration may
/// show, as a share of the largest balance; the page says the mean.
const THEORY_OFF: f64 = 0.005;

#[test]
fn the_theoretical_line_follows_the_measured_balance_of_the_demonstration() {
    for simulated in [simulate::zombie_pods(1), simulate::recurrence(1)] {
        let evidence = evidence(simulated);
        let analysis = analysed(&evidence);
        let credit = &analysis.credits[0];
        let theory = credit.theory.as_ref().expect("a theory");
        let balance = evidence.series(&credit.series).expect("a series");
        let samples: Vec<_> = balance.samples.iter().collect();
        let top = samples.iter().map(|s| s.1).fold(0.0, f64::max);
        let off = samples.iter().filter_map(|(at, measured)| {
            let off = theory.at(*at)? - measured;
            Some(off.abs() / top)
        });
        let (n, most) = off.fold((0, 0.0_f64), |(n, most), off| (n + 1, most.max(off)));
        println!(
            "{n} of {} samples, {} corners, mean {:.4}, at most {most:.4}: {}",
            samples.len(),
            theory.line.len(),
            theory.error_share,
            theory.basis
        );
        assert!(n * 10 >= samples.len() * 9, "{n} of {}", samples.len());
        assert!(theory.error_share < 0.002 && most < THEORY_OFF, "{most}");
        assert!(theory.line.len() * 10 < samples.len());
        assert_eq!(theory.line.values().first(), samples.first().map(|s| &s.1));
    }
}

#[test]
fn another_mode_or_size_or_less_metadata_would_have_helped() {
    let evidence = evidence(simulate::zombie_pods(1));
    let analysis = analysed(&evidence);
    let avoided = |scenario: &Scenario| ask(&evidence, &analysis, scenario).impact_min_avoided;
    let all = ask(&evidence, &analysis, &Scenario::WithoutSuspect).impact_min;
    let elastic = avoided(&Scenario::Throughput(Throughput::Elastic));
    assert!((elastic - all).abs() < 1e-6);
    let plenty = Throughput::Provisioned { mib_per_s: 1_000.0 };
    assert!((avoided(&Scenario::Throughput(plenty)) - all).abs() < 1e-6);
    let mut last = -1.0;
    for share in [0.0, 0.3, 0.6, 0.9] {
        let part = Part::Metadata;
        let now = avoided(&Scenario::LessIo { part, share });
        assert!(now >= last, "{share}: {now} after {last}");
        last = now;
    }
    assert!((last - all).abs() < 1.0, "{last} of {all}");
    let tib = |n: f64| n * 1024_f64.powi(4);
    let size = |n: f64| {
        avoided(&Scenario::Throughput(Throughput::Bursting {
            stored_bytes: tib(n),
        }))
    };
    assert!(size(20.0) >= size(1.0));
    assert!((size(20.0) - all).abs() < 1.0, "{}", size(20.0));
}

#[test]
fn alarms_that_would_have_caught_it() {
    for seed in SEEDS {
        let simulated = simulate::zombie_pods(seed);
        let truth = simulated.truth.clone();
        let evidence = evidence(simulated);
        let analysis = analysed(&evidence);
        let felt = analysis.impact.as_ref().expect("felt").start;
        let periods = Periods {
            period_s: 300,
            breaching: 3,
            of: 3,
            missing: MissingData::Missing,
        };
        let forecast = Rule::CreditForecast {
            series: balance(&analysis),
            horizon_s: 24.0 * 3600.0,
            lookback_s: 3 * 3600,
            periods,
        };
        let out = found(back_test(&evidence, &analysis, &forecast));
        let lead = out.lead_s.expect("it fires");
        println!(
            "seed {seed}: forecast leads by {:.1} h, {} false",
            lead as f64 / 3600.0,
            out.false_alarms
        );
        assert!((16 * 3600..30 * 3600).contains(&lead), "{lead}");
        assert_eq!(out.false_alarms, 0);

        let zombies = Rule::ZombieAge { age_s: 3600.0 };
        let out = found(back_test(&evidence, &analysis, &zombies));
        println!("seed {seed}: {out:?}");
        let lead = out.lead_s.expect("it fires") * 1000;
        let most = felt.since(truth.onset);
        assert!(
            lead > most - 3 * HOUR && lead <= most + HOUR,
            "{lead} of {most}"
        );

        let metadata = Rule::Threshold {
            series: analysis.driver.as_ref().expect("a driver").series.clone(),
            comparison: Comparison::GreaterThan,
            threshold: 0.0,
            periods,
        };
        let all = found(sweep(&evidence, &analysis, &metadata, 0.0));
        let best = all.best.expect("a threshold");
        println!(
            "seed {seed}: {best:?} of {} {:?}",
            all.points.len(),
            all.note
        );
        assert_eq!(best.false_alarms, 0);
        assert!(
            best.lead_s.expect("before") * 1000 > most - HOUR,
            "{best:?}"
        );
        assert!(truth.exhausted_at.expect("empty").since(felt).abs() < 30 * MINUTE);
    }
}
