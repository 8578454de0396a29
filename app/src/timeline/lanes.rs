//! Lanes as shown: drawn at two widths, with a table of the same.

use super::{LaneView, Picture, Table};
use crate::dress::axis_lane;
use chart::{Content, EventItem, Focus, Lane, Plot, Size, value_text};
use model::{Evidence, Timestamp, Window};

/// Width of the pictures on wide and on narrow screens, in CSS pixels. The page scales them to
/// their column; at these widths the letters keep their size.
const WIDE: u32 = 960;
/// See [`WIDE`].
const NARROW: u32 = 340;

/// Rows of a lane's table: enough to read the shape, few enough to listen to.
const BUCKETS: i64 = 12;

/// Events that a lane's table lists.
const LISTED: usize = 60;

/// Height of the axis that stays in sight, in CSS pixels.
const AXIS: u32 = 40;

/// The time axis alone: a lane without events, so that its ticks are those of the lanes below.
pub(super) fn axis(window: Window) -> Picture {
    let empty = axis_lane();
    let draw = |width| {
        let height = AXIS;
        chart::svg(&empty, window, Size { width, height })
    };
    Picture {
        wide: draw(WIDE),
        narrow: draw(NARROW),
    }
}

/// A lane, drawn over a window, what is not in focus faint; `height` in CSS pixels where it is not the
/// usual.
pub(super) fn lane(
    lane: &Lane,
    evidence: &Evidence,
    window: Window,
    height: Option<u32>,
    focus: &Focus,
) -> LaneView {
    let height = height.unwrap_or_else(|| lane.height());
    let draw = |width| chart::svg_focused(lane, window, Size { width, height }, focus);
    LaneView {
        id: lane.id.clone(),
        dim: false,
        pinned: false,
        alarm: None,
        height: lane.height(),
        title: lane.title.clone(),
        unit: lane.unit.clone(),
        summary: match lane.ratio_in(window) {
            Some(ratio) if window != evidence.window => {
                format!("In sight {ratio}. {}", lane.summary)
            }
            _ => lane.summary.clone(),
        },
        picture: Picture {
            wide: draw(WIDE),
            narrow: draw(NARROW),
        },
        table: match &lane.content {
            Content::Metric(plot) => with_ratio(values(plot, &lane.unit, window), lane, window),
            Content::Events { items, .. } => events(items, evidence),
        },
    }
}

/// The parts of a window that rows are about.
fn parts(window: Window) -> impl Iterator<Item = Window> {
    let step = (window.millis() / BUCKETS).max(1);
    (0..BUCKETS).map(move |i| Window {
        start: window.start.plus(i * step),
        end: window.start.plus((i + 1) * step),
    })
}

/// Adds what multiple of reads and of writes the metadata was, where the lane compares them.
fn with_ratio(mut table: Table, lane: &Lane, window: Window) -> Table {
    let text = |times: Option<f64>| {
        times.map_or_else(
            || "unknown".to_owned(),
            |times| format!("{} ×", value_text(times, "Count")),
        )
    };
    if lane.multiples_in(window).is_some() {
        let head = ["metadata to reads", "metadata to writes"];
        table.head.extend(head.map(str::to_owned));
    }
    for (row, part) in table.rows.iter_mut().zip(parts(window)) {
        row.extend(lane.multiples_in(part).into_iter().flatten().map(text));
    }
    table
}

/// Mean of each curve in each part of the window; a part without samples says so.
fn values(plot: &Plot, unit: &str, window: Window) -> Table {
    let parts = parts(window);
    let mut head = vec!["From (UTC)".to_owned()];
    head.extend(plot.curves.iter().map(|c| format!("{}, mean", c.label)));
    let rows = parts
        .map(|part| {
            let mut row = vec![part.start.minute()];
            row.extend(plot.curves.iter().map(|c| {
                mean(&c.points, part).map_or("no data".to_owned(), |v| value_text(v, unit))
            }));
            row
        })
        .collect();
    Table { head, rows }
}

fn mean(points: &[(Timestamp, f64)], part: Window) -> Option<f64> {
    let from = points.partition_point(|(t, _)| *t < part.start);
    let to = points.partition_point(|(t, _)| *t < part.end);
    let inside = points.get(from..to).filter(|p| !p.is_empty())?;
    Some(inside.iter().map(|(_, v)| v).sum::<f64>() / inside.len() as f64)
}

fn events(items: &[EventItem], evidence: &Evidence) -> Table {
    let mut rows: Vec<Vec<String>> = items
        .iter()
        .take(LISTED)
        .map(|item| {
            let from = if item.start_unknown {
                format!("unknown, before {}", item.start.minute())
            } else {
                item.start.minute()
            };
            let until = match item.end {
                Some(end) => end.minute(),
                None if item.open => "still going on".into(),
                None => String::new(),
            };
            let title = evidence
                .event(&item.event)
                .map(|e| e.title.clone())
                .filter(|t| !t.is_empty())
                .unwrap_or_else(|| item.label.clone());
            vec![from, until, title]
        })
        .collect();
    if items.len() > LISTED {
        let more = format!("and {} more", items.len() - LISTED);
        rows.push(vec![String::new(), String::new(), more]);
    }
    Table {
        head: ["From (UTC)", "To (UTC)", "What"]
            .map(String::from)
            .to_vec(),
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chart::{Curve, Ink, LaneKind, Part, PartKind};

    #[test]
    fn a_lane_of_parts_says_how_they_compare_in_sight_and_row_by_row() {
        let at = Timestamp::from_seconds;
        let window = |from, to| Window {
            start: at(from),
            end: at(to),
        };
        let curve = |kind, value: f64| Curve {
            label: format!("{kind:?}"),
            points: (0..120).map(|i| (at(i * 60), value)).collect(),
            gap_ms: 90_000,
            part: Some(Part {
                kind,
                period_s: 60,
                sums: Vec::new(),
            }),
            ..Curve::default()
        };
        let io = Lane {
            id: "io".into(),
            title: "I/O by kind".into(),
            unit: "Bytes/Second".into(),
            kind: LaneKind::Metric,
            content: Content::Metric(Plot {
                curves: vec![
                    curve(PartKind::Metadata, 4_110.0),
                    curve(PartKind::Read, 10.0),
                    curve(PartKind::Write, 0.0),
                ],
                ..Plot::default()
            }),
            ..axis_lane()
        };
        let evidence = Evidence {
            window: window(0, 7_200),
            ..Evidence::default()
        };
        let shown = window(600, 1_800);
        let view = lane(&io, &evidence, shown, None, &Focus::default());
        let clue = "metadata is 411 × reads and an unknown multiple of writes (they are zero)";
        assert!(
            view.summary.starts_with(&format!("In sight {clue}")),
            "{}",
            view.summary
        );
        for picture in [&view.picture.wide, &view.picture.narrow] {
            assert!(picture.contains("metadata is 411 × reads"));
        }
        assert_eq!(
            view.table.head[4..],
            ["metadata to reads", "metadata to writes"]
        );
        assert_eq!(view.table.rows.len(), 12);
        assert!(
            view.table
                .rows
                .iter()
                .all(|r| r[4..] == ["411 ×", "unknown"])
        );
    }

    #[test]
    fn a_part_without_samples_is_no_data_and_never_zero() {
        let at = Timestamp::from_seconds;
        let window = Window {
            start: at(0),
            end: at(1_200),
        };
        let plot = Plot {
            curves: vec![Curve {
                series: "s".into(),
                label: "Credits".into(),
                points: vec![(at(0), 2.0), (at(50), 4.0), (at(1_199), 1.0)],
                gap_ms: 60_000,
                ink: Ink::S1,
                ..Curve::default()
            }],
            ..Plot::default()
        };
        let table = values(&plot, "Count", window);
        assert_eq!(table.rows.len(), 12);
        assert_eq!(table.rows[0][1], value_text(3.0, "Count"));
        assert_eq!(table.rows[1][1], "no data");
        assert_eq!(table.rows[11][1], value_text(1.0, "Count"));
    }
}
