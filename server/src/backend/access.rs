//! Who may do what. The one place that decides it; every call of the backend begins with a question
//! that is asked here, and what nobody thought of is denied.
//!
//! | | reads incidents | makes and changes them | manages people and sources |
//! | --- | --- | --- | --- |
//! | the local user, without accounts | yes | yes | yes |
//! | viewer | those that are not private, and those of their teams | no | no |
//! | responder | likewise | likewise | no |
//! | admin | likewise | likewise | yes |
//! | a share link | what it opens | no | no |
//! | nobody | no | no | no |
//!
//! A private incident is not there for who is in another team, whatever their role: the answer is the
//! same as for one that does not exist.

use super::{ServerBackend, unavailable};
use app::{ApiError, backend::Caller, backend::Member};
use model::{Incident, IncidentId, person::Role};
use std::collections::BTreeSet;

/// What the person at the machine is called, where there are no accounts.
const LOCAL_USER: &str = "local user";

/// The name that notes, decisions and action items carry.
pub(super) fn author_of(who: &Caller) -> String {
    match who {
        Caller::Person(member) => member.name.clone(),
        // These may write nothing; if they ever do, it says so.
        Caller::Share(_) | Caller::Nobody => "unknown".to_owned(),
        Caller::LocalUser => LOCAL_USER.to_owned(),
    }
}

/// Which incidents somebody may see.
#[derive(Clone, Debug, Default)]
pub(super) struct Sight {
    hidden: BTreeSet<IncidentId>,
}

impl Sight {
    /// Whether this one.
    pub(super) fn sees(&self, id: &IncidentId) -> bool {
        !self.hidden.contains(id)
    }

    /// Those of a list.
    pub(super) fn of(&self, mut incidents: Vec<Incident>) -> Vec<Incident> {
        incidents.retain(|incident| self.sees(&incident.id));
        incidents
    }
}

impl ServerBackend {
    /// What somebody may do at most; nothing, where `None`.
    fn role(&self, who: &Caller) -> Option<Role> {
        match who {
            // Where there are accounts nobody comes in without one, also where a route forgot to ask
            // who it is.
            Caller::LocalUser => (!self.doors.accounts()).then_some(Role::Admin),
            Caller::Person(member) => self.doors.accounts().then_some(member.role),
            Caller::Share(_) | Caller::Nobody => None,
        }
    }

    fn needs(&self, who: &Caller, least: Role) -> Result<(), ApiError> {
        match self.role(who) {
            Some(role) if role >= least => Ok(()),
            _ => Err(ApiError::Forbidden),
        }
    }

    /// Reads what is no incident's: lists, the state of the sources, what they gave.
    pub(super) fn may_read(&self, who: &Caller) -> Result<(), ApiError> {
        self.needs(who, Role::Viewer)
    }

    /// Makes incidents, and asks the sources for what goes into them.
    pub(super) fn may_make(&self, who: &Caller) -> Result<(), ApiError> {
        self.needs(who, Role::Responder)
    }

    /// Manages people, teams and sources.
    pub(super) fn may_administer(&self, who: &Caller) -> Result<(), ApiError> {
        self.needs(who, Role::Admin)
    }

    /// Reads an incident, and everything that is made of it.
    pub(super) async fn may_look(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.may_read(who)?;
        let Caller::Person(member) = who else {
            return Ok(());
        };
        let owned = self.store.ownership(id).await;
        if owned
            .map_err(|e| unavailable(&e))?
            .is_seen_by(&member.teams)
        {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }
    }

    /// Changes an incident, or lets others see it by a link.
    pub(super) async fn may_change(&self, who: &Caller, id: &IncidentId) -> Result<(), ApiError> {
        self.may_look(who, id).await?;
        self.may_make(who)
    }

    /// Which incidents of a list somebody may see.
    pub(super) async fn sight(&self, who: &Caller) -> Result<Sight, ApiError> {
        self.may_read(who)?;
        let Caller::Person(member) = who else {
            return Ok(Sight::default());
        };
        let owned = self.store.ownerships().await;
        let owned = owned.map_err(|e| unavailable(&e))?;
        let hidden = owned
            .into_iter()
            .filter(|(_, ownership)| !ownership.is_seen_by(&member.teams))
            .map(|(id, _)| id);
        Ok(Sight {
            hidden: hidden.collect(),
        })
    }

    /// Whether only some may know of it.
    pub(super) async fn is_private(&self, id: &IncidentId) -> Result<bool, ApiError> {
        let owned = self.store.ownership(id).await;
        Ok(owned.map_err(|e| unavailable(&e))?.private)
    }

    /// Who is signed in; for what only they themselves may do.
    pub(super) fn member<'a>(&self, who: &'a Caller) -> Result<&'a Member, ApiError> {
        match who {
            Caller::Person(member) if self.doors.accounts() => Ok(member),
            _ => Err(ApiError::Forbidden),
        }
    }

    /// Manages people, where there are any.
    pub(super) fn manages_people<'a>(&self, who: &'a Caller) -> Result<&'a Member, ApiError> {
        let member = self.member(who)?;
        self.may_administer(who)?;
        Ok(member)
    }
}
