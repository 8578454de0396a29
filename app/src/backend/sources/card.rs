//! How each configured source is doing: the page Sources.

use model::{
    Timestamp,
    source::{Follow, Holding, SourceFacts, SourceHealth, SourceStatus, Stamp},
    time::{MINUTE, SECOND},
};

/// A configured source as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceCard {
    /// Name in the configuration.
    pub name: String,
    /// What its kind states of itself.
    pub facts: SourceFacts,
    /// Whether it is followed live.
    pub live: bool,
    /// How it is doing; `None`: nobody has asked it yet.
    pub status: Option<SourceStatus>,
    /// What is stored of it.
    pub holding: Option<Holding>,
    /// Days that its own history is kept.
    pub keep_days: u32,
    /// Most MiB that its own history takes.
    pub keep_mib: Option<u64>,
    /// Whether its metrics can be searched.
    pub searchable: bool,
    /// What one such search costs at most, US dollars; `None`: nothing is charged.
    pub search_usd: Option<f64>,
    /// Whether it can be tried: what others tell by themselves cannot.
    pub testable: bool,
    /// What following it live costs a month at most, US dollars; `None`: nothing is charged.
    pub usd_per_month: Option<f64>,
}

/// Whether a source that is followed is as new as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    /// Nothing came yet.
    Unknown,
    /// As new as what the source publishes, or it answers and has nothing newer.
    None,
    /// It has not answered well for so long, milliseconds, besides what publishing takes.
    Behind(i64),
}

/// How late a followed source is allowed to be besides what publishing takes: two questions may fail.
const MISSED_POLLS: i64 = 3;
/// The same of one that tells by itself: it is heard of at least as often.
const SILENT: i64 = 5 * MINUTE;

impl SourceCard {
    /// Whether more is stored than may be: one day is kept whatever its size, and the older ones go
    /// within the hour.
    pub fn over_its_size(&self) -> bool {
        let most = self.keep_mib.map(|mib| mib.saturating_mul(1 << 20));
        let bytes = self.holding.as_ref().map_or(0, |held| held.bytes);
        most.is_some_and(|most| bytes > most)
    }

    /// How far it is behind; what publishing takes is no lag. `None`: it is not followed.
    pub fn lag(&self, now: Timestamp) -> Option<Lag> {
        let patience = match self.facts.follow {
            _ if !self.live => return None,
            Follow::Never => return None,
            Follow::Poll { every_s, .. } => MISSED_POLLS * i64::from(every_s) * SECOND,
            Follow::Watch => SILENT,
        };
        let Some(status) = &self.status else {
            return Some(Lag::Unknown);
        };
        let delay = i64::from(self.facts.clock.delay_s) * SECOND;
        let age = |at: Timestamp| now.since(at).max(0);
        // A quiet source has nothing newer, though it was asked just now: what counts is when it last
        // answered.
        let quiet = match status.health {
            SourceHealth::Good | SourceHealth::Partial => status.succeeded_at.map(age),
            SourceHealth::Untried | SourceHealth::Failing | SourceHealth::Stopped => None,
        };
        if self.facts.follow == Follow::Watch && quiet.is_some() {
            return Some(Lag::None);
        }
        let newest = status.newest.map(|at| age(at) - delay);
        let late = [newest, quiet].into_iter().flatten().min();
        let late = late.or(status.succeeded_at.map(age));
        Some(match late {
            None => Lag::Unknown,
            Some(late) if late <= patience => Lag::None,
            Some(late) => Lag::Behind(late),
        })
    }
}

/// A source as the page shows how to configure one.
pub const EXAMPLE: &str = "[[source]]
name = \"prod\"
kind = \"cloudwatch\"
region = \"eu-west-1\"
file_systems = [\"fs-0123456789abcdef0\"]";

/// The page of sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcesView {
    /// Configured sources, in the order of the configuration.
    pub configured: Vec<SourceCard>,
    /// Every kind that can be configured.
    pub kinds: Vec<SourceFacts>,
    /// When this was.
    pub now: Timestamp,
}

/// What a source's instants mean, in words.
pub fn stamp_word(stamp: Stamp) -> &'static str {
    match stamp {
        Stamp::PeriodStart => "start of the period",
        Stamp::PeriodEnd => "end of the period",
        Stamp::Instant => "the instant itself",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{source::SourceClock, time::HOUR};

    const FACTS: SourceFacts = SourceFacts {
        kind: "cloudwatch",
        title: "Amazon CloudWatch",
        needs: &[],
        clock: SourceClock {
            stamp: Stamp::PeriodStart,
            delay_s: 0,
            skew_s: 0,
            kept: &[(15 * 86_400, 60)],
        },
        follow: Follow::Never,
    };

    #[test]
    fn what_publishing_takes_is_no_lag() {
        let now = Timestamp::from_seconds(1_590_000_000);
        let ago = |minutes: i64| Some(now.plus(-minutes * MINUTE));
        let card = |follow, health, newest, succeeded_at| SourceCard {
            name: "prod".into(),
            facts: SourceFacts {
                clock: SourceClock {
                    delay_s: 180,
                    ..FACTS.clock
                },
                follow,
                ..FACTS
            },
            live: true,
            status: Some(SourceStatus {
                health,
                newest,
                succeeded_at,
                ..SourceStatus::default()
            }),
            holding: None,
            keep_days: 30,
            keep_mib: None,
            searchable: false,
            search_usd: None,
            testable: true,
            usd_per_month: None,
        };
        let poll = Follow::Poll {
            every_s: 60,
            again_s: 0,
        };
        let (good, failing) = (SourceHealth::Good, SourceHealth::Failing);
        let lag = |card: SourceCard| card.lag(now);
        // Five minutes old, three of which publishing takes.
        assert_eq!(lag(card(poll, failing, ago(5), ago(5))), Some(Lag::None));
        assert_eq!(
            lag(card(poll, failing, ago(40), ago(38))),
            Some(Lag::Behind(37 * MINUTE))
        );
        // Nothing happened for hours: it was asked a minute ago.
        assert_eq!(lag(card(poll, good, ago(600), ago(1))), Some(Lag::None));
        assert_eq!(
            lag(card(poll, good, ago(600), ago(60))),
            Some(Lag::Behind(HOUR)),
            "nobody has asked it for an hour"
        );
        assert_eq!(lag(card(poll, failing, None, None)), Some(Lag::Unknown));
        assert_eq!(
            lag(card(Follow::Watch, good, ago(600), ago(60))),
            Some(Lag::None),
            "a quiet cluster"
        );
        let idle = SourceCard {
            live: false,
            ..card(poll, good, ago(1), ago(1))
        };
        assert_eq!(lag(idle), None);
        let untried = SourceCard {
            status: None,
            ..card(poll, good, None, None)
        };
        assert_eq!(lag(untried), Some(Lag::Unknown));
    }
}
