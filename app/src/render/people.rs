//! People: one's own account, everybody and their teams, and what an invitation opens.

use super::{
    form::{choice, input},
    instant, table,
};
use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    ACCEPT,
    backend::people::{
        AccountView, InvitationRow, InvitationView, Member, PeopleView, PersonRow, SessionRow,
    },
    input::SHORTEST_PASSWORD,
};
use leptos::prelude::*;
use model::person::{PersonId, Role, Team};

/// Who is signed in, for the head of every page.
pub(crate) fn who(member: &Member) -> String {
    let people = (member.role == Role::Admin).then(|| {
        view! {
            <a class="quiet" href="/people">
                "People"
            </a>
        }
    });
    view! {
        {people}
        <a class="quiet" href="/account" data-testid="account-link">
            {member.name.clone()}
        </a>
        <form method="post" action="/session/end">
            <button type="submit" class="quiet" data-testid="sign-out">
                "Sign out"
            </button>
        </form>
    }
    .to_html()
}

/// A password, with what the browser should fill in.
pub(crate) fn password(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    fill: &'static str,
) -> Markup {
    let shortest = (fill == "new-password").then_some(SHORTEST_PASSWORD.to_string());
    let described = (!hint.is_empty()).then(|| format!("{id}-hint"));
    let said = described.clone().map(|id| {
        view! {
            <p class="hint" id=id>
                {hint}
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                name=name
                type="password"
                required
                autocomplete=fill
                minlength=shortest
                aria-describedby=described
            />
            {said}
        </div>
    }
    .markup()
}

/// Hint of a new password.
const NEW_PASSWORD: &str = "12 characters or more: a few words, or what a password manager makes";

/// A line that is needed.
fn line(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    fill: &'static str,
) -> Markup {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                name=name
                type="text"
                required
                maxlength="128"
                autocomplete=fill
                aria-describedby=format!("{id}-hint")
            />
            <p class="hint" id=format!("{id}-hint")>
                {hint}
            </p>
        </div>
    }
    .markup()
}

/// The page of one's own account.
pub(super) fn account(view: AccountView) -> Markup {
    let teams = if view.teams.is_empty() {
        "no team".to_owned()
    } else {
        view.teams.join(", ")
    };
    let rows = view.sessions.into_iter().map(session).collect();
    let sessions = table(
        "Where you are signed in",
        ["Browser", "Since", "Last used", ""],
        rows,
    );
    let password = view.has_password.then(change_password);
    view! {
        <section class="panel" aria-labelledby="h-me" data-testid="account">
            <h2 id="h-me">{view.member.name.clone()}</h2>
            <p>
                {view.member.login.clone()} " · " <b>{view.member.role.name()}</b> " · " {teams}
            </p>
        </section>
        <section class="panel" aria-labelledby="h-sessions">
            <h2 id="h-sessions">"Where you are signed in"</h2>
            {sessions}
            <form class="actions" method="post" action="/session/end-all" data-own>
                <button type="submit" class="button" data-testid="sign-out-everywhere">
                    "Sign out everywhere"
                </button>
                <span class="small dim">"Here too."</span>
            </form>
        </section>
        {password}
    }
    .markup()
}

fn session(row: SessionRow) -> Markup {
    let end = if row.this {
        view! { <span class="chip chip-open">"this one"</span> }.markup()
    } else {
        view! {
            <form method="post" action="/api/end_session" data-own>
                <input type="hidden" name="session" value=row.id />
                <button type="submit" class="button">
                    "Sign out"
                </button>
            </form>
        }
        .markup()
    };
    view! {
        <tr data-testid="session-row">
            <th scope="row">{row.about}</th>
            <td>{instant(row.created_at)}</td>
            <td>{instant(row.seen_at)}</td>
            <td>{end}</td>
        </tr>
    }
    .markup()
}

fn change_password() -> Markup {
    view! {
        <section class="panel" aria-labelledby="h-password">
            <h2 id="h-password">"Change the password"</h2>
            <form method="post" action="/api/change_password" data-own>
                {password("password-old", "old", "Password now", "", "current-password")}
                {password("password-new", "new", "New password", NEW_PASSWORD, "new-password")}
                {password("password-again", "again", "New password again", "", "new-password")}
                <p class="small dim">"All your other sessions end."</p>
                <p class="actions">
                    <button type="submit" class="button">
                        "Change the password"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

/// The page of everybody.
pub(super) fn people(view: PeopleView) -> Markup {
    let PeopleView {
        people,
        teams,
        invitations,
    } = view;
    let rows = people.iter().map(|p| person(p, &teams)).collect();
    let everybody = table("People", ["Person", "Role", "Teams", ""], rows);
    let cards = teams.iter().map(|t| team(t, &people)).collect_view();
    view! {
        <section class="panel list" aria-labelledby="h-people">
            <h2 id="h-people">"People"</h2>
            {everybody}
        </section>
        {invite(&teams, invitations)}
        <section class="panel" aria-labelledby="h-teams">
            <h2 id="h-teams">"Teams"</h2>
            <p class="small dim">
                "A team has incidents. A private one is seen by its team alone: who manages people is no exception, \
                 and would have to join it, for all of it to see."
            </p>
            <ul class="cards">{cards}</ul>
            <form method="post" action="/api/make_team">
                {input("team-name", "name", "New team", "A name that nobody else has", String::new())}
                <p class="actions">
                    <button type="submit" class="button">
                        "Make the team"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

fn person(row: &PersonRow, teams: &[Team]) -> Markup {
    let of: Vec<&str> = teams
        .iter()
        .filter(|t| t.members.contains(&row.id))
        .map(|t| t.name.as_str())
        .collect();
    let disabled = row.disabled_at.is_some();
    let chip = disabled.then(|| view! { <span class="chip">"disabled"</span> });
    let me = row
        .me
        .then(|| view! { <span class="chip chip-open">"you"</span> });
    let options = Role::ALL
        .into_iter()
        .map(|role| {
            view! {
                <option value=role.name() selected=role == row.role>
                    {role.name()}
                </option>
            }
        })
        .collect_view();
    view! {
        <tr data-testid="person-row">
            <th scope="row">
                {row.name.clone()} " " {me} {chip} <span class="small dim">{row.login.clone()}</span>
            </th>
            <td>
                <form class="inline" method="post" action="/api/set_role">
                    <input type="hidden" name="person" value=row.id.0.clone() />
                    <select name="role" aria-label=format!("Role of {}", row.name)>
                        {options}
                    </select>
                    <button type="submit" class="button">
                        "Set"
                    </button>
                </form>
            </td>
            <td>{of.join(", ")}</td>
            <td>
                <form method="post" action="/api/set_disabled">
                    <input type="hidden" name="person" value=row.id.0.clone() />
                    <input type="hidden" name="disabled" value=(!disabled).to_string() />
                    <button
                        type="submit"
                        class="button"
                        aria-label=format!("{} {}", if disabled { "Enable" } else { "Disable" }, row.name)
                    >
                        {if disabled { "Enable" } else { "Disable" }}
                    </button>
                </form>
            </td>
        </tr>
    }
    .markup()
}

fn invite(teams: &[Team], waiting: Vec<InvitationRow>) -> Markup {
    let options = teams
        .iter()
        .map(|t| view! { <option value=t.id.0.clone()>{t.name.clone()}</option> })
        .collect_view();
    let rows: Vec<Markup> = waiting.into_iter().map(invitation_row).collect();
    let list = (!rows.is_empty()).then(|| {
        table(
            "Invitations that wait",
            ["For", "Role", "Team", "By", "Opens until", ""],
            rows,
        )
    });
    let roles: Vec<(&'static str, &'static str)> =
        Role::ALL.iter().map(|r| (r.name(), r.name())).collect();
    view! {
        <section class="panel" aria-labelledby="h-invite">
            <h2 id="h-invite">"Invite somebody"</h2>
            {list}
            <form method="post" action="/api/invite">
                <div class="pair">
                    {input(
                        "invite-note",
                        "note",
                        "For whom",
                        "Your own words; the invited choose name and login themselves",
                        String::new(),
                    )} {choice("invite-role".into(), "role", "Role", &roles, Role::Responder.name())}
                    <div class="field">
                        <label for="invite-team">"Team"</label>
                        <select id="invite-team" name="team">
                            <option value="">"none"</option>
                            {options}
                        </select>
                    </div>
                </div>
                <p class="actions">
                    <button type="submit" class="button primary">
                        "Make an invitation link"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}

fn invitation_row(row: InvitationRow) -> Markup {
    let until = if row.expired {
        view! { <span class="chip">"expired"</span> }.markup()
    } else {
        view! { {instant(row.opens.expires_at)} }.markup()
    };
    view! {
        <tr data-testid="invitation-row">
            <th scope="row">{if row.note.is_empty() { "somebody".to_owned() } else { row.note }}</th>
            <td>{row.opens.role.name()}</td>
            <td>{row.opens.team}</td>
            <td>{row.opens.by}</td>
            <td>{until}</td>
            <td>
                <form method="post" action="/api/revoke_invitation">
                    <input type="hidden" name="invitation" value=row.id />
                    <button type="submit" class="button">
                        "Revoke"
                    </button>
                </form>
            </td>
        </tr>
    }
    .markup()
}

fn team(team: &Team, people: &[PersonRow]) -> Markup {
    let is_member = |id: &PersonId| team.members.contains(id);
    let members = people
        .iter()
        .filter(|p| is_member(&p.id))
        .map(|p| {
            view! {
                <li>
                    <form class="inline" method="post" action="/api/set_member">
                        <input type="hidden" name="team" value=team.id.0.clone() />
                        <input type="hidden" name="person" value=p.id.0.clone() />
                        <input type="hidden" name="member" value="false" />
                        <span>{p.name.clone()}</span>
                        <button
                            type="submit"
                            class="button"
                            aria-label=format!("Take {} out of {}", p.name, team.name)
                        >
                            "Take out"
                        </button>
                    </form>
                </li>
            }
        })
        .collect_view();
    let others: Vec<&PersonRow> = people.iter().filter(|p| !is_member(&p.id)).collect();
    let add = (!others.is_empty()).then(|| {
        let options = others
            .iter()
            .map(|p| view! { <option value=p.id.0.clone()>{p.name.clone()} " (" {p.login.clone()} ")"</option> })
            .collect_view();
        view! {
            <form class="inline" method="post" action="/api/set_member">
                <input type="hidden" name="team" value=team.id.0.clone() />
                <input type="hidden" name="member" value="true" />
                <select name="person" aria-label=format!("Who joins {}", team.name)>
                    {options}
                </select>
                <button type="submit" class="button">
                    "Add"
                </button>
            </form>
        }
    });
    view! {
        <li class="card" data-testid="team">
            <h3>{team.name.clone()}</h3>
            <ul class="members">{members}</ul>
            {add}
            <details class="more">
                <summary>"Remove this team"</summary>
                <form class="actions" method="post" action="/api/delete_team">
                    <input type="hidden" name="team" value=team.id.0.clone() />
                    <button type="submit" class="button">
                        "Remove it for good"
                    </button>
                    <span class="small dim">"A team that has incidents stays."</span>
                </form>
            </details>
        </li>
    }
    .markup()
}

/// What an invitation opens. Who manages people looks at it to send it on.
pub(super) fn invitation(view: &InvitationView, token: &str, manages: bool) -> Markup {
    let team = view
        .team
        .as_ref()
        .map(|team| format!(" in the team {team}"))
        .unwrap_or_default();
    let what = view! {
        <p class="meta">
            {format!("{} invites you as {}{team}. Opens once, until ", view.by, view.role)}
            {instant(view.expires_at)} " UTC."
        </p>
    };
    if manages {
        return view! {
            {what}
            <section class="panel" data-testid="invitation-link">
                <h2>"Send this address on"</h2>
                <p>
                    "Whoever has it first gets in. It is the address of this page, and is shown here alone: \
                     Lineup keeps no copy. "
                    <a href="/people">"Back to people"</a>
                </p>
                <p>
                    <code>{format!("/invitations/{token}")}</code>
                </p>
            </section>
        }
        .markup();
    }
    view! {
        {what}
        <form class="panel narrow" method="post" action=ACCEPT>
            <input type="hidden" name="token" value=token.to_owned() />
            {line(
                "accept-name",
                "name",
                "Your name",
                "Others read it beside your notes and decisions",
                "name",
            )}
            {line(
                "accept-login",
                "login",
                "Login",
                "What you sign in as: a mail address or a short name",
                "username",
            )} {password("accept-new", "password", "Password", NEW_PASSWORD, "new-password")}
            {password("accept-again", "again", "Password again", "", "new-password")}
            <p class="actions">
                <button type="submit" class="button primary">
                    "Join"
                </button>
            </p>
        </form>
    }
    .markup()
}
