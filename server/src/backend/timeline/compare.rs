//! Laying another time or another incident over lanes.

use super::{
    super::ServerBackend,
    known::{Known, KnownLane},
};
use app::{ApiError, backend::Compare};
use chart::{Content, Curve, Lane, Plot, Role};
use model::{Evidence, SeriesMeta, Timestamp, Window, time::span_text};
use std::{collections::HashSet, sync::Arc};

/// Characters of another incident's title in a legend.
const SHORT_TITLE: usize = 40;

/// Where ghosts come from.
struct Other {
    known: Arc<Known>,
    /// Milliseconds from there to here.
    shift: i64,
    /// What the legend adds to a curve's name.
    name: String,
}

impl ServerBackend {
    /// Gives lanes, cut from `known`, their ghosts; says over how many of those that are looked at, by their
    /// ids, or why over none. The browser asks for lanes as they come into sight: what it says must not
    /// depend on that.
    pub(super) async fn compare(
        &self,
        known: &Arc<Known>,
        (lanes, over): (&mut [Lane], &[String]),
        window: Window,
        columns: u32,
        with: Compare,
    ) -> Result<String, ApiError> {
        let other = match self.other(known, with).await? {
            Ok(other) => other,
            Err(why) => return Ok(format!("There is nothing to compare with: {why}.")),
        };
        let there = Window {
            start: window.start.plus(-other.shift),
            end: window.end.plus(-other.shift),
        };
        let (mut metric, mut laid) = (0, 0);
        for lane in lanes.iter_mut() {
            let Content::Metric(plot) = &mut lane.content else {
                continue;
            };
            metric += 1;
            self.haunt(known, &other, plot, there, columns).await?;
            if !plot.ghosts.is_empty() {
                laid += 1;
                lane.summary = format!("{} Compared with {}.", lane.summary, other.name);
            }
        }
        let cut = |id: &str| lanes.iter().any(|lane| lane.id == id);
        for id in over.iter().filter(|id| !cut(id)) {
            let found = known.lanes.iter().find(|l| l.lane.id == *id);
            if let Some(lane) = found.filter(|l| matches!(l.lane.content, Content::Metric(_))) {
                metric += 1;
                let is = self.is_laid(known, &other, &lane.lane.series, there);
                laid += usize::from(is.await?);
            }
        }
        Ok(match (laid, metric) {
            (_, 0) => "There is nothing to compare: none of these lanes shows a series.".to_owned(),
            (0, _) => format!(
                "There is nothing to compare with: {} has no samples of these series from {} to {} UTC.",
                other.name,
                there.start.minute(),
                there.end.minute()
            ),
            (n, all) => format!("{} is laid over {n} of {all} lanes.", other.name),
        })
    }

    /// What to compare with, or why there is nothing.
    async fn other(
        &self,
        known: &Arc<Known>,
        with: Compare,
    ) -> Result<Result<Other, String>, ApiError> {
        let id = match with {
            Compare::Shift(shift) => {
                let way = if shift > 0 { "earlier" } else { "later" };
                let span = span_text(shift.saturating_abs());
                return Ok(Ok(Other {
                    known: known.clone(),
                    shift,
                    name: format!("{span} {way}"),
                }));
            }
            Compare::Incident(id) => id,
        };
        let other = match self.known.get(self, &id).await {
            Err(ApiError::NotFound) => return Ok(Err("there is no such incident".to_owned())),
            other => other?,
        };
        let onset = |of: &Known| of.facts.analysis.driver.as_ref().map(|d| d.onset);
        Ok(match (onset(known), onset(&other)) {
            (None, _) => Err("this incident has no onset to lay the other's on".to_owned()),
            (_, None) => Err("the other incident has no onset to lay on this one's".to_owned()),
            (Some(here), Some(there)) => {
                let title = &other.facts.incident.title;
                Ok(Other {
                    name: title.chars().take(SHORT_TITLE).collect(),
                    shift: here.since(there),
                    known: other,
                })
            }
        })
    }

    /// Whether the other time has samples of any of these series.
    async fn is_laid(
        &self,
        known: &Known,
        other: &Other,
        series: &[String],
        there: Window,
    ) -> Result<bool, ApiError> {
        for id in series {
            let own = known.facts.evidence.series(id);
            if let Some((place, like)) = own.and_then(|own| like(&own.meta, &other.known)) {
                let cut = self.cut(&other.known, &[place], there, 1).await?;
                let curve = cut.into_iter().find_map(|lane| curve_of(lane, &like));
                if curve.is_some_and(|c| has_samples(&c, there)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Adds the like curves of another time to a lane's.
    async fn haunt(
        &self,
        known: &Known,
        other: &Other,
        plot: &mut Plot,
        there: Window,
        columns: u32,
    ) -> Result<(), ApiError> {
        // What a model makes of another time is nothing to compare with.
        let measured = plot.curves.iter().filter(|c| c.role == Role::Measured);
        for curve in measured {
            let own = known.facts.evidence.series(&curve.series);
            let like = own.and_then(|own| like(&own.meta, &other.known));
            let Some((place, series)) = like else {
                continue;
            };
            let cut = self.cut(&other.known, &[place], there, columns).await?;
            let cut = cut.into_iter().find_map(|lane| curve_of(lane, &series));
            let inside = |c: &Curve| has_samples(c, there);
            plot.ghosts.extend(cut.filter(inside).map(|ghost| Curve {
                part: None,
                label: format!("{}, {}", curve.label, other.name),
                ink: curve.ink,
                ..moved(ghost, other.shift)
            }));
        }
        Ok(())
    }
}

fn has_samples(curve: &Curve, window: Window) -> bool {
    curve.points.iter().any(|(t, _)| window.contains(*t))
}

/// What measures the same has the same of these: what the source calls it, in any case.
fn what(meta: &SeriesMeta) -> [String; 4] {
    let name = meta.name.to_ascii_lowercase();
    [&meta.namespace, &name, &meta.stat, &meta.unit].map(String::clone)
}

/// What the series of an incident measure.
pub(in crate::backend) struct Measured {
    ids: HashSet<[String; 2]>,
    whats: HashSet<[String; 4]>,
}

impl Measured {
    pub(in crate::backend) fn of(evidence: &Evidence) -> Self {
        let metas = evidence.series.iter().map(|s| &s.meta);
        Self {
            ids: metas.clone().map(id).collect(),
            whats: metas.map(what).collect(),
        }
    }

    /// Whether other evidence has a series that measures the same as one of these.
    pub(in crate::backend) fn are_in(&self, other: &Evidence) -> bool {
        let mut metas = other.series.iter().map(|s| &s.meta);
        metas.any(|meta| self.ids.contains(&id(meta)) || self.whats.contains(&what(meta)))
    }
}

/// Series of one id and one unit are taken for one.
fn id(meta: &SeriesMeta) -> [String; 2] {
    [&meta.id, &meta.unit].map(String::clone)
}

/// The series that measures the same: the one of the same id, else the first of the same name,
/// statistic and unit that a lane shows. Its lane's place, and its id.
fn like(own: &SeriesMeta, other: &Known) -> Option<(usize, String)> {
    let (own_id, own_what) = (id(own), what(own));
    let shown: Vec<(usize, &SeriesMeta)> = (0..)
        .zip(&other.lanes)
        .flat_map(|(place, lane)| metas(lane, other).map(move |meta| (place, meta)))
        .collect();
    let by_id = shown.iter().find(|(_, meta)| id(meta) == own_id);
    let found = by_id.or_else(|| shown.iter().find(|(_, meta)| what(meta) == own_what))?;
    Some((found.0, found.1.id.clone()))
}

fn metas<'a>(lane: &'a KnownLane, known: &'a Known) -> impl Iterator<Item = &'a SeriesMeta> {
    let series = lane.lane.series.iter();
    series.filter_map(|id| known.facts.evidence.series(id).map(|s| &s.meta))
}

fn curve_of(lane: Lane, series: &str) -> Option<Curve> {
    match lane.content {
        Content::Metric(plot) => {
            let measured = |c: &Curve| c.role == Role::Measured && c.series == series;
            plot.curves.into_iter().find(measured)
        }
        Content::Events { .. } => None,
    }
}

/// A curve on another clock.
fn moved(mut curve: Curve, by: i64) -> Curve {
    let moved = |t: Timestamp| t.plus(by);
    for (at, _) in &mut curve.points {
        *at = moved(*at);
    }
    for (from, to) in &mut curve.gaps {
        (*from, *to) = (moved(*from), moved(*to));
    }
    curve
}
