//! Managing people: invitations, roles, teams, and whose an incident is.

use super::{ServerBackend, name, no_randomness, password, unavailable};
use crate::random;
use app::{
    ApiError, FieldError,
    backend::{
        Member,
        people::{
            Acceptance, InvitationDraft, InvitationRow, InvitationView, NewSession, PeopleView,
            PersonRow,
        },
    },
    input::LONGEST_TITLE,
};
use model::{
    IncidentId,
    bundle::sha256_hex,
    person::{self, Identity, Invitation, Ownership, PASSWORD, Person, PersonId, Team, TeamId},
    time::DAY,
};
use store::{Kept, StoreError};

/// Days that an invitation opens: somebody may be away for a week.
const INVITED_DAYS: i64 = 7;
/// Invitations that may wait at the same time; their list is one page.
const MOST_INVITATIONS: usize = 200;
/// Teams that there may be, likewise.
const MOST_TEAMS: usize = 200;

/// An input that cannot be used.
fn wrong(field: &str, message: impl Into<String>) -> ApiError {
    ApiError::Fields(vec![FieldError::new(field, message)])
}

/// An invitation with its token, which is nowhere else.
pub(crate) struct Invited {
    /// What is stored.
    pub(crate) invitation: Invitation,
    /// The address without its beginning: `/invitations/TOKEN`.
    pub(crate) path: String,
}

/// Draws an invitation, which is still to be stored.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn draw(
    random: &dyn random::Random,
    now: model::Timestamp,
    by: &str,
    draft: InvitationDraft,
) -> std::io::Result<Invited> {
    let token = random::token(random)?;
    Ok(Invited {
        invitation: Invitation {
            id: random::id(random)?,
            token_hash: sha256_hex(token.as_bytes()),
            role: draft.role,
            team: draft.team,
            note: draft.note,
            created_by: by.to_owned(),
            created_at: now,
            expires_at: now.plus(INVITED_DAYS * DAY),
            ..Invitation::default()
        },
        path: format!("/invitations/{token}"),
    })
}

impl ServerBackend {
    pub(super) async fn invited(
        &self,
        by: &str,
        draft: InvitationDraft,
    ) -> Result<String, ApiError> {
        let note = model::words::printable(draft.note.trim());
        if note.chars().count() > LONGEST_TITLE {
            return Err(wrong("note", format!("at most {LONGEST_TITLE} characters")));
        }
        if let Some(team) = &draft.team {
            self.team(team).await?;
        }
        let waiting = self.store.invitations().await;
        if waiting.map_err(|e| unavailable(&e))?.len() >= MOST_INVITATIONS {
            return Err(ApiError::Invalid(format!(
                "{MOST_INVITATIONS} invitations wait already: revoke some first"
            )));
        }
        let draft = InvitationDraft { note, ..draft };
        let invited = draw(&*self.random, self.clock.now(), by, draft);
        let Invited { invitation, path } = invited.map_err(|e| no_randomness(&e))?;
        let put = self.store.put_invitation(&invitation).await;
        put.map_err(|e| unavailable(&e))?;
        Ok(path)
    }

    async fn open_invitation(&self, token: &str) -> Result<Invitation, ApiError> {
        if !self.doors.accounts() {
            return Err(ApiError::NotFound);
        }
        let hash = sha256_hex(token.as_bytes());
        let found = self.store.invitation_by_hash(&hash).await;
        let now = self.clock.now();
        found
            .map_err(|e| unavailable(&e))?
            .filter(|invitation| invitation.is_open(now))
            .ok_or(ApiError::NotFound)
    }

    /// What an invitation opens.
    pub(super) async fn opened_by(&self, token: &str) -> Result<InvitationView, ApiError> {
        let invitation = self.open_invitation(token).await?;
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        Ok(view(&invitation, &teams))
    }

    pub(super) async fn accepted(&self, by: Acceptance) -> Result<NewSession, ApiError> {
        let invitation = self.open_invitation(&by.token).await?;
        let named = name(&by.name).map_err(|message| wrong("name", message))?;
        let login = person::login(&by.login).ok_or_else(|| {
            wrong(
                "login",
                "expected 2 to 128 letters, digits or any of . _ + - @",
            )
        })?;
        password::check(&by.password, &by.again, &login, "password")?;
        self.is_nobodys(&named).await?;
        let now = self.clock.now();
        let person = Person {
            id: PersonId(self.new_id()?),
            login: login.clone(),
            name: named,
            role: invitation.role,
            created_at: now,
            ..Person::default()
        };
        let identity = Identity {
            person: person.id.clone(),
            provider: PASSWORD.into(),
            subject: login,
            secret: self.hashed(by.password).await?,
            changed_at: now,
        };
        let hash = &invitation.token_hash;
        let accepted = self.store.accept_invitation(hash, now, &person, &identity);
        match accepted.await {
            Ok(true) => self.begin(&person.id, &by.about).await,
            Ok(false) => Err(ApiError::NotFound),
            Err(StoreError::Conflict { .. }) => Err(wrong(
                "login",
                "somebody has this login already: choose another",
            )),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Comments carry the name of who wrote them, and approvals of who gave them: two people may not
    /// look alike there.
    async fn is_nobodys(&self, name: &str) -> Result<(), ApiError> {
        let alike = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
        let people = self.store.people().await.map_err(|e| unavailable(&e))?;
        if people.iter().any(|p| alike(&p.name) == alike(name)) {
            return Err(wrong(
                "name",
                "somebody is called that already: add what tells you apart",
            ));
        }
        Ok(())
    }

    pub(super) async fn everybody(&self, me: &Member) -> Result<PeopleView, ApiError> {
        let people = self.store.people().await.map_err(|e| unavailable(&e))?;
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        let waiting = self.store.invitations().await;
        let now = self.clock.now();
        let row = |p: Person| PersonRow {
            me: p.id == me.id,
            id: p.id,
            login: p.login,
            name: p.name,
            role: p.role,
            disabled_at: p.disabled_at,
        };
        let invitations = waiting.map_err(|e| unavailable(&e))?;
        let invitation = |i: &Invitation| InvitationRow {
            id: i.id.clone(),
            note: i.note.clone(),
            opens: view(i, &teams),
            expired: !i.is_open(now),
        };
        Ok(PeopleView {
            invitations: invitations.iter().map(invitation).collect(),
            people: people.into_iter().map(row).collect(),
            teams,
        })
    }

    /// Changes a person, unless nobody would be left who manages people.
    pub(super) async fn changed_person(
        &self,
        id: &PersonId,
        change: impl FnOnce(&mut Person) + Send,
    ) -> Result<(), ApiError> {
        let person = self.store.person(id).await.map_err(|e| unavailable(&e))?;
        let mut person = person.ok_or(ApiError::NotFound)?;
        change(&mut person);
        let kept = self.store.update_person(&person).await;
        match kept.map_err(|e| unavailable(&e))? {
            Kept::Changed => Ok(()),
            Kept::Nobody => Err(ApiError::NotFound),
            Kept::LastAdmin => Err(ApiError::Invalid(
                "this is the last admin: make somebody else one first".into(),
            )),
        }
    }

    /// The team of that id.
    async fn team(&self, id: &TeamId) -> Result<Team, ApiError> {
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        let found = teams.into_iter().find(|team| team.id == *id);
        found.ok_or_else(|| wrong("team", "there is no such team (any more)"))
    }

    pub(super) async fn new_team(&self, named: &str) -> Result<(), ApiError> {
        let named = name(named).map_err(|message| wrong("name", message))?;
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        if teams.len() >= MOST_TEAMS {
            return Err(ApiError::Invalid(format!(
                "there are {MOST_TEAMS} teams already: remove some first"
            )));
        }
        let team = Team {
            id: TeamId(self.new_id()?),
            name: named,
            members: Vec::new(),
            created_at: self.clock.now(),
        };
        match self.store.put_team(&team).await {
            Err(StoreError::Conflict { .. }) => {
                Err(wrong("name", "there is a team of this name already"))
            }
            put => put.map_err(|e| unavailable(&e)),
        }
    }

    pub(super) async fn removed_team(&self, team: &TeamId) -> Result<(), ApiError> {
        match self.store.delete_team(team).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(ApiError::NotFound),
            Err(StoreError::Conflict { .. }) => Err(ApiError::Invalid(
                "incidents belong to this team: its members give them to another first".into(),
            )),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Gives an incident to a team. Whoever does it sees it afterwards as well.
    pub(super) async fn given(
        &self,
        member: &Member,
        incident: &IncidentId,
        ownership: Ownership,
    ) -> Result<(), ApiError> {
        self.incident(incident).await?;
        match &ownership.team {
            Some(team) => {
                self.team(team).await?;
            }
            None if ownership.private => {
                return Err(wrong("team", "a private incident needs a team"));
            }
            None => {}
        }
        if !ownership.is_seen_by(&member.teams) {
            return Err(wrong(
                "team",
                "you are not in this team, and would not see the incident any more: ask one of its members to \
                 make it private",
            ));
        }
        let set = self.store.set_ownership(incident, &ownership).await;
        set.map_err(|e| match e {
            StoreError::Missing { .. } => ApiError::NotFound,
            e => unavailable(&e),
        })
    }
}

fn view(invitation: &Invitation, teams: &[Team]) -> InvitationView {
    let team = invitation.team.as_ref();
    let team = team.and_then(|id| teams.iter().find(|team| team.id == *id));
    InvitationView {
        role: invitation.role,
        team: team.map(|team| team.name.clone()),
        by: invitation.created_by.clone(),
        expires_at: invitation.expires_at,
    }
}
