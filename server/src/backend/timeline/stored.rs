//! Curves of an incident that is too large for the memory, from the zoom levels of the database.

use chart::{Content, Curve, Lane, Part, Role, drawn_unit};
use model::{IncidentId, Series, Window};
use store::{Bucket, EvidenceStore, StoreError};

/// A lane with its curves inside a window: every sample where they are no more than the columns, else
/// the lowest and the highest of each bucket; so much beyond the window's ends as can be joined with
/// what is inside.
pub(super) async fn filled<S: EvidenceStore + Sync + ?Sized>(
    store: &S,
    incident: &IncidentId,
    series: &[Series],
    lane: &Lane,
    window: Window,
    columns: u32,
) -> Result<Lane, StoreError> {
    let mut lane = lane.clone();
    let Content::Metric(plot) = &mut lane.content else {
        return Ok(lane);
    };
    for curve in &mut plot.curves {
        let of = series.iter().find(|s| s.meta.id == curve.series);
        let Some(of) = of.filter(|_| curve.role == Role::Measured) else {
            continue;
        };
        let column = window.millis() / i64::from(columns.max(1));
        let reach = window.widened(curve.gap_ms.max(column).max(1));
        let buckets = store
            .pyramid(incident, &curve.series, reach, columns as usize)
            .await?;
        *curve = curve_of(curve, &buckets, drawn_unit(&of.meta).1);
    }
    Ok(lane)
}

/// The curve with those buckets as its samples, times `factor`.
fn curve_of(curve: &Curve, buckets: &[Bucket], factor: f64) -> Curve {
    let is_sample = |b: &Bucket| b.count == 1 && b.end.since(b.start) == 1;
    if buckets.iter().all(is_sample) {
        let points = buckets.iter().map(|b| (b.start, b.max * factor));
        return Curve {
            points: points.collect(),
            ..curve.clone()
        };
    }
    let length = buckets.first().map_or(1, |b| b.end.since(b.start));
    let extremes = buckets
        .iter()
        .map(|b| (b.start, b.min * factor, b.max * factor));
    let part = curve.part.as_ref().map(|part| Part {
        sums: buckets
            .iter()
            .map(|b| {
                let sum = b.mean * b.count as f64 * factor * f64::from(part.period_s);
                (b.start, sum)
            })
            .collect(),
        ..part.clone()
    });
    Curve {
        part,
        ..curve.clone().of_buckets(length, extremes)
    }
}
