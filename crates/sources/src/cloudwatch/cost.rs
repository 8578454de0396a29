//! What a pull costs, before it is made. Pure.
//!
//! <https://aws.amazon.com/cloudwatch/pricing/>, "API requests" (as of 2026-11-25): `GetMetricData`
//! costs 0.01 USD per 1,000 metrics requested, whatever the number of samples, and no free tier;
//! `ListMetrics`, by which a pull finds out what there is, is 0.01 USD per 1,000 requests beyond the
//! first million of a month, and is counted as if that million were used up, so that it is rather too
//! much. Prices differ a little between regions; taxes are left out.

use super::config::CloudWatchConfig;
use super::queries::{self, Listings};
use super::search::MAX_PAGES;
use super::{nothing_to_ask, plan};
use crate::source::SourceError;
use model::time::{HOUR, SECOND};
use model::{Timestamp, Window};
use serde::{Deserialize, Serialize};

/// US dollars for one metric in one `GetMetricData` call.
const USD_PER_METRIC: f64 = 0.01 / 1_000.0;
/// US dollars for one `ListMetrics` call.
const USD_PER_LISTING: f64 = 0.01 / 1_000.0;
/// Hours of a month, as AWS's own examples count them.
const HOURS_PER_MONTH: i64 = 730;

/// What is asked, and what it costs at most where `open` is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Metrics requested: each statistic of each metric, in each call. Spellings and storage classes
    /// that are asked for where nothing is listed are counted, so that it is rather too much.
    pub metrics: u64,
    /// `GetMetricData` calls, without further pages, which cost nothing of their own.
    pub requests: u64,
    /// `ListMetrics` calls that find out what there is, each without further pages.
    pub listings: u64,
    /// US dollars.
    pub usd: f64,
    /// Whether a preset asks for metrics by node or pod, which are counted once here: only a listing
    /// knows how many there are.
    pub open: bool,
}

/// What a pull of the window costs. Errors as in a pull: a configuration that makes no sense, or a
/// window that is all too old or too new.
pub fn estimate(
    config: &CloudWatchConfig,
    window: Window,
    now: Timestamp,
) -> Result<Estimate, SourceError> {
    let asked = config.asked()?;
    let span = plan::span(window, now, &queries::periods(&asked))
        .map_err(|nothing| nothing_to_ask(nothing, window, now))?;
    let mut listings = Listings::default();
    let mut open = false;
    let mut listed = asked.file_systems.len() as u64;
    for (preset, resource) in &asked.presets {
        for metric in preset.metrics.iter().filter(|m| !m.with.is_empty()) {
            open = true;
            listed += 1;
            let key = (
                preset.id.to_owned(),
                resource.clone(),
                metric.name.to_owned(),
            );
            let one = vec![vec![(preset.dimension.to_owned(), resource.clone())]];
            listings.members.insert(key, one);
        }
    }
    let queries = queries::queries(&asked, &listings, &span, now);
    let calls = plan::calls(&queries, &span);
    let metrics: u64 = calls.iter().map(|call| call.queries.len() as u64).sum();
    Ok(Estimate {
        metrics,
        requests: calls.len() as u64,
        listings: listed,
        usd: metrics as f64 * USD_PER_METRIC + listed as f64 * USD_PER_LISTING,
        open,
    })
}

/// What one search for metrics costs at most, US dollars: a `ListMetrics` call for each page that it
/// looks at.
pub fn search() -> f64 {
    MAX_PAGES as f64 * USD_PER_LISTING
}

/// What following the configuration live costs in a month of 730 hours, asked every `every_s`
/// seconds (at least 1), each time for the last `again_s` seconds.
pub fn per_month(
    config: &CloudWatchConfig,
    every_s: u32,
    again_s: u32,
    now: Timestamp,
) -> Result<Estimate, SourceError> {
    let start = now.plus(-i64::from(again_s.max(120)) * SECOND);
    let window = Window { start, end: now };
    let once = estimate(config, window, now)?;
    let polls = (HOURS_PER_MONTH * HOUR / (i64::from(every_s.max(1)) * SECOND)) as u64;
    Ok(Estimate {
        metrics: once.metrics * polls,
        requests: once.requests * polls,
        listings: once.listings * polls,
        usd: once.usd * polls as f64,
        open: once.open,
    })
}

#[cfg(test)]
mod tests {
    use super::super::config::{MetricChoice, PresetChoice};
    use super::*;
    use model::time::DAY;

    const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

    fn last(ms: i64) -> Window {
        Window {
            start: NOW.plus(-ms),
            end: NOW,
        }
    }

    fn metrics(n: usize) -> CloudWatchConfig {
        let metric = |i: usize| MetricChoice {
            namespace: "X".into(),
            name: format!("m{i}"),
            statistics: vec!["Sum".into(), "p99".into(), "Average".into()],
            ..MetricChoice::default()
        };
        CloudWatchConfig {
            metrics: (0..n).map(metric).collect(),
            ..CloudWatchConfig::default()
        }
    }

    #[test]
    fn a_pull_is_counted_by_metric_and_call() {
        let hour = estimate(&metrics(2), last(HOUR), NOW).expect("it makes sense");
        assert_eq!((hour.metrics, hour.requests, hour.open), (6, 1, false));
        assert!((hour.usd - 0.000_06).abs() < 1e-12);
        // 600 queries: two calls for an hour; 14 days of minutes take more.
        let wide = estimate(&metrics(200), last(HOUR), NOW).expect("it makes sense");
        assert_eq!((wide.metrics, wide.requests), (600, 2));
        let long = estimate(&metrics(2), last(14 * DAY), NOW).expect("it makes sense");
        assert_eq!((long.metrics, long.requests), (12, 2), "6 × 20,160 samples");
    }

    #[test]
    fn a_search_is_counted_by_the_pages_that_it_may_look_at() {
        // 40 pages of 500 metrics, at 0.01 US dollars per 1,000.
        assert!((search() - 0.000_4).abs() < 1e-12, "{}", search());
    }

    #[test]
    fn a_month_of_minutes_is_what_the_price_list_says() {
        let month = per_month(&metrics(1), 60, 900, NOW).expect("it makes sense");
        assert_eq!(month.requests, 730 * 60);
        assert_eq!(month.metrics, 3 * 730 * 60);
        assert!((month.usd - 1.314).abs() < 1e-9, "{}", month.usd);
        let slow = per_month(&metrics(1), 300, 900, NOW).expect("it makes sense");
        assert!((slow.usd - 1.314 / 5.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_listing_decides_is_said_to_be_open() {
        let mut config = CloudWatchConfig {
            file_system_id: "fs-1".into(),
            ..CloudWatchConfig::default()
        };
        let efs = estimate(&config, last(HOUR), NOW).expect("it makes sense");
        assert_eq!((efs.requests, efs.open), (1, false));
        assert!((20..40).contains(&efs.metrics), "{}", efs.metrics);
        // Finding out what there is costs as well.
        assert_eq!(efs.listings, 1);
        let usd = (efs.metrics + efs.listings) as f64 * 0.000_01;
        assert!((efs.usd - usd).abs() < 1e-12, "{}", efs.usd);
        config.presets.push(PresetChoice {
            preset: "container-insights".into(),
            resource: "shop".into(),
        });
        let cluster = estimate(&config, last(HOUR), NOW).expect("it makes sense");
        assert!(cluster.open && cluster.metrics > efs.metrics);
        assert!(cluster.listings > efs.listings);
        assert!(estimate(&config, last(500 * DAY), NOW).is_ok());
        let future = Window {
            start: NOW,
            end: NOW.plus(DAY),
        };
        assert!(estimate(&config, future, NOW).is_err());
        assert!(estimate(&CloudWatchConfig::default(), last(HOUR), NOW).is_err());
    }
}
