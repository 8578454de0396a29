//! People: sign-in, accounts, invitations, teams, and whose an incident is.

mod attempts;
pub(crate) mod managing;
pub(super) mod password;

use super::{ServerBackend, unavailable};
use crate::{config::people::People as Config, random};
use app::{
    ApiError, FieldError,
    backend::{
        Belongs, Caller, Member, People,
        people::{
            Acceptance, AccountView, InvitationDraft, InvitationView, NewSession, PasswordChange,
            PeopleView, Refusal, SessionRow, SignIn,
        },
    },
    input::LONGEST_NAME,
};
use async_trait::async_trait;
use attempts::Attempts;
use model::{
    IncidentId, Timestamp,
    bundle::sha256_hex,
    person::{self, Identity, Ownership, PASSWORD, Person, PersonId, Role, Session, TeamId},
    review::activity::Deed,
    time::{DAY, MINUTE},
};
use password::Passwords;
use store::{SignedIn, StoreError};

/// How often the use of a session is noted: a write, which pages that fetch all the time need not
/// make each time.
const NOTED: i64 = 5 * MINUTE;
/// Longest text that a browser says of itself, characters.
const ABOUT: usize = 200;

/// What sign-in works with.
pub(super) struct Doors {
    on: bool,
    session_ms: i64,
    idle_ms: i64,
    attempts: Attempts,
    passwords: Passwords,
}

impl Doors {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            on: config.on,
            session_ms: i64::from(config.session_days) * DAY,
            idle_ms: i64::from(config.idle_days) * DAY,
            attempts: Attempts::default(),
            passwords: Passwords::default(),
        }
    }

    /// Whether there are accounts.
    pub(super) fn accounts(&self) -> bool {
        self.on
    }
}

fn no_randomness(error: &std::io::Error) -> ApiError {
    tracing::error!(%error, "the operating system gives no randomness");
    ApiError::Unavailable("The server has no randomness to make a secret from.".into())
}

impl ServerBackend {
    /// Begins a session of a person.
    async fn begin(&self, person: &PersonId, about: &str) -> Result<NewSession, ApiError> {
        let now = self.clock.now();
        let token = random::token(&*self.random).map_err(|e| no_randomness(&e))?;
        let session = Session {
            id: self.new_id()?,
            token_hash: sha256_hex(token.as_bytes()),
            person: person.clone(),
            created_at: now,
            seen_at: now,
            expires_at: now.plus(self.doors.session_ms),
            about: model::words::printable(about).chars().take(ABOUT).collect(),
        };
        match self.store.put_session(&session).await {
            Err(StoreError::Missing { .. }) => return Err(ApiError::Forbidden),
            done => done.map_err(|e| unavailable(&e))?,
        }
        // Those that are over are of use to nobody; who signs in has a moment.
        if let Err(error) = self.store.sweep_sessions(now).await {
            tracing::warn!(%error, "sessions that are over could not be removed");
        }
        Ok(NewSession {
            token,
            lasts_s: self.doors.session_ms / 1_000,
        })
    }

    /// Whether login and password belong together, and to whom who may sign in. What is unknown takes
    /// as long as what is wrong.
    async fn known(&self, login: &str, password: String) -> Result<Option<Person>, ApiError> {
        let identity = match person::login(login) {
            Some(login) => self.store.identity(PASSWORD, &login).await,
            None => Ok(None),
        };
        let identity = identity.map_err(|e| unavailable(&e))?;
        let secret = identity.as_ref().map(|i| i.secret.clone());
        let matches = self.doors.passwords.matches(password, secret).await;
        let Some(identity) = identity.filter(|_| matches) else {
            return Ok(None);
        };
        let person = self.store.person(&identity.person).await;
        Ok(person
            .map_err(|e| unavailable(&e))?
            .filter(Person::is_active))
    }

    /// Whose an incident is, for its page.
    pub(super) async fn belongs(&self, id: &IncidentId) -> Result<Option<Belongs>, ApiError> {
        if !self.doors.accounts() {
            return Ok(None);
        }
        let ownership = self.store.ownership(id).await;
        let ownership = ownership.map_err(|e| unavailable(&e))?;
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        let name = teams
            .iter()
            .find(|t| ownership.team.as_ref() == Some(&t.id));
        Ok(Some(Belongs {
            name: name.map(|t| t.name.clone()),
            ownership,
            teams,
        }))
    }
}

/// A name of a person or a team: one line.
fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > LONGEST_NAME {
        Err(format!("expected 1 to {LONGEST_NAME} characters"))
    } else if text.chars().any(|c| c.is_control() || is_unseen(c)) {
        Err("expected characters that can be seen, and no line break".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Whether a character changes how others look and has no look of its own (Unicode's format characters,
/// fillers and variation selectors): a name with one looks like one without.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[async_trait]
impl People for ServerBackend {
    fn has_accounts(&self) -> bool {
        self.doors.accounts()
    }

    async fn caller(&self, token: &str) -> Result<Caller, ApiError> {
        let hash = sha256_hex(token.as_bytes());
        let found = self.store.session_by_hash(&hash).await;
        let now = self.clock.now();
        let holds = |s: &SignedIn| s.session.holds(now, self.doors.idle_ms);
        let Some(found) = found.map_err(|e| unavailable(&e))?.filter(holds) else {
            return Ok(Caller::Nobody);
        };
        let SignedIn {
            session,
            person,
            teams,
        } = found;
        if now.since(session.seen_at) >= NOTED {
            let noted = self.store.touch_session(&session.id, now).await;
            noted.map_err(|e| unavailable(&e))?;
        }
        Ok(Caller::Person(Member {
            id: person.id,
            name: person.name,
            login: person.login,
            role: person.role,
            teams,
            session: session.id,
        }))
    }

    async fn sign_in(&self, ask: SignIn) -> Result<NewSession, Refusal> {
        if !self.doors.accounts() {
            return Err(Refusal::Wrong);
        }
        let unavailable = |error: ApiError| Refusal::Unavailable(error.to_string());
        let attempts = &self.doors.attempts;
        let account = person::login(&ask.login);
        let began = attempts.begin(account.as_deref(), Some(&ask.from), self.clock.now());
        began.map_err(Refusal::TooMany)?;
        let known = self.known(&ask.login, ask.password).await;
        let Some(person) = known.map_err(unavailable)? else {
            return Err(Refusal::Wrong);
        };
        attempts.succeeded(&person.login, &ask.from);
        match self.begin(&person.id, &ask.about).await {
            // Disabled in between.
            Err(ApiError::Forbidden) => Err(Refusal::Wrong),
            begun => begun.map_err(unavailable),
        }
    }

    async fn sign_out(&self, who: &Caller) -> Result<(), ApiError> {
        let member = self.member(who)?;
        let ended = self.store.end_session(&member.id, &member.session).await;
        ended.map_err(|e| unavailable(&e)).map(drop)
    }

    async fn sign_out_everywhere(&self, who: &Caller) -> Result<(), ApiError> {
        let member = self.member(who)?;
        let ended = self.store.end_sessions(&member.id, None).await;
        ended.map_err(|e| unavailable(&e)).map(drop)
    }

    async fn end_session(&self, who: &Caller, session: &str) -> Result<(), ApiError> {
        let member = self.member(who)?;
        let ended = self.store.end_session(&member.id, session).await;
        if ended.map_err(|e| unavailable(&e))? {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    async fn change_password(&self, who: &Caller, change: PasswordChange) -> Result<(), ApiError> {
        let member = self.member(who)?;
        password::check(&change.new, &change.again, &member.login, "new")?;
        // Who found an open browser may not try passwords at will either.
        let began = (self.doors.attempts).begin(Some(&member.login), None, self.clock.now());
        began.map_err(|wait_s| {
            let minutes = wait_s / 60 + 1;
            ApiError::Invalid(format!("too many attempts: try again in {minutes} minutes"))
        })?;
        let known = self.known(&member.login, change.old).await?;
        if known.is_none_or(|person| person.id != member.id) {
            let wrong = FieldError::new("old", "this is not the password that holds");
            return Err(ApiError::Fields(vec![wrong]));
        }
        let secret = self.hashed(change.new).await?;
        let identity = Identity {
            person: member.id.clone(),
            provider: PASSWORD.into(),
            subject: member.login.clone(),
            secret,
            changed_at: self.clock.now(),
        };
        let put = self.store.put_identity(&identity).await;
        if !put.map_err(|e| unavailable(&e))? {
            return Err(ApiError::NotFound);
        }
        let this = Some(member.session.as_str());
        let ended = self.store.end_sessions(&member.id, this).await;
        ended.map_err(|e| unavailable(&e)).map(drop)
    }

    async fn account(&self, who: &Caller) -> Result<AccountView, ApiError> {
        let member = self.member(who)?;
        let teams = self.store.teams().await.map_err(|e| unavailable(&e))?;
        let mine = teams.into_iter().filter(|t| member.teams.contains(&t.id));
        let sessions = self.store.sessions(&member.id).await;
        let now = self.clock.now();
        let row = |s: Session| SessionRow {
            this: s.id == member.session,
            id: s.id,
            about: s.about,
            created_at: s.created_at,
            seen_at: s.seen_at,
        };
        let identities = self.store.identities(&member.id).await;
        Ok(AccountView {
            teams: mine.map(|t| t.name).collect(),
            sessions: sessions
                .map_err(|e| unavailable(&e))?
                .into_iter()
                .filter(|s| s.holds(now, self.doors.idle_ms))
                .map(row)
                .collect(),
            has_password: identities
                .map_err(|e| unavailable(&e))?
                .iter()
                .any(|i| i.provider == PASSWORD),
            member: member.clone(),
        })
    }

    async fn invitation(&self, token: &str) -> Result<InvitationView, ApiError> {
        self.opened_by(token).await
    }

    async fn accept_invitation(&self, by: Acceptance) -> Result<NewSession, ApiError> {
        self.accepted(by).await
    }

    async fn people(&self, who: &Caller) -> Result<PeopleView, ApiError> {
        let member = self.manages_people(who)?;
        self.everybody(member).await
    }

    async fn invite(&self, who: &Caller, draft: InvitationDraft) -> Result<String, ApiError> {
        let member = self.manages_people(who)?;
        self.invited(&member.name, draft).await
    }

    async fn revoke_invitation(&self, who: &Caller, id: &str) -> Result<(), ApiError> {
        self.manages_people(who)?;
        let revoked = self.store.revoke_invitation(id, self.clock.now()).await;
        if revoked.map_err(|e| unavailable(&e))? {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    async fn set_role(&self, who: &Caller, of: &PersonId, to: Role) -> Result<(), ApiError> {
        self.manages_people(who)?;
        self.changed_person(of, |person| person.role = to).await
    }

    async fn set_disabled(
        &self,
        who: &Caller,
        person: &PersonId,
        disabled: bool,
    ) -> Result<(), ApiError> {
        self.manages_people(who)?;
        let at: Option<Timestamp> = disabled.then(|| self.clock.now());
        self.changed_person(person, |person| person.disabled_at = at)
            .await
    }

    async fn make_team(&self, who: &Caller, name: &str) -> Result<(), ApiError> {
        self.manages_people(who)?;
        self.new_team(name).await
    }

    async fn delete_team(&self, who: &Caller, team: &TeamId) -> Result<(), ApiError> {
        self.manages_people(who)?;
        self.removed_team(team).await
    }

    async fn set_member(
        &self,
        who: &Caller,
        team: &TeamId,
        person: &PersonId,
        member: bool,
    ) -> Result<(), ApiError> {
        self.manages_people(who)?;
        let done = if member {
            self.store.add_member(team, person).await
        } else {
            self.store.remove_member(team, person).await
        };
        if done.map_err(|e| unavailable(&e))? {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    async fn set_ownership(
        &self,
        who: &Caller,
        incident: &IncidentId,
        ownership: Ownership,
    ) -> Result<(), ApiError> {
        let member = self.member(who)?;
        self.may_change(who, incident).await?;
        self.given(member, incident, ownership).await?;
        self.did(who, incident, Deed::AccessChanged, "").await;
        Ok(())
    }

    async fn may_see(&self, who: &Caller, incident: &IncidentId) -> Result<(), ApiError> {
        self.may_look(who, incident).await
    }

    fn may_create(&self, who: &Caller) -> Result<(), ApiError> {
        self.may_make(who)
    }
}
