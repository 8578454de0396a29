//! How large the parts of an I/O are beside each other: the story's clue was metadata, several hundred
//! times what was read and written.

use crate::lane::{Content, Curve, Lane, Part, PartKind};
use crate::value::value_text;
use model::{Timestamp, Window};

impl Part {
    pub(crate) fn without_sums(&self) -> Self {
        Self {
            sums: Vec::new(),
            ..*self
        }
    }

    /// What the samples of each column sum to, of those from the first place to before the second.
    /// Columns are counted from the epoch.
    pub(crate) fn in_columns(
        &self,
        points: &[(Timestamp, f64)],
        (from, to): (usize, usize),
        length: i64,
    ) -> Vec<(Timestamp, f64)> {
        let mut out: Vec<(Timestamp, f64)> = Vec::new();
        if !self.sums.is_empty() {
            // Thinned already: columns of columns.
            let ends = points.get(from).zip(points.get(to.saturating_sub(1)));
            let Some(((first, _), (last, _))) = ends else {
                return out;
            };
            let inside = |t: &Timestamp| *t >= first.floor_to(length) && t <= last;
            for (t, sum) in self.sums.iter().filter(|(t, _)| inside(t)) {
                add(&mut out, t.floor_to(length), *sum);
            }
            return out;
        }
        // What lies before the first sample is no part of its column.
        for (t, value) in points.get(from..to).unwrap_or(&[]) {
            add(
                &mut out,
                t.floor_to(length),
                value * f64::from(self.period_s),
            );
        }
        out
    }
}

fn add(columns: &mut Vec<(Timestamp, f64)>, column: Timestamp, sum: f64) {
    match columns.last_mut() {
        Some((at, all)) if *at == column => *all += sum,
        _ => columns.push((column, sum)),
    }
}

impl Curve {
    /// What a part sums to in a window, in the unit of its sums; `None`: no sample is in it. Of a
    /// thinned curve a column counts by the share of it that lies in the window.
    fn sum_in(&self, part: &Part, window: Window) -> Option<f64> {
        let within = |list: &[(Timestamp, f64)], reach: i64| {
            let start = window.start.plus(-reach);
            let from = list.partition_point(|(t, _)| *t <= start);
            let to = list.partition_point(|(t, _)| *t < window.end);
            from..to.max(from)
        };
        let Some(length) = self.thinned.filter(|ms| *ms > 0) else {
            // A sample at the window's start counts.
            let inside = self.points.get(within(&self.points, 1))?;
            let sum: f64 = inside.iter().map(|(_, v)| v).sum();
            return (!inside.is_empty()).then(|| sum * f64::from(part.period_s));
        };
        let columns = part.sums.get(within(&part.sums, length))?;
        let period = i64::from(part.period_s) * 1000;
        let last = self.points.last().map(|(t, _)| t.plus(period));
        let share = |t: Timestamp| {
            let end = t.floor_to(length).plus(length);
            let end = end.min(last.unwrap_or(end)).max(t.plus(1));
            let inside = end.min(window.end).since(t.max(window.start)).max(0);
            inside as f64 / end.since(t) as f64
        };
        let sum: f64 = columns.iter().map(|(t, sum)| sum * share(*t)).sum();
        (!columns.is_empty()).then_some(sum)
    }
}

/// What is measured of the parts.
type Measured = [(PartKind, Option<f64>); 3];

impl Lane {
    /// Whether the lane compares parts.
    pub(crate) fn has_parts(&self) -> bool {
        self.parts().next().is_some()
    }

    fn parts(&self) -> impl Iterator<Item = (&Curve, &Part)> {
        let curves = match &self.content {
            Content::Metric(plot) => plot.curves.as_slice(),
            Content::Events { .. } => &[],
        };
        curves.iter().filter_map(|c| Some((c, c.part.as_ref()?)))
    }

    fn measured(&self, of: impl Fn(&Curve, &Part) -> Option<f64>) -> Option<Measured> {
        self.has_parts().then(|| {
            [PartKind::Metadata, PartKind::Read, PartKind::Write].map(|kind| {
                let mut parts = self.parts().filter(|(_, part)| part.kind == kind);
                (kind, parts.next().and_then(|(curve, part)| of(curve, part)))
            })
        })
    }

    /// How the parts of the I/O compare over a window, with what they sum to: `metadata is 411 × reads
    /// and 380 × writes (1.2 TiB, 3 GiB, 3.2 GiB)`. What is missing or zero is said to be unknown.
    /// `None`: the lane does not compare parts.
    pub fn ratio_in(&self, window: Window) -> Option<String> {
        let sums = self.measured(|curve, part| curve.sum_in(part, window))?;
        let text = |(_, sum): &(PartKind, Option<f64>)| {
            sum.map_or_else(|| "not measured".to_owned(), |v| value_text(v, "Bytes"))
        };
        let texts: Vec<String> = sums.iter().map(text).collect();
        Some(format!("{} ({})", compared(&sums), texts.join(", ")))
    }

    /// The same at an instant, without the sums.
    pub fn ratio_at(&self, at: Timestamp) -> Option<String> {
        let rates = self.measured(|curve, _| curve.mean_at(at))?;
        // Where nothing is measured at all, each curve says so.
        let any = rates.iter().any(|(_, rate)| rate.is_some());
        any.then(|| compared(&rates))
    }

    /// Metadata as a multiple of reads and of writes in a window; `None` in each place where it is
    /// unknown.
    pub fn multiples_in(&self, window: Window) -> Option<[Option<f64>; 2]> {
        let sums = self.measured(|curve, part| curve.sum_in(part, window))?;
        Some(multiples(&sums))
    }
}

/// Metadata over reads and over writes.
fn multiples([(_, metadata), (_, read), (_, write)]: &Measured) -> [Option<f64>; 2] {
    [read, write].map(|below| {
        let below = below.filter(|v| *v > 0.0)?;
        let times = (*metadata)? / below;
        times.is_finite().then_some(times)
    })
}

fn compared(measured: &Measured) -> String {
    let [reads, writes] = multiples(measured);
    let [(_, metadata), (_, read), (_, write)] = *measured;
    let Some(_) = metadata else {
        return "how metadata compares with reads and writes is unknown: it was not measured"
            .to_owned();
    };
    let text = |times: Option<f64>, below: Option<f64>, what: &str| match (times, below) {
        (Some(times), _) => format!("{} × {what}", value_text(times, "Count")),
        (None, Some(_)) => format!("an unknown multiple of {what} (they are zero)"),
        (None, None) => format!("an unknown multiple of {what} (not measured)"),
    };
    format!(
        "metadata is {} and {}",
        text(reads, read, "reads"),
        text(writes, write, "writes")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lane::{LaneKind, Plot};
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_seconds(minute * 60)
    }

    fn window(from: i64, to: i64) -> Window {
        Window {
            start: at(from),
            end: at(to),
        }
    }

    fn curve(kind: PartKind, values: impl Iterator<Item = f64>) -> Curve {
        Curve {
            points: (0..).map(at).zip(values).collect(),
            gap_ms: 90_000,
            part: Some(Part {
                kind,
                period_s: 60,
                sums: Vec::new(),
            }),
            ..Curve::default()
        }
    }

    fn lane(curves: Vec<Curve>) -> Lane {
        Lane {
            id: "io".into(),
            title: String::new(),
            unit: "Bytes/Second".into(),
            kind: LaneKind::Metric,
            summary: String::new(),
            series: Vec::new(),
            events: Vec::new(),
            content: Content::Metric(Plot {
                curves,
                ..Plot::default()
            }),
            marks: Vec::new(),
            bands: Vec::new(),
        }
    }

    #[test]
    fn metadata_is_told_as_a_multiple_and_nothing_is_divided_by_zero() {
        let flat = |kind, value: f64| curve(kind, std::iter::repeat_n(value, 100));
        let all = lane(vec![
            flat(PartKind::Metadata, 1024.0 * 400.0),
            flat(PartKind::Read, 1024.0),
            flat(PartKind::Write, 2048.0),
        ]);
        let clue = "metadata is 400 × reads and 200 × writes";
        let whole = all.ratio_in(window(0, 100)).unwrap();
        assert_eq!(whole, format!("{clue} (2.29 GiB, 5.86 MiB, 11.7 MiB)"));
        assert_eq!(all.ratio_at(at(50)).as_deref(), Some(clue));
        assert_eq!(all.ratio_at(at(500)), None, "nothing is measured there");
        let beyond = all.ratio_in(window(200, 300)).unwrap();
        assert!(
            beyond.contains("unknown") && beyond.contains("not measured"),
            "{beyond}"
        );
        let some = lane(vec![
            flat(PartKind::Metadata, 9.0),
            flat(PartKind::Read, 0.0),
        ]);
        assert_eq!(
            some.ratio_at(at(3)).unwrap(),
            "metadata is an unknown multiple of reads (they are zero) and an unknown multiple of writes \
             (not measured)"
        );
        assert_eq!(some.multiples_in(window(0, 9)), Some([None, None]));
        let none = lane(vec![Curve::default()]);
        assert_eq!(none.ratio_in(window(0, 9)), None);
    }

    proptest! {
        /// However it is cut, what a window sums to stays, but for the columns at its ends.
        #[test]
        fn thinning_keeps_the_sums(
            seed in 1..1_000_i64, from in 0..2_000_i64, length in 300..4_000_i64, columns in 40..900_u32,
        ) {
            let value = |i: i64| ((i * seed) % 97 + 1) as f64;
            let whole = lane(vec![
                curve(PartKind::Metadata, (0..6_000).map(value)),
                curve(PartKind::Read, (0..6_000).map(|i| value(i + 31))),
                curve(PartKind::Write, (0..6_000).map(|_| 1.0)),
            ]);
            let shown = window(from, from + length);
            let cut = whole.slice(window(0, 6_000), columns).slice(window(0, 6_000), columns / 2);
            let all = [&whole, &cut].map(|lane| lane.multiples_in(window(0, 6_000)).unwrap());
            for (exact, near) in all[0].iter().zip(all[1]) {
                let off = near.unwrap() / exact.unwrap() - 1.0;
                prop_assert!(off.abs() < 1e-3, "the whole is whole: {off}");
            }
            let exact = whole.multiples_in(shown).unwrap();
            let near = cut.multiples_in(shown).unwrap();
            // Two columns of a hundred at most, each of values within a hundred.
            let share = 2.0 * 6_000.0 / f64::from(columns / 2) / length as f64;
            for (exact, near) in exact.into_iter().zip(near) {
                let (exact, near) = (exact.unwrap(), near.unwrap());
                let off = (near / exact - 1.0).abs();
                prop_assert!(off <= 4.0 * share + 1e-3, "{exact} {near}: {off} of {share}");
            }
        }
    }
}
