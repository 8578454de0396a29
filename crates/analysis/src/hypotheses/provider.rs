//! `provider`: an outage of the provider.
//!
//! Data: `provider_incident` events; they are often posted after their effect began, so that one
//! that starts up to two hours after the onset still counts. An incident of a region that nothing
//! here is in, or of a service that nothing here uses, does not count; services that everything
//! stands on (compute, network, names, identity) always do. Clear only where the provider's status
//! was asked: incidents of it are in the evidence, or a source of that name.

use super::{Reason, View, evidence};
use model::{
    Event, EventKind,
    analysis::Verdict,
    time::{HOUR, span_text},
};
use std::collections::BTreeSet;

/// A driver that began this long before an incident was posted is not its effect.
const POSTED_LATE: i64 = 6 * HOUR;

pub(super) fn judge(view: &View<'_>) -> Verdict<Reason> {
    let all = evidence::events(view, |e| e.kind == EventKind::ProviderIncident);
    let covering: Vec<&Event> = all
        .iter()
        .filter(|e| {
            e.at().is_none_or(|at| {
                at <= view.onset.plus(2 * HOUR) && e.end.is_none_or(|end| end >= view.onset)
            })
        })
        .copied()
        .collect();
    if covering.is_empty() {
        return quiet(view, &all);
    }
    let used = Used::of(view);
    let touching: Vec<&Event> = covering
        .iter()
        .filter(|e| used.may_be_hit_by(e))
        .copied()
        .collect();
    let Some(first) = touching.first() else {
        return Verdict::Clear {
            reason: format!(
                "{} covers it, none of a service and region in use ({})",
                model::words::count(covering.len(), "incident"),
                used.words()
            ),
            series: vec![],
            events: evidence::ids(&covering),
        };
    };
    if evidence::accused(view, &touching).is_some() {
        return Verdict::Found(Reason {
            text: format!("'{}' covers the onset", first.title),
            series: vec![],
            events: evidence::ids(&touching),
        });
    }
    let lead = |driver: &crate::driver::Found| {
        let posted = touching.iter().filter_map(|e| e.at()).min()?;
        Some(posted.since(driver.driver.onset)).filter(|lead| *lead > POSTED_LATE)
    };
    match view.driver.and_then(|d| Some((d, lead(d)?))) {
        Some((driver, lead)) => Verdict::Clear {
            reason: format!(
                "'{}' began {} after {} had left its level",
                first.title,
                span_text(lead),
                driver.driver.series
            ),
            series: vec![driver.driver.series.clone()],
            events: evidence::ids(&touching),
        },
        None => Verdict::Unknown {
            missing: format!(
                "'{}' covers the onset: find out whether it touched what you use",
                first.title
            ),
        },
    }
}

/// No incident covers the onset.
fn quiet(view: &View<'_>, all: &[&Event]) -> Verdict<Reason> {
    let asked = view.case.evidence.provenance.iter().any(|p| {
        let source = p.source.to_ascii_lowercase();
        source.contains("health") || source.contains("status") || source.contains("provider")
    });
    if all.is_empty() && !asked {
        return Verdict::Unknown {
            missing: "no record of the provider's status: add its status history for the window"
                .to_owned(),
        };
    }
    Verdict::Clear {
        reason: format!(
            "none of the provider's {} incidents in the evidence covers {}",
            all.len(),
            view.onset.minute()
        ),
        series: vec![],
        events: evidence::ids(all),
    }
}

/// Services that everything in AWS stands on: an incident of theirs may hit whatever runs there.
const CORE: [&str; 16] = [
    "ec2",
    "compute",
    "ebs",
    "block store",
    "vpc",
    "network",
    "connectivity",
    "route 53",
    "route53",
    "iam",
    "identity",
    "s3",
    "storage service",
    "load balanc",
    "kubernetes",
    "eks",
];
/// Namespaces of CloudWatch whose service is announced under another name.
const ANNOUNCED: [(&str, &str); 6] = [
    ("efs", "file system"),
    ("rds", "relational database"),
    ("sqs", "simple queue"),
    ("sns", "simple notification"),
    ("apigateway", "api gateway"),
    ("es", "opensearch"),
];

/// What of the provider is in use, as far as the evidence shows.
struct Used {
    regions: BTreeSet<String>,
    services: BTreeSet<String>,
}

impl Used {
    fn of(view: &View<'_>) -> Self {
        let evidence = view.case.evidence;
        let mut texts: BTreeSet<&str> = BTreeSet::new();
        for event in &evidence.events {
            if event.kind != EventKind::ProviderIncident {
                texts.insert(&event.cluster);
                texts.insert(&event.node);
            }
        }
        let metas = || view.case.signals.iter().map(|s| &s.meta);
        texts.extend(metas().filter_map(|m| m.resource.as_deref()));
        texts.extend(metas().flat_map(|m| m.dimensions.values().map(String::as_str)));
        let services = metas()
            .filter_map(|m| m.namespace.strip_prefix("AWS/"))
            .map(str::to_ascii_lowercase);
        Self {
            regions: texts.into_iter().flat_map(regions).collect(),
            services: services.collect(),
        }
    }

    /// Whether nothing says that an incident is about something else.
    fn may_be_hit_by(&self, incident: &Event) -> bool {
        let there: Vec<String> = incident
            .attribute("region")
            .map(|r| regions(&r).collect())
            .unwrap_or_default();
        let elsewhere = !there.is_empty()
            && !self.regions.is_empty()
            && there.iter().all(|r| !self.regions.contains(r));
        let Some(service) = incident.attribute("service") else {
            return !elsewhere;
        };
        let service = service.to_ascii_lowercase();
        let core = CORE.iter().any(|c| service.contains(c));
        let in_use = self.services.iter().any(|used| {
            let announced = ANNOUNCED.iter().find(|(n, _)| n == used);
            service.contains(used.as_str()) || announced.is_some_and(|(_, a)| service.contains(a))
        });
        let aws = incident
            .attribute("provider")
            .is_none_or(|p| p.to_ascii_lowercase().contains("aws") || p.contains("Amazon"));
        !elsewhere && (core || in_use || !aws || self.services.is_empty())
    }

    fn words(&self) -> String {
        let all = self.regions.iter().chain(&self.services);
        all.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Regions of AWS that a text names: `eu-west-1`, also within `web-eu-west-1` or `eu-west-1a`.
fn regions(text: &str) -> impl Iterator<Item = String> + use<> {
    const WAYS: [&str; 9] = [
        "north",
        "south",
        "east",
        "west",
        "central",
        "northeast",
        "southeast",
        "northwest",
        "southwest",
    ];
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|p| !p.is_empty())
        .collect();
    let found: Vec<String> = parts
        .windows(3)
        .filter_map(|w| match w {
            [land, way, number] => {
                let digit = number.chars().next().filter(char::is_ascii_digit)?;
                let region = land.len() == 2 && number.len() <= 2 && WAYS.contains(way);
                region.then(|| format!("{land}-{way}-{digit}"))
            }
            _ => None,
        })
        .collect();
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::regions;

    #[test]
    fn regions_are_read_out_of_names() {
        let of = |text| regions(text).collect::<Vec<_>>();
        assert_eq!(of("web-eu-west-1"), ["eu-west-1"]);
        assert_eq!(
            of("k8s:web/ip-10-20-17-165.eu-west-1.compute.internal"),
            ["eu-west-1"]
        );
        assert_eq!(of("us-east-1a"), ["us-east-1"]);
        assert!(of("north-west-side-10").is_empty());
    }
}
