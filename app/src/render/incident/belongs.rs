//! Whose an incident is, and who may see it.

use crate::backend::Case;
use crate::render::markup::{IntoMarkup, Markup};
use leptos::prelude::*;

/// The panel with its form; nothing where there are no accounts.
pub(crate) fn belongs(case: &Case) -> Markup {
    let Some(belongs) = &case.belongs else {
        return ().markup();
    };
    let ownership = &belongs.ownership;
    let chip = ownership
        .private
        .then(|| view! { <span class="chip chip-warn">"private"</span> });
    let name = match &belongs.name {
        Some(name) => format!("It belongs to the team {name}."),
        None => "It belongs to no team: everybody who is signed in sees it.".to_owned(),
    };
    let options = belongs
        .teams
        .iter()
        .map(|team| {
            let chosen = ownership.team.as_ref() == Some(&team.id);
            view! {
                <option value=team.id.0.clone() selected=chosen>
                    {team.name.clone()}
                </option>
            }
        })
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-belongs" data-testid="belongs">
            <h2 id="h-belongs">"Who sees this incident " {chip}</h2>
            <p>{name}</p>
            <form method="post" action="/api/set_ownership">
                <input type="hidden" name="incident" value=case.incident.id.to_string() />
                <div class="field">
                    <label for="belongs-team">"Team"</label>
                    <select id="belongs-team" name="team">
                        <option value="">"none"</option>
                        {options}
                    </select>
                </div>
                <p>
                    <label>
                        <input
                            type="checkbox"
                            name="private"
                            value="true"
                            checked=ownership.private
                        />
                        " Private: the team alone sees it. Share links that were made stay open until they are revoked."
                    </label>
                </p>
                <p class="actions">
                    <button type="submit" class="button">
                        "Say so"
                    </button>
                </p>
            </form>
        </section>
    }
    .markup()
}
