//! Burst balances of instances and volumes, made by their published rules: what must be read off
//! them, what must not be claimed, and what follows from them.

use analysis::{Settings, analyse, back_test, what_if};
use model::{
    Analysis, Evidence, Samples, Series, SeriesMeta, Timestamp, Window,
    analysis::{
        CreditState, Verdict,
        back_test::{Comparison, Periods, Rule},
        what_if::{Outcome, Part, Scenario, Throughput},
    },
    time::{HOUR, MINUTE},
};

/// Five-minute periods.
const STEP: i64 = 5 * MINUTE;

fn at(step: usize) -> Timestamp {
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    Timestamp::from_seconds(1_709_251_200).plus(step * STEP)
}

/// Roughly normal noise.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }
}

fn series(id: &str, namespace: &str, stat: &str, values: &[f64]) -> Series {
    Series {
        meta: SeriesMeta {
            id: id.to_lowercase(),
            name: id.into(),
            namespace: namespace.into(),
            stat: stat.into(),
            ..SeriesMeta::default()
        },
        samples: Samples::from_unordered(
            values
                .iter()
                .enumerate()
                .map(|(i, v)| (at(i), *v))
                .collect(),
        ),
    }
}

fn evidence(series: Vec<Series>, steps: usize) -> Evidence {
    let mut out = Evidence {
        window: Window {
            start: at(0),
            end: at(steps),
        },
        series,
        ..Evidence::default()
    };
    out.sort();
    out
}

fn run(evidence: &Evidence) -> Analysis {
    analyse(evidence, &Settings::default(), evidence.window.end)
}

/// An instance: credits earned an hour, vCPUs, first balance, and its use of CPU.
struct Instance {
    earned: f64,
    vcpus: f64,
    first: f64,
    used: Vec<f64>,
}

impl Instance {
    /// Balance after each period, and the first period without credits.
    fn balance(&self) -> (Vec<f64>, Option<usize>) {
        let mut balance = self.first;
        let cap = 24.0 * self.earned;
        let values: Vec<f64> = self
            .used
            .iter()
            .map(|used| {
                let spent = used / 100.0 * self.vcpus * 5.0;
                balance = (balance + self.earned / 12.0 - spent).clamp(0.0, cap);
                balance
            })
            .collect();
        let empty = values.iter().position(|v| *v <= 0.0);
        (values, empty)
    }

    /// What is known after so many periods.
    fn seen(&self, steps: usize) -> Evidence {
        let (balance, _) = self.balance();
        let columns = vec![
            series("CPUCreditBalance", "AWS/EC2", "Average", &balance[..steps]),
            series("CPUUtilization", "AWS/EC2", "Average", &self.used[..steps]),
        ];
        evidence(columns, steps)
    }
}

/// A load that wanders about a mean, with days.
fn load(seed: u64, mean: f64, wander: f64, days: usize) -> Vec<f64> {
    let mut noise = noise(seed);
    let mut rest = 0.0;
    (0..days * 288)
        .map(|i| {
            rest = 0.97 * rest + 0.25 * wander * noise();
            let day = (i as f64 / 288.0 * std::f64::consts::TAU).sin();
            (mean * (1.0 + 0.15 * day) + rest + 0.5 * noise()).clamp(0.5, 100.0)
        })
        .collect()
}

#[test]
fn type_and_size_of_an_instance_follow_from_balance_and_use() {
    // t3.micro: 12 credits an hour for two vCPUs, a baseline of 10 %.
    let instance = Instance {
        earned: 12.0,
        vcpus: 2.0,
        first: 200.0,
        used: load(1, 14.0, 3.0, 3),
    };
    let out = run(&instance.seen(500));
    let credit = &out.credits[0];
    assert!((credit.baseline_per_s.expect("known") * 3600.0 - 12.0).abs() < 1e-9);
    assert!(credit.note.contains("t3.micro"), "{}", credit.note);
    assert!(credit.residual.expect("known") < 0.02, "{credit:?}");
    assert_eq!(credit.unexplained, None);
}

#[test]
fn intervals_hold_what_they_promise() {
    let (mut inside, mut errors, mut sure) = (0, Vec::new(), Vec::new());
    for seed in 1..=60 {
        let instance = Instance {
            earned: 24.0,
            vcpus: 2.0,
            first: 350.0,
            used: load(seed, 24.0 + (seed % 5) as f64, 4.0, 7),
        };
        let Some(empty) = instance.balance().1.filter(|e| *e > 300) else {
            continue;
        };
        for share in [0.5, 0.7, 0.85, 0.95] {
            let out = run(&instance.seen((empty as f64 * share) as usize));
            let credit = &out.credits[0];
            let Some(f) = credit.forecast.as_ref().or(credit.outlook.as_ref()) else {
                continue;
            };
            inside += usize::from(f.low <= at(empty) && at(empty) <= f.high);
            let off = f.exhausts_at.since(at(empty)).abs() as f64 / HOUR as f64;
            errors.push(off);
            if credit.forecast.is_some() {
                sure.push(off);
            }
        }
    }
    let median = |errors: &mut Vec<f64>| {
        errors.sort_by(f64::total_cmp);
        errors[errors.len() / 2]
    };
    let share = inside as f64 / errors.len() as f64;
    println!(
        "{inside} of {} inside the 90 % interval; median error {:.2} h, of {} sure ones {:.2} h",
        errors.len(),
        median(&mut errors),
        sure.len(),
        median(&mut sure)
    );
    assert!(errors.len() > 150, "{}", errors.len());
    assert!((0.85..=0.97).contains(&share), "{share}");
    assert!(sure.len() > 40 && median(&mut sure) < 1.5);
    assert!(median(&mut errors) < 3.0);
}

#[test]
fn a_load_that_the_instance_can_bear_is_no_alarm() {
    for seed in 1..=60 {
        let instance = Instance {
            earned: 24.0,
            vcpus: 2.0,
            first: 350.0,
            used: load(seed, 16.0, 6.0, 5),
        };
        assert_eq!(instance.balance().1, None, "seed {seed}");
        for steps in [400, 700, 1_000, 1_400] {
            let out = run(&instance.seen(steps));
            assert_eq!(out.credits[0].forecast, None, "seed {seed}, {steps} steps");
        }
    }
}

#[test]
fn a_jump_of_the_load_is_forecast_within_two_hours() {
    let mut used = load(3, 10.0, 1.0, 4);
    for value in used.iter_mut().skip(700) {
        *value = 90.0;
    }
    let instance = Instance {
        earned: 24.0,
        vcpus: 2.0,
        first: 500.0,
        used,
    };
    let empty = instance.balance().1.expect("soon");
    let out = run(&instance.seen(724));
    let credit = &out.credits[0];
    let forecast = credit.forecast.as_ref().expect("a forecast");
    let off = forecast.exhausts_at.since(at(empty)).abs();
    assert!(off <= HOUR, "{} min, {credit:?}", off / MINUTE);
}

/// A gp2 volume of 100 GiB: 300 credits a second; reads and writes above it from noon on.
fn volume(steps: usize) -> Evidence {
    let mut noise = noise(5);
    let mut balance = 100.0;
    let (mut reads, mut writes, mut balances) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..steps {
        let iops = if i < 144 { 150.0 } else { 420.0 } * (1.0 + 0.05 * noise());
        reads.push(iops * 200.0);
        writes.push(iops * 100.0);
        balances.push(balance);
        balance = f64::clamp(balance + (300.0 - iops) * 300.0 / 5.4e4, 0.0, 100.0);
    }
    let columns = vec![
        series("BurstBalance", "AWS/EBS", "Average", &balances),
        series("VolumeReadOps", "AWS/EBS", "Sum", &reads),
        series("VolumeWriteOps", "AWS/EBS", "Sum", &writes),
    ];
    evidence(columns, steps)
}

#[test]
fn a_volume_is_the_same_mechanism() {
    let out = run(&volume(144 + 60));
    let credit = &out.credits[0];
    assert!(
        credit.note.contains("a volume of 100 GiB"),
        "{}",
        credit.note
    );
    assert!(credit.residual.expect("known") < 0.1, "{credit:?}");
    assert_eq!(credit.state, CreditState::Draining);
    // 100 % of 5.4 million at 120 above what is earned: twelve and a half hours.
    let truth = at(144).plus((5.4e6 / 120.0 * 1000.0) as i64);
    let forecast = credit.forecast.as_ref().expect("a forecast");
    let off = forecast.exhausts_at.since(truth).abs();
    assert!(off <= HOUR, "{} min", off / MINUTE);
}

#[test]
fn what_a_volume_would_have_kept_without_the_driver() {
    let evidence = volume(600);
    let analysis = run(&evidence);
    let empty = analysis.credits[0].exhausted_at.expect("it runs out");
    let driver = analysis.driver.as_ref().expect("a driver");
    assert_eq!(driver.series, "volumereadops");
    // Only the reads' share of the excess is the driver's: two thirds of it.
    let Verdict::Found(out) = ask(&evidence, &analysis, &Scenario::WithoutSuspect) else {
        panic!("unknown")
    };
    assert!(out.error.share < 0.02, "{:?}", out.error);
    assert!(out.exhausted_at.is_none(), "{:?}", out.exhausted_at);
    let Verdict::Found(late) = ask(
        &evidence,
        &analysis,
        &Scenario::Mitigated {
            at: empty.plus(-HOUR),
        },
    ) else {
        panic!("unknown")
    };
    assert!(late.exhausted_at.is_none() && late.curve.len() < out.curve.len());
}

#[test]
fn traffic_of_another_thing_is_a_finding() {
    let mut evidence = volume(600);
    for series in &mut evidence.series {
        if series.meta.name == "VolumeReadOps" {
            let times = series.samples.times().to_vec();
            let quiet = times.into_iter().enumerate();
            let points = quiet.map(|(i, t)| (t, if i % 97 < 40 { 90_000.0 } else { 500.0 }));
            series.samples = Samples::from_unordered(points.collect());
        }
    }
    let credit = &run(&evidence).credits[0];
    let words = credit.unexplained.as_ref().expect("a finding");
    assert!(words.contains("another"), "{words}");
    evidence.series.retain(|s| s.meta.name == "BurstBalance");
    let credit = &run(&evidence).credits[0];
    assert_eq!((credit.residual, credit.unexplained.as_ref()), (None, None));
}

fn ask(evidence: &Evidence, analysis: &Analysis, scenario: &Scenario) -> Verdict<Outcome> {
    let id = &analysis.credits[0].series;
    what_if(evidence, analysis, &Settings::default(), id, scenario)
}

#[test]
fn a_larger_size_keeps_its_credits() {
    let instance = Instance {
        earned: 12.0,
        vcpus: 2.0,
        first: 150.0,
        used: load(9, 17.0, 2.0, 4),
    };
    let evidence = instance.seen(4 * 288);
    let analysis = run(&evidence);
    assert!(analysis.credits[0].exhausted_at.is_some());
    let larger = Scenario::Size {
        earned_per_s: 24.0 / 3600.0,
        cap: 576.0,
    };
    let Verdict::Found(out) = ask(&evidence, &analysis, &larger) else {
        panic!("unknown")
    };
    assert!(out.error.share < 0.02, "{:?}", out.error);
    assert_eq!(out.exhausted_at, None);
    assert!(out.curve.values().iter().all(|v| (0.0..=576.0).contains(v)));
    assert!(out.impact_min > 0.0 && (out.impact_min_avoided - out.impact_min).abs() < 1e-9);
    let half = Scenario::LessIo {
        part: Part::All,
        share: 0.0,
    };
    let Verdict::Found(same) = ask(&evidence, &analysis, &half) else {
        panic!("unknown")
    };
    assert!(
        same.impact_min_avoided.abs() < 1e-9,
        "nothing changed, nothing avoided"
    );
    // Only file systems have throughput modes.
    let elastic = Scenario::Throughput(Throughput::Elastic);
    assert!(matches!(
        ask(&evidence, &analysis, &elastic),
        Verdict::Unknown { .. }
    ));
}

#[test]
fn what_is_missing_is_said_and_nothing_is_invented() {
    let instance = Instance {
        earned: 12.0,
        vcpus: 2.0,
        first: 150.0,
        used: load(9, 17.0, 2.0, 4),
    };
    let mut evidence = instance.seen(1_000);
    let analysis = run(&evidence);
    let scenario = Scenario::WithoutSuspect;
    let mut rule = Rule::Threshold {
        series: "cpuutilization".into(),
        comparison: Comparison::GreaterThan,
        threshold: 50.0,
        periods: Periods::default(),
    };
    assert!(matches!(
        back_test(&evidence, &analysis, &rule),
        Verdict::Found(_)
    ));
    evidence.series.retain(|s| s.meta.name != "CPUUtilization");
    for verdict in [
        ask(&evidence, &analysis, &scenario),
        what_if(
            &evidence,
            &analysis,
            &Settings::default(),
            "nothing",
            &scenario,
        ),
    ] {
        let Verdict::Unknown { missing } = verdict else {
            panic!("answered")
        };
        assert!(!missing.is_empty());
    }
    assert!(matches!(
        back_test(&evidence, &analysis, &rule),
        Verdict::Unknown { .. }
    ));
    rule = Rule::ZombieAge { age_s: 600.0 };
    assert!(matches!(
        back_test(&evidence, &analysis, &rule),
        Verdict::Unknown { .. }
    ));
}

/// A file system of 100 GiB whose bucket is emptied by its metered bytes, and what is known of it.
fn file_system(steps: usize, more: &[Series]) -> Evidence {
    let earned = 100.0 * 50.0 * 1024.0;
    let step_s = STEP as f64 / 1000.0;
    let mut noise = noise(5);
    let mut now = 4e11;
    let (mut balance, mut used) = (Vec::new(), Vec::new());
    for _ in 0..steps {
        balance.push(now);
        let spent = (8e6 + 1e6 * noise()) * step_s;
        now = (now + earned * step_s - spent).max(0.0);
        used.push(spent);
    }
    let mut columns = vec![
        series("BurstCreditBalance", "AWS/EFS", "Average", &balance),
        series("MeteredIOBytes", "AWS/EFS", "Sum", &used),
    ];
    columns.extend_from_slice(more);
    evidence(columns, steps)
}

fn stored(steps: usize) -> Series {
    series(
        "StorageBytes",
        "AWS/EFS",
        "Average",
        &vec![100.0 * 1024_f64.powi(3); steps],
    )
}

#[test]
fn the_theoretical_line_follows_the_balance_of_a_file_system_whose_size_is_known() {
    let steps = 400;
    for (with, says) in [
        ("metric", "StorageBytes"),
        ("described", "DescribeFileSystems"),
    ] {
        let mut evidence = file_system(steps, &[stored(steps)]);
        if with == "described" {
            evidence.series.retain(|s| s.meta.name != "StorageBytes");
            let bytes = 107_374_182_400_u64;
            for series in &mut evidence.series {
                series.meta.extra.insert("size_bytes".into(), bytes.into());
            }
        }
        let out = run(&evidence);
        let credit = &out.credits[0];
        assert_eq!(credit.no_theory, "");
        let theory = credit.theory.as_ref().expect(with);
        assert!(theory.basis.contains(says), "{}", theory.basis);
        assert!(theory.error_share < 0.001, "{}", theory.error_share);
        assert!(theory.line.len() < steps / 2, "{}", theory.line.len());
        let balance = evidence.series("burstcreditbalance").expect("there");
        for (at, measured) in balance.samples.iter() {
            let off = theory.at(at).expect("measured throughout") - measured;
            assert!(off.abs() < 0.002 * 4e11, "{with}, {at}: {off}");
        }
    }
}

#[test]
fn a_theory_that_departs_from_the_balance_says_by_how_much() {
    let steps = 400;
    // Another size than the evidence says, and hours in which nobody measured what was spent.
    let big = series(
        "StorageBytes",
        "AWS/EFS",
        "Average",
        &vec![130.0 * 1024_f64.powi(3); steps],
    );
    let mut evidence = file_system(steps, &[big]);
    let dark = Window {
        start: at(200),
        end: at(224),
    };
    for series in &mut evidence.series {
        if series.meta.name == "MeteredIOBytes" {
            let kept = series.samples.iter().filter(|(t, _)| !dark.contains(*t));
            series.samples = Samples::from_unordered(kept.collect());
        }
    }
    let out = run(&evidence);
    let theory = out.credits[0].theory.as_ref().expect("a theory");
    assert!(theory.error_share > 0.1, "{}", theory.error_share);
    assert_eq!(theory.unmeasured, [dark]);
    assert_eq!(theory.at(at(210)), None);
    assert!(theory.at(at(199)).is_some() && theory.at(at(225)).is_some());
}

#[test]
fn where_the_physics_does_not_apply_there_is_no_line_and_a_reason() {
    let steps = 400;
    let none = |evidence: &Evidence| {
        let credit = run(evidence).credits[0].clone();
        assert_eq!(credit.theory, None, "{}", credit.no_theory);
        credit.no_theory
    };
    let unknown_size = none(&file_system(steps, &[]));
    assert!(unknown_size.contains("StorageBytes"), "{unknown_size}");
    for mode in ["elastic", "provisioned"] {
        let mut evidence = file_system(steps, &[stored(steps)]);
        for series in &mut evidence.series {
            series
                .meta
                .extra
                .insert("throughput_mode".into(), mode.into());
        }
        let why = none(&evidence);
        assert!(why.contains(mode), "{why}");
    }
    let mut alone = file_system(steps, &[stored(steps)]);
    alone.series.retain(|s| s.meta.name != "MeteredIOBytes");
    assert!(none(&alone).contains("MeteredIOBytes"));
    // The size of a volume is read off its balance.
    assert!(none(&volume(steps)).contains("from the balance alone"));
}
