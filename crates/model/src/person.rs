//! People: who they are, what they may do, how they come in, and which incidents are whose.
//!
//! A [`Person`] has one or more [`Identity`]s: ways to prove who they are. The local password is
//! one, [`PASSWORD`]; an OpenID Connect issuer's subject will be another, without any change to
//! persons, sessions or teams. No password and no token is ever part of these records, only what
//! they hash to.

use crate::{Extra, IncidentId, Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Provider of an [`Identity`] that is proven by a password of this installation. Other providers
/// are addresses of OpenID Connect issuers, which all begin with `https://`.
pub const PASSWORD: &str = "password";

/// Id of a person: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub String);

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Id of a team: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamId(pub String);

impl fmt::Display for TeamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a person may do. Each role may do all that the one before may.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    #[default]
    Viewer,
    /// Makes incidents and changes them: notes, decisions, reports, share links.
    Responder,
    /// Manages people, teams and sources.
    Admin,
}

impl Role {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Responder, Self::Admin];

    /// `viewer`, `responder` or `admin`, as it is stored and written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected viewer, responder or admin")]
pub struct NoRole;

impl FromStr for Role {
    type Err = NoRole;

    fn from_str(text: &str) -> Result<Self, NoRole> {
        let named = Self::ALL.into_iter().find(|role| role.name() == text);
        named.ok_or(NoRole)
    }
}

/// Somebody who may sign in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// Id in this installation.
    pub id: PersonId,
    /// What they sign in as: a mail address or a short name, see [`login`]; unique.
    pub login: String,
    /// What others read beside their notes and decisions.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// When they joined.
    pub created_at: Timestamp,
    /// Since when they may not sign in any more; their notes keep their name.
    #[serde(default)]
    pub disabled_at: Option<Timestamp>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

impl Person {
    /// Whether they may sign in.
    pub fn is_active(&self) -> bool {
        self.disabled_at.is_none()
    }
}

/// A way to prove who one is. `provider` and `subject` together are unique.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose it is.
    pub person: PersonId,
    /// Who proves it: [`PASSWORD`], or the address of an OpenID Connect issuer.
    pub provider: String,
    /// Who they are there: the login with [`PASSWORD`], else the issuer's `sub`.
    pub subject: String,
    /// What a password is checked against (argon2id, PHC string format); empty with other providers.
    pub secret: String,
    /// When it was last set.
    pub changed_at: Timestamp,
}

// By hand: the hash of a password has no place in a log.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("person", &self.person)
            .field("provider", &self.provider)
            .field("subject", &self.subject)
            .field("changed_at", &self.changed_at)
            .finish_non_exhaustive()
    }
}

/// People who work on incidents together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Id in this installation.
    pub id: TeamId,
    /// Name, unique.
    pub name: String,
    /// Its members, in no order that means anything.
    pub members: Vec<PersonId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A way in for one new person, by a link. The token itself is never stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Id, for listing and revoking.
    pub id: String,
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// What the new person may do.
    pub role: Role,
    /// The team that they join.
    #[serde(default)]
    pub team: Option<TeamId>,
    /// For whom it is, in words of who made it; may be empty.
    #[serde(default)]
    pub note: String,
    /// Name of who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// When it was accepted: it opens once.
    #[serde(default)]
    pub accepted_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    /// Whether it opens at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A browser in which somebody is signed in. The token itself is never stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Id, for listing and ending.
    pub id: String,
    /// SHA-256 of the token, hexadecimal.
    pub token_hash: String,
    /// Who is signed in.
    pub person: PersonId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to some minutes.
    pub seen_at: Timestamp,
    /// From when on it is refused, however much it is used.
    pub expires_at: Timestamp,
    /// The browser's own words for itself, shortened; not to be trusted.
    pub about: String,
}

impl Session {
    /// Whether it holds at `now`: not expired, and not unused for `idle_ms` milliseconds.
    pub fn holds(&self, now: Timestamp, idle_ms: i64) -> bool {
        now < self.expires_at && now.since(self.seen_at) < idle_ms
    }
}

/// Whose an incident is, and who may see it. Nobody's and open to all, unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The team that has it.
    pub team: Option<TeamId>,
    /// Whether its team alone may see it. Without a team nobody would: that is never stored.
    pub private: bool,
}

impl Ownership {
    /// Whether a member of those teams may see the incident.
    pub fn is_seen_by(&self, teams: &[TeamId]) -> bool {
        !self.private || self.team.as_ref().is_some_and(|team| teams.contains(team))
    }
}

/// Who had an incident: it and its ownership.
pub type Owned = (IncidentId, Ownership);

/// Shortest and longest login, characters.
const LOGIN: std::ops::RangeInclusive<usize> = 2..=128;

/// A login as it is kept: lower case, without space around it; `None` where the text is none.
/// Letters and digits of ASCII and `._+-@`, so that no two look alike.
pub fn login(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '@');
    (LOGIN.contains(&text.len()) && text.chars().all(letter)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_in_order_and_read_as_they_are_written() {
        assert!(Role::Viewer < Role::Responder && Role::Responder < Role::Admin);
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(json, format!("\"{role}\""));
        }
        assert_eq!("root".parse::<Role>(), Err(NoRole));
    }

    #[test]
    fn a_private_incident_is_seen_by_its_team_alone() {
        let team = |n: &str| TeamId(n.into());
        let of = |private| Ownership {
            team: Some(team("a")),
            private,
        };
        assert!(of(false).is_seen_by(&[]));
        assert!(of(true).is_seen_by(&[team("b"), team("a")]));
        assert!(!of(true).is_seen_by(&[team("b")]));
        let nobodys = Ownership {
            team: None,
            private: true,
        };
        assert!(!nobodys.is_seen_by(&[team("a")]));
    }

    #[test]
    fn logins_are_plain_and_of_one_case() {
        assert_eq!(login(" Ada@Example.org "), Some("ada@example.org".into()));
        for bad in ["", "a", "a b", "ädä", "a\u{0}b", "<b>", &"x".repeat(129)] {
            assert_eq!(login(bad), None, "{bad}");
        }
    }

    #[test]
    fn sessions_and_invitations_end() {
        let at = Timestamp::from_seconds;
        let session = Session {
            created_at: at(0),
            seen_at: at(100),
            expires_at: at(1_000),
            ..Session::default()
        };
        assert!(session.holds(at(999), 900_000));
        assert!(!session.holds(at(1_000), i64::MAX));
        assert!(!session.holds(at(200), 100_000));
        let open = Invitation {
            expires_at: at(10),
            ..Invitation::default()
        };
        assert!(open.is_open(at(9)) && !open.is_open(at(10)));
        let used = Invitation {
            accepted_at: Some(at(1)),
            ..open.clone()
        };
        let revoked = Invitation {
            revoked_at: Some(at(1)),
            ..open
        };
        assert!(!used.is_open(at(2)) && !revoked.is_open(at(2)));
    }

    #[test]
    fn the_hash_of_a_password_is_not_printed() {
        let identity = Identity {
            person: PersonId("p".into()),
            provider: PASSWORD.into(),
            subject: "ada".into(),
            secret: "$argon2id$SECRET".into(),
            changed_at: Timestamp::from_seconds(0),
        };
        assert!(!format!("{identity:?}").contains("SECRET"));
    }
}
