//! `lineup people`: who may sign in. For whoever runs the server, who needs no account for it.

use super::{CommandError, print};
use crate::{
    backend::people::managing::{self, Invited},
    cli::People as Command,
    clock::{Clock as _, SystemClock},
    config::people::People as Config,
    random::SystemRandom,
};
use app::backend::people::InvitationDraft;
use model::{
    person::{Person, Role},
    words::printable,
};
use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use store::{Kept, Store};

/// Where the server listens that no configuration tells otherwise.
const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// Who made an invitation that no person made.
const OPERATOR: &str = "who runs this server";

pub(super) async fn run(
    store: &dyn Store,
    config: &Config,
    listen: Option<SocketAddr>,
    what: Command,
) -> Result<(), CommandError> {
    if !config.on {
        return Err(CommandError::Input(
            "there are no accounts: set `on = true` under [people] in the configuration file, and name it with \
             --config or LINEUP_CONFIG (docs/people.md)"
                .into(),
        ));
    }
    match what {
        Command::Invite { role, admin, note } => {
            let role = if admin { Role::Admin } else { role };
            invite(store, config, listen, role, note).await
        }
        Command::List => list(store).await,
        Command::Disable { login } => set_disabled(store, &login, true).await,
        Command::Enable { login } => set_disabled(store, &login, false).await,
    }
}

async fn invite(
    store: &dyn Store,
    config: &Config,
    listen: Option<SocketAddr>,
    role: Role,
    note: String,
) -> Result<(), CommandError> {
    let served = config.served().map_err(CommandError::Input)?;
    let draft = InvitationDraft {
        role,
        team: None,
        note: printable(note.trim()),
    };
    let drawn = managing::draw(&SystemRandom, SystemClock.now(), OPERATOR, draft);
    let Invited { invitation, path } = drawn.map_err(|e| {
        CommandError::Serve(format!("the operating system gives no randomness: {e}"))
    })?;
    store.put_invitation(&invitation).await?;
    let here = format!("http://{}", listen.unwrap_or(HERE));
    let begin = served.address().unwrap_or(&here);
    print(&format!("{begin}{path}\n"))
}

async fn list(store: &dyn Store) -> Result<(), CommandError> {
    let mut text = String::new();
    for person in store.people().await? {
        let Person {
            login, role, name, ..
        } = &person;
        let disabled = if person.is_active() {
            ""
        } else {
            " (disabled)"
        };
        let name = printable(name);
        // Writing into a text never fails.
        let _ = writeln!(text, "{login}\t{role}{disabled}\t{name}");
    }
    print(&text)
}

async fn set_disabled(store: &dyn Store, login: &str, disabled: bool) -> Result<(), CommandError> {
    let wanted = model::person::login(login);
    let mut people = store.people().await?.into_iter();
    let person = people.find(|p| Some(&p.login) == wanted.as_ref());
    let Some(person) = person else {
        return Err(CommandError::Input(format!(
            "nobody has the login '{}': `lineup people list` shows all",
            printable(login)
        )));
    };
    let changed = Person {
        disabled_at: disabled.then(|| SystemClock.now()),
        ..person
    };
    match store.update_person(&changed).await? {
        Kept::Changed => Ok(()),
        Kept::Nobody => Err(CommandError::Input("they are gone by now".into())),
        Kept::LastAdmin => Err(CommandError::Input(
            "this is the last admin: let another in first, with `lineup people invite --admin`"
                .into(),
        )),
    }
}
