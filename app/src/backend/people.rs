//! What the pages need to know of people, and what they can ask for about them.

use super::Caller;
use crate::ApiError;
use async_trait::async_trait;
use model::{
    IncidentId, Timestamp,
    person::{Ownership, PersonId, Role, Team, TeamId},
};

/// Somebody who is signed in, as they were when they asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// What others read beside their notes and decisions.
    pub name: String,
    /// What they sign in as.
    pub login: String,
    /// What they may do.
    pub role: Role,
    /// Their teams.
    pub teams: Vec<TeamId>,
    /// Id of the session that they ask by.
    pub session: String,
}

/// Who is asking for the page that is rendered; `None` outside of one.
pub fn asking() -> Option<Caller> {
    let told = leptos::prelude::use_context::<Caller>();
    told.or_else(|| {
        let parts = leptos::prelude::use_context::<axum::http::request::Parts>()?;
        parts.extensions.get::<Caller>().cloned()
    })
}

/// Whose an incident is, for its page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Belongs {
    /// The team that has it, and whether it alone may see it.
    pub ownership: Ownership,
    /// Name of that team.
    pub name: Option<String>,
    /// The teams that it can be given to.
    pub teams: Vec<Team>,
}

/// What somebody wrote to sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Their login, as they wrote it.
    pub login: String,
    /// Their password.
    pub password: String,
    /// The address that they come from.
    pub from: String,
    /// Their browser's words for itself.
    pub about: String,
}

/// A session that has just begun. The token is said once, never again.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Its token.
    pub token: String,
    /// Seconds that it lasts at most.
    pub lasts_s: i64,
}

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The login and the password do not belong together, whatever the reason.
    Wrong,
    /// Too many attempts: to be tried again after so many seconds.
    TooMany(i64),
    /// The server cannot say.
    Unavailable(String),
}

/// What somebody wrote to accept an invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Token of the invitation.
    pub token: String,
    /// What others are to read.
    pub name: String,
    /// What they want to sign in as.
    pub login: String,
    /// A password.
    pub password: String,
    /// The same again.
    pub again: String,
    /// Their browser's words for itself.
    pub about: String,
}

/// A new password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The one that holds.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The new one again.
    pub again: String,
}

/// An invitation that opens.
#[derive(Clone, Debug, PartialEq)]
pub struct InvitationView {
    /// What the new person may do.
    pub role: Role,
    /// Name of the team that they join.
    pub team: Option<String>,
    /// Name of who made it.
    pub by: String,
    /// Until when it opens.
    pub expires_at: Timestamp,
}

/// An invitation as listed; the token is not known any more.
#[derive(Clone, Debug, PartialEq)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// For whom it is.
    pub note: String,
    /// What it opens.
    pub opens: InvitationView,
    /// Whether its time is over.
    pub expired: bool,
}

/// A new invitation.
#[derive(Clone, Debug, PartialEq)]
pub struct InvitationDraft {
    /// What the new person may do.
    pub role: Role,
    /// The team that they join.
    pub team: Option<TeamId>,
    /// For whom it is; may be empty.
    pub note: String,
}

/// A browser in which somebody is signed in.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// Its id, for ending it.
    pub id: String,
    /// The browser's words for itself.
    pub about: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// Somebody's own account.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountView {
    /// Who.
    pub member: Member,
    /// Names of their teams.
    pub teams: Vec<String>,
    /// Where they are signed in, the newest first.
    pub sessions: Vec<SessionRow>,
    /// Whether they have a password here.
    pub has_password: bool,
}

/// Somebody, for who manages people.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRow {
    /// Who.
    pub id: PersonId,
    /// What they sign in as.
    pub login: String,
    /// What others read.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
    /// Whether it is the one who asks.
    pub me: bool,
}

/// Everybody, every team and every open invitation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeopleView {
    /// Everybody, by login.
    pub people: Vec<PersonRow>,
    /// Teams, by name.
    pub teams: Vec<Team>,
    /// Invitations that wait.
    pub invitations: Vec<InvitationRow>,
}

/// Sign-in, accounts, people, teams, and who may see an incident. What an implementation leaves out
/// is denied.
#[async_trait]
pub trait People: Send + Sync + 'static {
    /// Whether there are accounts at all; without them whoever reaches the server is
    /// [`Caller::LocalUser`].
    fn has_accounts(&self) -> bool {
        false
    }

    /// Who shows that token of a session; [`Caller::Nobody`] where it is none, or is over.
    async fn caller(&self, _token: &str) -> Result<Caller, ApiError> {
        Ok(Caller::Nobody)
    }

    /// Signs somebody in. What is unknown, wrong and disabled answers alike and as late.
    async fn sign_in(&self, _ask: SignIn) -> Result<NewSession, Refusal> {
        Err(Refusal::Wrong)
    }

    /// Ends the caller's session.
    async fn sign_out(&self, _who: &Caller) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Ends all sessions of the caller, this one included.
    async fn sign_out_everywhere(&self, _who: &Caller) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Ends another session of the caller.
    async fn end_session(&self, _who: &Caller, _session: &str) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Sets the caller's password anew and ends all their other sessions.
    async fn change_password(
        &self,
        _who: &Caller,
        _change: PasswordChange,
    ) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// The caller's account.
    async fn account(&self, _who: &Caller) -> Result<AccountView, ApiError> {
        Err(ApiError::Forbidden)
    }

    /// What an invitation's token opens. Unknown, used, expired and revoked ones answer alike.
    async fn invitation(&self, _token: &str) -> Result<InvitationView, ApiError> {
        Err(ApiError::NotFound)
    }

    /// Makes the person that an invitation is for, and signs them in.
    async fn accept_invitation(&self, _by: Acceptance) -> Result<NewSession, ApiError> {
        Err(ApiError::NotFound)
    }

    /// Everybody, for who manages them.
    async fn people(&self, _who: &Caller) -> Result<PeopleView, ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Makes an invitation; its path, `/invitations/TOKEN`, is said once, never again.
    async fn invite(&self, _who: &Caller, _draft: InvitationDraft) -> Result<String, ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Revokes an invitation that waits.
    async fn revoke_invitation(&self, _who: &Caller, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Gives a person another role. The last admin stays one.
    async fn set_role(&self, _who: &Caller, _of: &PersonId, _to: Role) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Lets a person sign in no more and ends their sessions, or lets them again.
    async fn set_disabled(
        &self,
        _who: &Caller,
        _person: &PersonId,
        _disabled: bool,
    ) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Makes a team.
    async fn make_team(&self, _who: &Caller, _name: &str) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Removes a team that has no incidents.
    async fn delete_team(&self, _who: &Caller, _team: &TeamId) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Makes a person a member of a team, or one no more.
    async fn set_member(
        &self,
        _who: &Caller,
        _team: &TeamId,
        _person: &PersonId,
        _member: bool,
    ) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Gives an incident to a team, and says whether that team alone may see it. Nobody takes an
    /// incident out of their own sight.
    async fn set_ownership(
        &self,
        _who: &Caller,
        _incident: &IncidentId,
        _ownership: Ownership,
    ) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }

    /// Whether the caller may see an incident; for what is answered without a call of its own.
    async fn may_see(&self, _who: &Caller, _incident: &IncidentId) -> Result<(), ApiError> {
        Err(ApiError::NotFound)
    }

    /// Whether the caller may make incidents; likewise.
    fn may_create(&self, _who: &Caller) -> Result<(), ApiError> {
        Err(ApiError::Forbidden)
    }
}
