//! Share links: as somebody makes them, as they are listed, and as they are opened.

use super::Caller;
use crate::ApiError;
use async_trait::async_trait;
use axum::body::Bytes;
use model::{
    Incident, IncidentId, Timestamp,
    share::{RedactionRules, ShareLink, ShareViews},
};

/// A share link as somebody asks for it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ShareDraft {
    /// The frozen version that it opens; `None`: the latest.
    pub version: Option<u32>,
    /// The one lane whose picture it opens; `None`: the whole report.
    pub lane: Option<String>,
    /// Days that it opens; `None`: until it is revoked.
    pub expires_in_days: Option<u32>,
    /// What has to be said to open it.
    pub password: Option<String>,
    /// How often it opens; `None`: without a limit.
    pub max_views: Option<u32>,
    /// What is replaced.
    pub rules: RedactionRules,
}

impl std::fmt::Debug for ShareDraft {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareDraft")
            .field("version", &self.version)
            .field("lane", &self.lane)
            .field("expires_in_days", &self.expires_in_days)
            .field("has_password", &self.password.is_some())
            .field("max_views", &self.max_views)
            .field("rules", &self.rules)
            .finish()
    }
}

/// Whether a share link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareState {
    /// It opens.
    Open,
    /// Its time is over.
    Expired,
    /// It was opened as often as it may be.
    UsedUp,
    /// Somebody revoked it.
    Revoked,
}

/// A share link as listed; the token is not known any more.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow {
    /// Id, for revoking.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub made_by: String,
    /// Until when it opens; `None`: until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whether it opens now.
    pub state: ShareState,
    /// The version that it opens; `None`: the latest.
    pub version: Option<u32>,
    /// The one lane that it opens.
    pub lane: Option<String>,
    /// How often it may be opened.
    pub max_views: Option<u32>,
    /// Whether it asks for a password.
    pub has_password: bool,
    /// Whether names are replaced in what it opens.
    pub is_redacted: bool,
    /// How often it was opened.
    pub views: u64,
    /// When it was opened last.
    pub last_view_at: Option<Timestamp>,
    /// How often in which minute, the newest first.
    pub log: Vec<ShareViews>,
}

impl ShareRow {
    /// The row of a link, as it stands at `now`.
    pub fn of(link: &ShareLink, now: Timestamp) -> Self {
        let state = if link.revoked_at.is_some() {
            ShareState::Revoked
        } else if link.is_open(now) {
            ShareState::Open
        } else if link.is_used_up() {
            ShareState::UsedUp
        } else {
            ShareState::Expired
        };
        Self {
            id: link.id.clone(),
            created_at: link.created_at,
            made_by: link.made_by.clone(),
            expires_at: link.expires_at,
            revoked_at: link.revoked_at,
            state,
            version: link.version,
            lane: link.lane.clone(),
            max_views: link.max_views,
            has_password: link.password_hash.is_some(),
            is_redacted: !link.rules.is_empty(),
            views: link.views,
            last_view_at: link.last_view_at,
            log: Vec::new(),
        }
    }
}

/// A share link that was just made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewShare {
    /// `/s/TOKEN`, or the address of the one picture that it opens. Shown once, never again.
    pub link_path: String,
    /// Its row.
    pub share: ShareRow,
}

/// What the page that shares is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareAsk {
    /// The version to look at; `None`: the latest.
    pub version: Option<u32>,
    /// What is replaced in the preview.
    pub rules: RedactionRules,
    /// The link that was just made.
    pub made: Option<String>,
}

/// A name with its stand-in: for whoever shares, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// What it is the name of.
    pub kind: &'static str,
    /// The name.
    pub name: String,
    /// What stands for it.
    pub stand_in: String,
}

/// Everything that the page that shares is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharePage {
    /// The incident.
    pub incident: Incident,
    /// What was asked.
    pub ask: ShareAsk,
    /// The report as readers would see it, as trusted HTML of our own report crate.
    pub report_html: String,
    /// What is replaced in it.
    pub names: Vec<StandIn>,
    /// Frozen versions that there are.
    pub versions: Vec<u32>,
    /// Charts of the report: id and title.
    pub lanes: Vec<(String, String)>,
    /// The links of the incident, the newest first.
    pub links: Vec<ShareRow>,
    /// The address of the link that was just made.
    pub made: Option<String>,
}

/// What somebody who holds a link wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The page of the report.
    Report,
    /// One of its charts, by its lane's id, as SVG.
    Svg(String),
    /// The same as PNG.
    Png(String),
    /// The report as a file.
    File(FileKind),
}

/// A file that a shared report can be had as: what its page says, and none of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// One HTML file, whose charts answer without a network.
    Html,
    /// PDF.
    Pdf,
    /// Markdown with images, as a zip.
    MarkdownZip,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Html, Self::Pdf, Self::MarkdownZip];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Html => "report.html",
            Self::Pdf => "report.pdf",
            Self::MarkdownZip => "report.md.zip",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::MarkdownZip => "application/zip",
        }
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Pdf => "PDF",
            Self::MarkdownZip => "Markdown with images",
        }
    }
}

/// Somebody who opens a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// What they want.
    pub wanted: Wanted,
    /// What they were given for the right password.
    pub pass: Option<String>,
}

/// What a link gives: bytes as they go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedBytes {
    /// As they are.
    pub plain: Bytes,
    /// The same compressed by brotli, where that is worth it.
    pub brotli: Option<Bytes>,
}

impl SharedBytes {
    /// Bytes that are not worth compressing.
    pub const fn plain(plain: Bytes) -> Self {
        Self {
            plain,
            brotli: None,
        }
    }
}

/// What becomes of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visited {
    /// Here it is.
    Open(SharedBytes),
    /// It asks for a password first.
    Password,
}

/// What becomes of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is right.
    Pass {
        /// What opens the link from now on.
        value: String,
        /// For how many seconds.
        seconds: i64,
    },
    /// It is wrong.
    Wrong,
    /// There were too many wrong ones; it was not looked at. Seconds until the next may be tried.
    TooMany(i64),
}

/// What leaves by links. Like [`super::Backend`], every call says who is asking.
#[async_trait]
pub trait Sharing {
    /// What a [`Caller::Share`] wants to see, counted as a view. Unknown, expired, used up and revoked
    /// links all answer [`ApiError::NotFound`], and so does what the link does not open.
    async fn visit(&self, who: &Caller, visit: Visit) -> Result<Visited, ApiError>;

    /// Tries a password at the link of a [`Caller::Share`].
    async fn enter(&self, who: &Caller, password: String) -> Result<Entered, ApiError>;

    /// Makes a share link.
    async fn share(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: ShareDraft,
    ) -> Result<NewShare, ApiError>;

    /// The page that shares: the report as readers would see it, and the links that there are.
    async fn share_page(
        &self,
        who: &Caller,
        id: &IncidentId,
        ask: ShareAsk,
    ) -> Result<SharePage, ApiError>;

    /// The share links of an incident, the newest first. [`ShareRow::of`] makes a row.
    async fn shares(&self, who: &Caller, id: &IncidentId) -> Result<Vec<ShareRow>, ApiError>;

    /// Revokes a share link for good.
    async fn revoke_share(&self, who: &Caller, share_id: &str) -> Result<(), ApiError>;
}
