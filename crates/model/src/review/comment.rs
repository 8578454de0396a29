//! Threads of comments, each anchored to what it is about.

use crate::{Extra, Report, Timestamp, Window};
use serde::{Deserialize, Serialize};

/// What a thread is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Anchor {
    /// The report as a whole.
    #[default]
    Report,
    /// A section of it.
    Section {
        /// Its id.
        section: String,
    },
    /// A figure.
    Figure {
        /// Its id.
        figure: String,
    },
    /// A moment or a span of the timeline.
    Moment {
        /// From when.
        start: Timestamp,
        /// Until when; `None`: a moment.
        #[serde(default)]
        end: Option<Timestamp>,
        /// The lane; `None`: all of them.
        #[serde(default)]
        lane: Option<String>,
    },
}

/// What a thread can be anchored to now.
pub struct Ground<'a> {
    /// The report as it is.
    pub report: &'a Report,
    /// The window of the incident.
    pub window: Window,
    /// Whether there is such a lane.
    pub has_lane: &'a dyn Fn(&str) -> bool,
}

impl Anchor {
    /// Whether what it is about is still there.
    pub fn holds(&self, ground: &Ground<'_>) -> bool {
        match self {
            Self::Report => true,
            Self::Section { section } => ground.report.sections.iter().any(|s| s.id == *section),
            Self::Figure { figure } => ground.report.figure(figure).is_some(),
            Self::Moment { start, end, lane } => {
                let last = end.unwrap_or(*start);
                let inside = *start <= ground.window.end && last >= ground.window.start;
                inside && lane.as_deref().is_none_or(|lane| (ground.has_lane)(lane))
            }
        }
    }

    /// What it is about in words, as the report has it now. Kept with the thread, so that it can be
    /// said when the anchor is gone.
    pub fn words(&self, report: &Report) -> String {
        match self {
            Self::Report => "the whole report".to_owned(),
            Self::Section { section } => {
                let found = report.sections.iter().find(|s| s.id == *section);
                let title = found.map_or(section.as_str(), |s| &s.title);
                format!("section {title}")
            }
            Self::Figure { figure } => match report.figure(figure) {
                Some(f) => format!("figure {figure} ({})", f.text),
                None => format!("figure {figure}"),
            },
            Self::Moment { start, end, lane } => {
                let lane = lane
                    .as_deref()
                    .map(|l| format!(", {l}"))
                    .unwrap_or_default();
                match end {
                    Some(end) => format!("{} to {} UTC{lane}", start.minute(), end.minute()),
                    None => format!("{} UTC{lane}", start.minute()),
                }
            }
        }
    }
}

/// That a thread needs nothing any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A thread. Its comments are never taken away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Id, unique within the incident; `[A-Za-z0-9._-]{1,128}`.
    pub id: String,
    /// What it is about.
    pub anchor: Anchor,
    /// What that was called when the thread began.
    #[serde(default)]
    pub about: String,
    /// When it began.
    pub at: Timestamp,
    /// Whether it began in a meeting.
    #[serde(default)]
    pub in_meeting: bool,
    /// By whom and when it was resolved; `None`: it is open.
    #[serde(default)]
    pub resolved: Option<Resolved>,
    /// What was said, in order. Kept each for itself, so that two who write at once lose nothing.
    #[serde(skip)]
    pub comments: Vec<Comment>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Something that somebody said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Id, unique within the incident.
    pub id: String,
    /// Who said it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Plain text.
    pub text: String,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Figure, Section};

    fn minute(n: i64) -> Timestamp {
        Timestamp::from_seconds(60 * n)
    }

    fn report() -> Report {
        Report {
            sections: vec![Section {
                id: "summary".into(),
                title: "Summary".into(),
                blocks: Vec::new(),
            }],
            figures: vec![Figure {
                id: "rate".into(),
                value: serde_json::json!(3),
                unit: "Ratio".into(),
                evidence: Vec::new(),
                span: None,
                text: "three times".into(),
            }],
            ..Report::default()
        }
    }

    #[test]
    fn an_anchor_holds_as_long_as_what_it_is_about_is_there() {
        let report = report();
        let ground = Ground {
            report: &report,
            window: Window {
                start: minute(10),
                end: minute(20),
            },
            has_lane: &|lane| lane == "io",
        };
        let moment = |start, end: Option<i64>, lane: Option<&str>| Anchor::Moment {
            start: minute(start),
            end: end.map(minute),
            lane: lane.map(str::to_owned),
        };
        let section = |id: &str| Anchor::Section { section: id.into() };
        let figure = |id: &str| Anchor::Figure { figure: id.into() };
        for (anchor, holds, words) in [
            (Anchor::Report, true, "the whole report"),
            (section("summary"), true, "section Summary"),
            (section("gone"), false, "section gone"),
            (figure("rate"), true, "figure rate (three times)"),
            (figure("gone"), false, "figure gone"),
            (moment(12, None, None), true, "1970-01-01 00:12 UTC"),
            (
                moment(12, None, Some("io")),
                true,
                "1970-01-01 00:12 UTC, io",
            ),
            (
                moment(12, None, Some("x")),
                false,
                "1970-01-01 00:12 UTC, x",
            ),
            (
                moment(5, Some(10), None),
                true,
                "1970-01-01 00:05 to 1970-01-01 00:10 UTC",
            ),
            (moment(5, None, None), false, "1970-01-01 00:05 UTC"),
            (moment(21, None, None), false, "1970-01-01 00:21 UTC"),
        ] {
            assert_eq!(anchor.holds(&ground), holds, "{anchor:?}");
            assert_eq!(anchor.words(&report), words);
            let text = serde_json::to_string(&anchor).unwrap();
            assert_eq!(serde_json::from_str::<Anchor>(&text).unwrap(), anchor);
        }
    }

    #[test]
    fn what_a_later_version_adds_is_kept() {
        let text = r#"{"id":"t","anchor":{"to":"figure","figure":"a"},"at":"2020-05-22T03:00:00Z","votes":3}"#;
        let read: Thread = serde_json::from_str(text).unwrap();
        assert_eq!(read.resolved, None);
        assert_eq!(serde_json::to_value(&read).unwrap()["votes"], 3);
    }
}
