//! Comments, steps of a review and action items as people write them.

use super::{Asked, Fields, LONGEST_NOTE, LONGEST_TITLE, instant_within, optional};
use crate::{
    ApiError, FieldError,
    backend::{ActionEdit, ActionsAsk, CommentDraft, Comparison, ReviewAsk},
    view::query,
};
use model::{Timestamp, Window, action::ActionState, review::comment::Anchor};

/// Longest address of a tracker, in characters.
const LONGEST_LINK: usize = 1_000;

/// Longest address of a view that a comment is anchored by.
const LONGEST_VIEW: usize = 4_000;

/// What a comment is about, as its form says: `about` is `report`, `section:ID`, `figure:ID` or
/// `moment`, the latter with times and perhaps a lane.
#[derive(Clone, Debug, Default)]
pub struct AnchorForm {
    /// What kind of thing, with its id.
    pub about: String,
    /// From when.
    pub start: String,
    /// Until when; empty: a moment.
    pub end: String,
    /// The lane; empty: all.
    pub lane: String,
}

impl AnchorForm {
    /// Whether a time is a clock time alone, which needs the incident's window.
    pub fn needs_window(&self) -> bool {
        [&self.start, &self.end]
            .into_iter()
            .any(|t| super::is_clock(t))
    }

    /// The anchor.
    ///
    /// # Errors
    /// [`ApiError::Fields`], one line an input.
    pub fn read(&self, window: Option<Window>) -> Result<Anchor, ApiError> {
        let id = |id: &str| id.chars().take(400).collect::<String>();
        match self.about.split_once(':') {
            None if matches!(self.about.as_str(), "" | "report") => Ok(Anchor::Report),
            None if self.about == "moment" => self.moment(window),
            Some(("section", section)) => Ok(Anchor::Section {
                section: id(section),
            }),
            Some(("figure", figure)) => Ok(Anchor::Figure { figure: id(figure) }),
            _ => Err(ApiError::Fields(vec![FieldError::new(
                "about",
                "expected the report, a section, a figure or a moment",
            )])),
        }
    }

    fn moment(&self, window: Option<Window>) -> Result<Anchor, ApiError> {
        let mut fields = Fields::default();
        let start = fields.read("start", instant_within(&self.start, window));
        let end = match optional(&self.end) {
            None => Some(None),
            Some(end) => fields.read("end", instant_within(&end, window).map(Some)),
        };
        if let (Some(start), Some(Some(end))) = (start, end)
            && end < start
        {
            fields.read::<()>("end", Err("the end lies before the start".into()));
        }
        match (start, end) {
            (Some(start), Some(end)) if fields.0.is_empty() => Ok(Anchor::Moment {
                start,
                end,
                lane: optional(&self.lane),
            }),
            _ => Err(ApiError::Fields(fields.0)),
        }
    }
}

/// What the address of a page shows: the section of a report that it leads to, the span of a timeline;
/// anything else stands for the whole report.
pub fn anchor_of_view(address: &str) -> Anchor {
    let address: String = address.chars().take(LONGEST_VIEW).collect();
    let (address, fragment) = address.split_once('#').unwrap_or((&address, ""));
    let (path, view) = address.split_once('?').unwrap_or((address, ""));
    let page = path.split('/').filter(|p| !p.is_empty()).nth(2);
    match page {
        Some("report") if !fragment.is_empty() => {
            let section = fragment.strip_suffix("-title").unwrap_or(fragment);
            Anchor::Section {
                section: section.to_owned(),
            }
        }
        None => match query::read(view).0.window {
            Some(window) => Anchor::Moment {
                start: window.start,
                end: Some(window.end),
                lane: None,
            },
            None => Anchor::Report,
        },
        Some(_) => Anchor::Report,
    }
}

/// A comment out of its form.
///
/// # Errors
/// [`ApiError::Fields`] where it says nothing or too much.
pub fn comment(
    thread: &str,
    anchor: Anchor,
    text: &str,
    in_meeting: bool,
) -> Result<CommentDraft, ApiError> {
    let mut fields = Fields::default();
    match fields.text("text", text, LONGEST_NOTE, "a comment") {
        Some(text) => Ok(CommentDraft {
            thread: optional(thread),
            anchor,
            text,
            in_meeting,
        }),
        None => Err(ApiError::Fields(fields.0)),
    }
}

/// A step of a review out of its form. `reviewers` are names, one a line or with commas between them.
///
/// # Errors
/// [`ApiError::Invalid`] where there is no such step.
pub fn review_step(
    step: &str,
    version: u32,
    in_name_of: &str,
    reviewers: &str,
) -> Result<ReviewAsk, ApiError> {
    Ok(match step {
        "name" => ReviewAsk::Name(reviewers.split([',', '\n']).map(str::to_owned).collect()),
        "ask" => ReviewAsk::Ask,
        "withdraw" => ReviewAsk::Withdraw,
        "approve" => ReviewAsk::Approve {
            version,
            in_name_of: in_name_of.trim().to_owned(),
        },
        "publish" => ReviewAsk::Publish,
        "reopen" => ReviewAsk::Reopen,
        _ => {
            return Err(ApiError::Invalid(
                "expected name, ask, withdraw, approve, publish or reopen".into(),
            ));
        }
    })
}

/// What an address asks to be compared: `from` and perhaps `to`, numbers of versions; `to=now` or
/// nothing is the report as it is.
///
/// # Errors
/// [`ApiError::Invalid`] where they are no numbers.
pub fn comparison(asked: Asked<'_>) -> Result<Option<Comparison>, ApiError> {
    let number = |text: &str| {
        text.parse::<u32>().map_err(|_| {
            ApiError::Invalid(
                "two versions are compared by their numbers: choose them below".into(),
            )
        })
    };
    let from = asked.get("from");
    if from.is_empty() {
        return Ok(None);
    }
    let to = match asked.or("to", "now") {
        "now" => None,
        to => Some(number(to)?),
    };
    Ok(Some(Comparison {
        from: number(from)?,
        to,
    }))
}

/// Which action items an address asks for; without anything the open ones.
pub fn actions(asked: Asked<'_>) -> ActionsAsk {
    ActionsAsk {
        owner: asked.get("owner").to_owned(),
        overdue: asked.get("overdue") == "yes",
        state: match asked.get("state") {
            "all" => None,
            "done" => Some(ActionState::Done),
            _ => Some(ActionState::Open),
        },
    }
}

/// A changed action item out of its form. `due` is a day as browsers write it, `2020-06-01`.
///
/// # Errors
/// [`ApiError::Fields`], one line an input.
pub fn action_edit(
    title: &str,
    owner: &str,
    due: &str,
    link: &str,
    state: &str,
) -> Result<ActionEdit, ApiError> {
    let mut fields = Fields::default();
    let title = fields.text("title", title, LONGEST_TITLE, "a title");
    let owner = optional(owner).unwrap_or_default();
    if owner.chars().count() > LONGEST_TITLE {
        let message = format!("at most {LONGEST_TITLE} characters fit");
        fields.read::<()>("owner", Err(message));
    }
    let due = match optional(due) {
        None => Some(None),
        Some(day) => fields.read("due", self::day(&day).map(Some)),
    };
    let link = optional(link).unwrap_or_default();
    if !link.is_empty() && !is_tracker(&link) {
        let message = "expected an address that begins with https://".to_owned();
        fields.read::<()>("link", Err(message));
    }
    let state = match state {
        "done" => Some(ActionState::Done),
        "" | "open" => Some(ActionState::Open),
        _ => fields.read("state", Err("expected open or done".into())),
    };
    match (title, due, state) {
        (Some(title), Some(due), Some(state)) if fields.0.is_empty() => Ok(ActionEdit {
            title,
            owner,
            due,
            link,
            state,
        }),
        _ => Err(ApiError::Fields(fields.0)),
    }
}

fn day(text: &str) -> Result<Timestamp, String> {
    let shape = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let read = shape.then(|| format!("{text}T00:00:00Z").parse().ok());
    read.flatten().ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        format!("'{shown}' is no day: write it like 2020-06-01")
    })
}

/// Whether it is an address that a link may lead to: https, and nothing in it that is no letter of an
/// address.
fn is_tracker(link: &str) -> bool {
    let host = link
        .strip_prefix("https://")
        .and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|h| !h.is_empty())
        && link.len() <= LONGEST_LINK
        && link.bytes().all(|b| b.is_ascii_graphic())
        && !link.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_about_what_its_form_says() {
        let about = |about: &str| {
            AnchorForm {
                about: about.into(),
                ..AnchorForm::default()
            }
            .read(None)
        };
        assert_eq!(about(""), Ok(Anchor::Report));
        assert_eq!(
            about("section:root-cause"),
            Ok(Anchor::Section {
                section: "root-cause".into()
            })
        );
        assert_eq!(
            about("figure:credits.exhausted_at"),
            Ok(Anchor::Figure {
                figure: "credits.exhausted_at".into()
            })
        );
        assert!(about("else").is_err());
        let error = about("moment").unwrap_err();
        assert!(error.field("start").is_some());
        let moment = AnchorForm {
            about: "moment".into(),
            start: "2020-05-22 03:00".into(),
            end: "2020-05-22 02:00".into(),
            lane: " io ".into(),
        };
        assert!(moment.read(None).unwrap_err().field("end").is_some());
        let moment = AnchorForm {
            end: String::new(),
            ..moment
        };
        let Ok(Anchor::Moment { start, end, lane }) = moment.read(None) else {
            panic!("a moment");
        };
        assert_eq!(start.minute(), "2020-05-22 03:00");
        assert_eq!((end, lane.as_deref()), (None, Some("io")));
    }

    #[test]
    fn a_note_of_a_meeting_is_anchored_to_what_was_shown() {
        let section = |s: &str| Anchor::Section { section: s.into() };
        assert_eq!(
            anchor_of_view("/incidents/abc/report#root-cause"),
            section("root-cause")
        );
        assert_eq!(
            anchor_of_view("/incidents/abc?from=1590116400000&to=1590123600000&hide=a#timeline"),
            Anchor::Moment {
                start: Timestamp::from_millis(1_590_116_400_000),
                end: Some(Timestamp::from_millis(1_590_123_600_000)),
                lane: None,
            }
        );
        for whole in [
            "",
            "/incidents/abc",
            "/incidents/abc/report",
            "/incidents/abc/what-if#x",
        ] {
            assert_eq!(anchor_of_view(whole), Anchor::Report, "{whole}");
        }
    }

    #[test]
    fn an_action_item_has_a_day_and_a_tracker() {
        let edit = |due: &str, link: &str| action_edit("Alert", " Ada ", due, link, "open");
        let good = edit("2020-06-01", "https://tracker.example/A-1?x=1#y").unwrap();
        assert_eq!(good.due.unwrap().minute(), "2020-06-01 00:00");
        assert_eq!(good.owner, "Ada");
        assert_eq!(edit("", "").unwrap().due, None);
        for bad in ["01.06.2020", "2020-13-01", "soon", "2020-06-1x"] {
            assert!(edit(bad, "").unwrap_err().field("due").is_some(), "{bad}");
        }
        for bad in [
            "http://tracker.example",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://a b",
            "https://a/\"onclick",
        ] {
            assert!(edit("", bad).unwrap_err().field("link").is_some(), "{bad}");
        }
        assert!(
            action_edit("", "", "", "", "")
                .unwrap_err()
                .field("title")
                .is_some()
        );
        assert!(action_edit("x", "", "", "", "later").is_err());
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let pairs = |query: &[(&str, &str)]| -> Vec<(String, String)> {
            let own = query.iter();
            own.map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect()
        };
        let read = |query: &[(&str, &str)]| comparison(Asked(&pairs(query)));
        assert_eq!(read(&[]), Ok(None));
        let to = |to| Ok(Some(Comparison { from: 1, to }));
        assert_eq!(read(&[("from", "1")]), to(None));
        assert_eq!(read(&[("from", "1"), ("to", "now")]), to(None));
        assert_eq!(read(&[("from", "1"), ("to", "2")]), to(Some(2)));
        assert!(read(&[("from", "one")]).is_err());
    }
}
