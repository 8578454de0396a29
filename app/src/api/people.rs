//! Server functions about people. Signing in and out are no server functions: they set cookies, and
//! are plain forms of the server (`server/src/http/session.rs`).

#[cfg(feature = "ssr")]
use super::asking;
#[cfg(feature = "ssr")]
use crate::done::Done;
use crate::{ApiError, page::Page};
use leptos::prelude::*;

/// What an invitation's token opens; for who manages people, the link to send on.
#[server(prefix = "/api", endpoint = "invitation")]
pub async fn invitation(token: String) -> Result<Page, ApiError> {
    use crate::backend::Caller;
    let (backend, who) = asking::backend()?;
    let opened = backend.invitation(&token).await;
    let manages =
        matches!(who, Caller::Person(member) if member.role == model::person::Role::Admin);
    asking::told(opened.map(|view| Page::invitation(&view, &token, manages)))
}

/// The caller's own account.
#[server(prefix = "/api", endpoint = "account")]
pub async fn account() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.account(&who).await.map(Page::account))
}

/// Sets the caller's password anew.
#[server(prefix = "/api", endpoint = "change_password")]
pub async fn change_password(old: String, new: String, again: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let change = crate::backend::people::PasswordChange { old, new, again };
    let changed = backend.change_password(&who, change).await;
    asking::did(changed, Done::PasswordChanged, "")
}

/// Ends another session of the caller.
#[server(prefix = "/api", endpoint = "end_session")]
pub async fn end_session(session: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let ended = backend.end_session(&who, &session).await;
    asking::did(ended, Done::SessionEnded, "")
}

/// Everybody and every team.
#[server(prefix = "/api", endpoint = "people")]
pub async fn people() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.people(&who).await.map(Page::people))
}

/// Makes an invitation and sends the browser to it: the page has the link for an address.
#[server(prefix = "/api", endpoint = "invite")]
pub async fn invite(
    role: String,
    #[server(default)] team: String,
    #[server(default)] note: String,
) -> Result<String, ApiError> {
    use crate::backend::people::InvitationDraft;
    let (backend, who) = asking::backend()?;
    let invited = async {
        let role = asking::role(&role)?;
        let draft = InvitationDraft {
            role,
            team: asking::team(team),
            note,
        };
        backend.invite(&who, draft).await
    };
    let path = asking::told(invited.await)?;
    if asking::is_plain_form() {
        leptos_axum::redirect(&path);
    }
    Ok(path)
}

/// Revokes an invitation that waits.
#[server(prefix = "/api", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(invitation: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let revoked = backend.revoke_invitation(&who, &invitation).await;
    asking::did(revoked, Done::InvitationRevoked, "")
}

/// Gives a person another role.
#[server(prefix = "/api", endpoint = "set_role")]
pub async fn set_role(person: String, role: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let set = async {
        let role = asking::role(&role)?;
        let person = model::person::PersonId(person);
        backend.set_role(&who, &person, role).await
    };
    asking::did(set.await, Done::RoleSet, "")
}

/// Lets a person sign in no more, or again.
#[server(prefix = "/api", endpoint = "set_disabled")]
pub async fn set_disabled(person: String, disabled: bool) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let person = model::person::PersonId(person);
    let set = backend.set_disabled(&who, &person, disabled).await;
    let done = if disabled {
        Done::Disabled
    } else {
        Done::Enabled
    };
    asking::did(set, done, "")
}

/// Makes a team.
#[server(prefix = "/api", endpoint = "make_team")]
pub async fn make_team(name: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let made = backend.make_team(&who, &name).await;
    asking::did(made, Done::TeamMade, "")
}

/// Removes a team that has no incidents.
#[server(prefix = "/api", endpoint = "delete_team")]
pub async fn delete_team(team: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let team = model::person::TeamId(team);
    let deleted = backend.delete_team(&who, &team).await;
    asking::did(deleted, Done::TeamDeleted, "")
}

/// Makes a person a member of a team, or one no more.
#[server(prefix = "/api", endpoint = "set_member")]
pub async fn set_member(team: String, person: String, member: bool) -> Result<(), ApiError> {
    use model::person::{PersonId, TeamId};
    let (backend, who) = asking::backend()?;
    let (team, person) = (TeamId(team), PersonId(person));
    let set = backend.set_member(&who, &team, &person, member).await;
    let done = if member {
        Done::MemberAdded
    } else {
        Done::MemberRemoved
    };
    asking::did(set, done, "")
}

/// Gives an incident to a team (empty: to none), private or not.
#[server(prefix = "/api", endpoint = "set_ownership")]
pub async fn set_ownership(
    incident: String,
    #[server(default)] team: String,
    #[server(default)] private: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let set = async {
        let id = asking::incident(incident)?;
        let ownership = model::person::Ownership {
            team: asking::team(team),
            private,
        };
        backend.set_ownership(&who, &id, ownership).await
    };
    asking::did(set.await, Done::OwnershipSet, "h-belongs")
}
