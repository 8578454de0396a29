//! How often cron jobs ran: runs of jobs, counted by the hour.

use super::history::event_id;
use model::{
    Event, EventKind, Samples, Series, SeriesMeta, Timestamp, Window, time::HOUR, topology::k8s_id,
};
use std::collections::{BTreeMap, BTreeSet};

/// A cron job: cluster, namespace, name.
type Key<'a> = (&'a str, &'a str, String);

/// The runs of each cron job an hour (`Sum`, periods of 3,600 s that begin at the full hour, UTC), as
/// far as the runs in `events` were begun in it. Only hours that lie wholly within the window count,
/// and none that touches an `unwatched` span, in which runs may have come and gone: there is no
/// sample then. The same holds for hours in which a run may have begun whose start nobody knows.
///
/// `events` must be those of a watch. A listing holds the last few runs only (three of those that
/// went well, by the default of `successfulJobsHistoryLimit`), and says nothing of how many there
/// were.
pub fn job_runs_per_hour(events: &[Event], window: Window, unwatched: &[Window]) -> Vec<Series> {
    let mut counts: BTreeMap<Key<'_>, BTreeMap<Timestamp, u32>> = BTreeMap::new();
    let mut doubtful: BTreeSet<(Key<'_>, Timestamp)> = BTreeSet::new();
    let hours = whole_hours(window);
    for event in events.iter().filter(|e| e.kind == EventKind::JobRun) {
        let owner = event.attribute("owner").unwrap_or_default();
        let Some(name) = owner.strip_prefix("CronJob/") else {
            continue;
        };
        let key = (
            event.cluster.as_str(),
            event.namespace.as_str(),
            name.to_owned(),
        );
        let runs = counts.entry(key.clone()).or_default();
        if let Some(start) = event.start {
            *runs.entry(start.floor_to(HOUR)).or_default() += 1;
            continue;
        }
        let (earliest, latest) = event.start_bounds();
        let may = |hour: &&Timestamp| {
            earliest.is_none_or(|e| e < hour.plus(HOUR)) && latest.is_none_or(|l| l >= **hour)
        };
        doubtful.extend(hours.iter().filter(may).map(|hour| (key.clone(), *hour)));
    }
    let watched = |hour: &Timestamp| {
        let end = hour.plus(HOUR);
        !unwatched.iter().any(|w| w.start < end && w.end > *hour)
    };
    let hours: Vec<Timestamp> = hours.into_iter().filter(watched).collect();
    let mut out = Vec::new();
    for (key, runs) in &counts {
        let known = hours
            .iter()
            .filter(|hour| !doubtful.contains(&(key.clone(), **hour)));
        let points = known.map(|hour| (*hour, f64::from(runs.get(hour).copied().unwrap_or(0))));
        let samples = Samples::from_unordered(points.collect());
        if !samples.is_empty() {
            out.push(Series {
                meta: meta(key),
                samples,
            });
        }
    }
    out
}

fn whole_hours(window: Window) -> Vec<Timestamp> {
    let mut hour = window.start.floor_to(HOUR);
    if hour < window.start {
        hour = hour.plus(HOUR);
    }
    let mut hours = Vec::new();
    while hour.plus(HOUR) <= window.end {
        hours.push(hour);
        hour = hour.plus(HOUR);
    }
    hours
}

fn meta((cluster, namespace, name): &Key<'_>) -> SeriesMeta {
    let labels = [
        ("cluster", *cluster),
        ("namespace", *namespace),
        ("cronjob", name),
    ];
    SeriesMeta {
        id: event_id(&["job-runs", cluster, namespace, name]),
        name: format!("runs of CronJob {namespace}/{name} an hour"),
        source: super::SOURCE_LIVE.to_owned(),
        namespace: "Kubernetes".to_owned(),
        dimensions: labels
            .into_iter()
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .collect(),
        stat: "Sum".to_owned(),
        unit: "Count".to_owned(),
        period_s: Some(3_600),
        resource: Some(k8s_id(cluster, namespace, "CronJob", name)),
        ..SeriesMeta::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn t(text: &str) -> Timestamp {
        format!("2020-05-20T{text}Z").parse().unwrap()
    }

    fn window(from: &str, to: &str) -> Window {
        Window::new(t(from), t(to)).unwrap()
    }

    fn run(start: Option<&str>, owner: &str) -> Event {
        let mut event = Event {
            kind: EventKind::JobRun,
            cluster: "c".to_owned(),
            namespace: "shop".to_owned(),
            start: start.map(t),
            ..Event::default()
        };
        event.attributes.insert("owner".to_owned(), json!(owner));
        event
    }

    fn points(series: &Series) -> Vec<(Timestamp, f64)> {
        series.samples.iter().collect()
    }

    #[test]
    fn runs_are_counted_by_the_hour_and_an_hour_without_one_is_zero() {
        let runs = [
            run(Some("10:59:59"), "CronJob/report"),
            run(Some("11:00:00"), "CronJob/report"),
            run(Some("11:59:59"), "CronJob/report"),
            run(Some("13:10:00"), "CronJob/report"),
            run(Some("11:30:00"), "CronJob/sitemap"),
            run(Some("11:30:00"), "Workflow/other"),
        ];
        let all = job_runs_per_hour(&runs, window("10:30:00", "14:30:00"), &[]);
        assert_eq!(all.len(), 2);
        // The hours from 10 and 14 on are not within the window as a whole.
        let counted = [
            (t("11:00:00"), 2.0),
            (t("12:00:00"), 0.0),
            (t("13:00:00"), 1.0),
        ];
        assert_eq!(points(&all[0]), counted);
        assert_eq!(
            all[0].meta.resource.as_deref(),
            Some("k8s:c/shop/CronJob/report")
        );
        assert_eq!(all[0].meta.id, "job-runs-c-shop-report");
        assert_eq!(points(&all[1]).first(), Some(&(t("11:00:00"), 1.0)));
    }

    #[test]
    fn hours_in_which_nobody_can_know_have_no_sample() {
        let mut unknown = run(None, "CronJob/report");
        for (name, at) in [("start_earliest", "14:50:00"), ("start_latest", "15:10:00")] {
            let at = t(at).to_string();
            unknown.attributes.insert(name.to_owned(), json!(at));
        }
        let runs = [run(Some("11:10:00"), "CronJob/report"), unknown];
        let unwatched = [window("12:59:00", "13:00:00")];
        let all = job_runs_per_hour(&runs, window("11:00:00", "17:00:00"), &unwatched);
        let counted = [
            (t("11:00:00"), 1.0),
            (t("13:00:00"), 0.0),
            (t("16:00:00"), 0.0),
        ];
        assert_eq!(points(&all[0]), counted);
        assert!(job_runs_per_hour(&runs, window("11:10:00", "11:50:00"), &[]).is_empty());
    }
}
