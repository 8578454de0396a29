use super::*;
use proptest::prelude::*;

const ALL: [MissingData; 4] = [
    MissingData::Missing,
    MissingData::Ignore,
    MissingData::Breaching,
    MissingData::NotBreaching,
];

fn of(breaching: u32, of: u32, missing: MissingData) -> Periods {
    Periods {
        period_s: 300,
        breaching,
        of,
        missing,
    }
}

/// The tables of the user guide: data points, how many have to be filled in, then the state for `missing`,
/// `ignore`, `breaching` and `notBreaching`. `O` is OK, `A` alarm, `I` insufficient data, `R` retain current
/// state.
fn guide(m: u32, n: u32, rows: &[(&str, usize, &str)]) {
    for (points, filled, states) in rows {
        let range = range_of(points);
        let real = range.iter().flatten().count();
        assert_eq!((n as usize).saturating_sub(real), *filled, "{points}");
        let got: String = ALL
            .iter()
            .map(|missing| letter(state(&range, &of(m, n, *missing))))
            .collect();
        assert_eq!(&got, states, "{m} of {n}: {points}");
    }
}

fn range_of(points: &str) -> Vec<Option<bool>> {
    let one = |point| match point {
        "X" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    points.split(' ').map(one).collect()
}

fn letter(state: AlarmState) -> char {
    match state {
        AlarmState::Ok => 'O',
        AlarmState::Alarm => 'A',
        AlarmState::InsufficientData => 'I',
        AlarmState::Retained => 'R',
    }
}

#[test]
fn three_of_three_as_in_the_guide() {
    guide(
        3,
        3,
        &[
            ("0 - X - X", 0, "OOOO"),
            ("0 - - - -", 2, "OOOO"),
            ("- - - - -", 3, "IRAO"),
            ("0 X X - X", 0, "AAAA"),
            ("- - X - -", 2, "ARAO"),
        ],
    );
    // "The next time this alarm is evaluated, if the data is still missing it will go to ALARM".
    guide(3, 3, &[("- - - - -", 3, "IRAO")]);
}

#[test]
fn two_of_three_as_in_the_guide() {
    guide(
        2,
        3,
        &[
            ("0 - X - X", 0, "AAAA"),
            ("0 0 X 0 X", 0, "AAAA"),
            ("0 - X - -", 1, "OOAO"),
            ("- - - - 0", 2, "OOAO"),
            ("- - - X -", 2, "ARAO"),
        ],
    );
}

/// "Avoiding premature transitions to alarm state".
#[test]
fn premature_alarms_as_in_the_guide() {
    let at = |points: &str, m| state(&range_of(points), &of(m, 3, MissingData::Missing));
    // Not immediately: the next datapoint may be a good one.
    for points in ["- - - - X", "- - - X -", "- - - X 0", "- - X - 0"] {
        assert_eq!(at(points, 3), AlarmState::Ok, "{points}");
    }
    // The oldest breaching one is old enough, and none since is a good one.
    for points in ["- - X - -", "- X - - -", "X - - - -", "- - X X -"] {
        assert_eq!(at(points, 3), AlarmState::Alarm, "{points}");
    }
    // M of N as well, whatever M is.
    assert_eq!(at("- - - X -", 2), AlarmState::Alarm);
    assert_eq!(at("- - - - X", 2), AlarmState::Ok);
    assert_eq!(at("- - - - X", 1), AlarmState::Alarm);
}

#[test]
fn before_the_evidence_nothing_is_missing() {
    // Two periods are known and one of them breaches: the third may have been good.
    let at = |points: &str| state(&range_of(points), &of(2, 3, MissingData::Breaching));
    assert_eq!(at("0 X"), AlarmState::Ok);
    assert_eq!(at("- X"), AlarmState::Alarm);
    assert_eq!(at("X X"), AlarmState::Alarm);
}

#[test]
fn the_figure_of_the_guide_goes_off_in_the_third_period_above() {
    // Threshold 3, three of three: above in periods 3 to 5, again in the ninth alone.
    let values = [2.0, 2.5, 3.5, 4.0, 3.6, 2.0, 2.0, 2.0, 3.5, 2.0];
    let points: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let levels = levels(&points, 1, &of(3, 3, MissingData::Missing));
    let alarm: Vec<usize> = (0..points.len()).filter(|i| levels[*i] > 3.0).collect();
    assert_eq!(alarm, [4]);
}

fn minute(k: i64) -> Timestamp {
    Timestamp::from_seconds(1_600_000_200 + 60 * k)
}

/// One sample a minute.
fn minutes(values: impl IntoIterator<Item = f64>) -> (Series, Window) {
    let mut series = Series::default();
    for (k, value) in (0..).zip(values) {
        series.samples.push(minute(k), value);
    }
    let window = Window {
        start: minute(0),
        end: minute(1_000),
    };
    (series, window)
}

#[test]
fn periods_are_put_together_as_the_statistic_says() {
    let (mut series, window) = minutes((0..10).map(f64::from));
    for (stat, wanted) in [
        ("Sum", [10.0, 35.0]),
        ("Average", [2.0, 7.0]),
        ("Maximum", [4.0, 9.0]),
        ("Minimum", [0.0, 5.0]),
    ] {
        series.meta.stat = stat.into();
        let seen = Datapoints::aligned(&series, window, 300);
        assert_eq!(seen.ends, [minute(5).millis(), minute(10).millis()]);
        assert_eq!(seen.points, wanted.map(Some), "{stat}");
    }
}

/// "at the end of minute 5 the alarm evaluates based on data from minutes 1 to 5. Then at the end of minute 6,
/// the alarm is evaluated based on the data from minutes 2 to 6."
#[test]
fn an_alarm_is_evaluated_every_minute_over_the_last_period() {
    let (series, window) = minutes([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);
    let one = of(1, 1, MissingData::Missing);
    let seen = Datapoints::sliding(&series, window, &one, Stat::Sum);
    assert_eq!(seen.ends, [5, 6, 7].map(|k| minute(k).millis()));
    assert_eq!(seen.points, [31.0, 62.0, 124.0].map(Some));
    assert_eq!((seen.stride, seen.step_ms), (5, MINUTE));
}

#[test]
fn evaluations_come_as_often_as_the_guide_says_and_the_data_allow() {
    let (mut series, window) = minutes((0..100).map(f64::from));
    let step = |series: &Series, period_s, of| {
        let wanted = Periods {
            period_s,
            of,
            ..Periods::default()
        };
        step_of(series, window, &wanted)
    };
    // A period of more than a day in all: once an hour.
    assert_eq!(step(&series, 3_600, 24), MINUTE);
    assert_eq!(step(&series, 3_600, 25), HOUR);
    assert_eq!(step(&series, 300, 288), MINUTE);
    // Periods of seconds need data of seconds.
    assert_eq!(step(&series, 10, 1), 10 * SECOND);
    series.meta.period_s = Some(10);
    assert_eq!(step(&series, 30, 1), 10 * SECOND);
    // Five minutes in one sample slide no finer.
    series.meta.period_s = Some(300);
    assert_eq!(step(&series, 900, 1), 5 * MINUTE);
    assert_eq!(step(&series, 60, 1), MINUTE);
    assert_eq!(step(&series, 420, 1), 7 * MINUTE);
}

/// The guide's "Example of evaluating a multi-day alarm": a job fails at 10:02, the evaluation of 10:00 does not
/// see it, that of 11:00 does; at 11:43 the job runs well, and the evaluation of 12:00 sees that.
#[test]
fn an_alarm_over_days_sees_whole_hours() {
    let hour = |h: i64| Timestamp::from_seconds(1_600_041_600 + 3_600 * h);
    let mut series = Series::default();
    // One in every minute as long as the last run was good; what is 10:00 there is the 72nd hour here.
    for k in 0..(80 * 60) {
        let at = hour(0).plus(k * MINUTE);
        let failed = at >= hour(72) && at < hour(73).plus(43 * MINUTE);
        series.samples.push(at, if failed { 0.0 } else { 1.0 });
    }
    let window = Window {
        start: hour(0),
        end: hour(80),
    };
    let wanted = Periods {
        period_s: 3_600,
        breaching: 1,
        of: 72,
        missing: MissingData::Breaching,
    };
    let seen = Datapoints::sliding(&series, window, &wanted, Stat::Maximum);
    let down: Vec<Option<f64>> = seen.points.iter().map(|p| p.map(|v| -v)).collect();
    let one = Periods { of: 1, ..wanted };
    let levels = levels(&down, seen.stride, &one);
    let alarm: Vec<i64> = (0..levels.len())
        .filter(|i| levels[*i] > -1.0)
        .map(|i| seen.ends[i])
        .collect();
    assert_eq!(alarm, [hour(73).millis()]);
}

#[test]
fn what_a_sample_stands_for_is_over_before_it_counts() {
    let (mut series, window) = minutes([1.0, 2.0, 3.0]);
    series.meta.source = "prometheus".into();
    let one = Periods {
        period_s: 60,
        ..Periods::default()
    };
    // A sample of Prometheus is of its instant, one of CloudWatch of the minute that begins then.
    let seen = Datapoints::sliding(&series, window, &one, Stat::Average);
    assert_eq!(seen.ends, [0, 1, 2].map(|k| minute(k).millis()));
    series.meta.source = "cloudwatch".into();
    let seen = Datapoints::sliding(&series, window, &one, Stat::Average);
    assert_eq!(seen.ends, [1, 2, 3].map(|k| minute(k).millis()));
}

proptest! {
    /// The levels of all thresholds at once say what asking for each threshold says.
    #[test]
    fn levels_are_what_the_states_are(
        values in prop::collection::vec(prop::option::weighted(0.6, 0_u8..6), 1..40),
        n in 1_u32..6,
        m in 1_u32..6,
        treatment in 0_usize..4,
        threshold in 0_u8..6,
        stride in 1_usize..4,
    ) {
        let periods = of(m.min(n), n, ALL[treatment]);
        let points: Vec<Option<f64>> = values.iter().map(|v| v.map(f64::from)).collect();
        let levels = levels(&points, stride, &periods);
        let range = n as usize + MORE;
        let mut before = false;
        for i in 0..points.len() {
            let same: Vec<Option<f64>> = points[..=i].iter().rev().step_by(stride).take(range).copied().collect();
            let seen: Vec<Option<bool>> = same
                .iter()
                .rev()
                .map(|p| p.map(|v| v > f64::from(threshold)))
                .collect();
            let alarm = match state(&seen, &periods) {
                AlarmState::Alarm => true,
                AlarmState::Retained => before,
                _ => false,
            };
            prop_assert_eq!(levels[i] > f64::from(threshold), alarm, "{} of {:?}", i, &points);
            before = alarm;
        }
    }
}
