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

/// The examples of the user guide: data points, then the state for `missing`, `ignore`, `breaching`
/// and `notBreaching`. `O` is OK, `A` alarm, `I` insufficient data, `R` retain current state.
fn guide(m: u32, n: u32, rows: &[(&str, &str)]) {
    for (points, states) in rows {
        let range: Vec<Option<bool>> = points
            .split(' ')
            .map(|p| match p {
                "X" => Some(true),
                "0" => Some(false),
                _ => None,
            })
            .collect();
        let got: String = ALL
            .iter()
            .map(|missing| match state(&range, &of(m, n, *missing)) {
                AlarmState::Ok => 'O',
                AlarmState::Alarm => 'A',
                AlarmState::InsufficientData => 'I',
                AlarmState::Retained => 'R',
            })
            .collect();
        assert_eq!(&got, states, "{m} of {n}: {points}");
    }
}

#[test]
fn three_of_three_as_in_the_guide() {
    guide(
        3,
        3,
        &[
            ("0 - X - X", "OOOO"),
            ("0 - - - -", "OOOO"),
            ("- - - - -", "IRAO"),
            ("0 X X - X", "AAAA"),
            ("- - - - X", "IRAO"),
            ("X - - - -", "ARAO"),
        ],
    );
}

#[test]
fn two_of_three_as_in_the_guide() {
    guide(
        2,
        3,
        &[
            ("0 - X - X", "AAAA"),
            ("0 0 X 0 X", "AAAA"),
            ("0 - X - -", "OOAO"),
            ("- - - - 0", "OOAO"),
            ("- - - - X", "IRAO"),
        ],
    );
}

#[test]
fn the_figure_of_the_guide_goes_off_in_the_third_period_above() {
    // Threshold 3, three of three: above in periods 3 to 5, again in the ninth alone.
    let values = [2.0, 2.5, 3.5, 4.0, 3.6, 2.0, 2.0, 2.0, 3.5, 2.0];
    let points: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
    let levels = levels(&points, &of(3, 3, MissingData::Missing));
    let alarm: Vec<usize> = (0..points.len()).filter(|i| levels[*i] > 3.0).collect();
    assert_eq!(alarm, [4]);
}

#[test]
fn periods_are_put_together_as_the_statistic_says() {
    let minute = |k: i64| Timestamp::from_seconds(1_600_000_200 + 60 * k);
    let mut series = Series::default();
    for k in 0..10 {
        series.samples.push(minute(k), k as f64);
    }
    let window = Window {
        start: minute(0),
        end: minute(10),
    };
    for (stat, wanted) in [
        ("Sum", [10.0, 35.0]),
        ("Average", [2.0, 7.0]),
        ("Maximum", [4.0, 9.0]),
        ("Minimum", [0.0, 5.0]),
    ] {
        series.meta.stat = stat.into();
        let (ends, points) = by_period(&series, window, 300);
        assert_eq!(ends, [minute(5).millis(), minute(10).millis()]);
        assert_eq!(points, wanted.map(Some), "{stat}");
    }
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
    ) {
        let periods = of(m.min(n), n, ALL[treatment]);
        let points: Vec<Option<f64>> = values.iter().map(|v| v.map(f64::from)).collect();
        let levels = levels(&points, &periods);
        let range = n as usize + MORE;
        let mut before = false;
        for i in 0..points.len() {
            let seen: Vec<Option<bool>> = points[(i + 1).saturating_sub(range)..=i]
                .iter()
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
