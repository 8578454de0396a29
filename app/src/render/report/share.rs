//! The links that share a report: plain forms.

use crate::page::LinkView;
use leptos::prelude::*;

/// The form that makes a link, the link that was just made, and those that there are.
pub(super) fn share(id: &str, links: Vec<LinkView>, made_path: &str) -> AnyView {
    let made_path = Some(made_path).filter(|path| is_link(path));
    let open = !links.is_empty() || made_path.is_some();
    view! {
        <section class="panel" id="share" aria-labelledby="h-share">
            <details class="more share" open=open>
                <summary data-testid="share-open">
                    <h2 id="h-share">"Share"</h2>
                </summary>
                <p class="small">
                    "Whoever has the link reads this report without an account, and nothing else. \
                     It opens where this installation can be reached."
                </p>
                {made_path.map(made)}
                <form method="post" action="/api/create_share">
                    <input type="hidden" name="incident" value=id.to_owned() />
                    <div class="field">
                        <label for="share-days">"The link opens"</label>
                        <select id="share-days" name="days">
                            <option value="1">"for a day"</option>
                            <option value="7" selected>
                                "for 7 days"
                            </option>
                            <option value="30">"for 30 days"</option>
                            <option value="0">"until it is revoked"</option>
                        </select>
                    </div>
                    <p class="actions">
                        <button type="submit" class="button primary" data-testid="share-create">
                            "Make a link"
                        </button>
                    </p>
                </form>
                {list(id, links)}
            </details>
        </section>
    }
    .into_any()
}

/// Whether a path of the page's address can be that of a share link. Anybody may write anything into
/// an address.
fn is_link(path: &str) -> bool {
    path.strip_prefix("/s/").is_some_and(|token| {
        (20..=128).contains(&token.len())
            && token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    })
}

/// The new link: shown once, because only its hash is kept. The page's script puts the address of this
/// installation before it.
fn made(path: &str) -> AnyView {
    view! {
        <div class="made" role="status">
            <label for="share-url">"New link, shown only now"</label>
            <div class="copy">
                <input
                    id="share-url"
                    type="text"
                    readonly
                    data-testid="share-url"
                    data-path=path.to_owned()
                    value=format!("{}{path}", origin())
                />
                <button type="button" class="button" data-copy="share-url">
                    <span class="copy-todo">"Copy"</span>
                    <span class="copy-done">"Copied"</span>
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The address of this installation as the browser asked for it.
fn origin() -> String {
    let host = use_context::<axum::http::request::Parts>().and_then(|parts| {
        let host = parts.headers.get(axum::http::header::HOST)?;
        host.to_str().ok().map(str::to_owned)
    });
    host.map_or_else(String::new, |host| format!("http://{host}"))
}

fn list(id: &str, links: Vec<LinkView>) -> AnyView {
    if links.is_empty() {
        return ().into_any();
    }
    let items = links.into_iter().map(|l| link(id, l)).collect_view();
    view! { <ul class="links">{items}</ul> }.into_any()
}

fn link(id: &str, link: LinkView) -> AnyView {
    let class = if link.opens { "chip chip-good" } else { "chip" };
    let until = if link.until.is_empty() {
        "until it is revoked".to_owned()
    } else {
        format!("until {} UTC", link.until)
    };
    let of = format!(" the link made {}", link.made);
    let revoke = link.opens.then(|| {
        view! {
            <form method="post" action="/api/revoke_share">
                <input type="hidden" name="incident" value=id.to_owned() />
                <input type="hidden" name="share" value=link.id />
                <button type="submit" class="quiet" data-testid="share-revoke">
                    "Revoke" <span class="visually-hidden">{of}</span>
                </button>
            </form>
        }
    });
    view! {
        <li data-testid="share-row">
            <p>
                <span class=class>{link.state}</span>
                " "
                <span class="small dim">{format!("made {} UTC, {until}", link.made)}</span>
            </p>
            {revoke}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn only_paths_of_links_are_shown_as_such() {
        assert!(is_link("/s/abcdefghijklmnopqrstuvwxyz-_0"));
        for bad in [
            "",
            "/s/",
            "/s/short",
            "/incidents",
            "//evil.example/s/abcdefghijklmnopqrstu",
            "/s/abcdefghijklmnopqrst<script>",
        ] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
