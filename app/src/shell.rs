//! The HTML document around the pages.

use crate::{
    address::Address,
    router::{Page, can_meet, is_alive},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

/// Theme, copying and the reader's own time: what must work before or without the module.
const SCRIPT: &str = include_str!("shell.js");

/// The document: everything inline carries the nonce of the request, everything else comes from
/// the package folder, nothing from elsewhere.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let base = format!("/{}/{}", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta
                    name="description"
                    content="Lineup lines the evidence of an incident up on one clock and names the cause."
                />
                <script nonce=use_nonce()>{SCRIPT}</script>
                <link rel="icon" type="image/svg+xml" href=ICON />
                <link rel="stylesheet" href=format!("{base}.css") />
                <AutoReload options=options />
                {is_alive(&Address::here()).then(|| module(&base))}
                {can_meet(&Address::here())
                    .then(|| {
                        view! { <script type="module" src="/meeting.js" nonce=use_nonce()></script> }
                    })}
                <MetaTags />
            </head>
            // What somebody may not do the style sheet hides; the server refuses it whoever asks.
            <body data-role=role()>
                {Page()}
            </body>
        </html>
    }
}

/// The role of who asks, where there are accounts.
fn role() -> Option<&'static str> {
    #[cfg(feature = "ssr")]
    if let Some(crate::backend::Caller::Person(member)) = crate::backend::people::asking() {
        return Some(member.role.name());
    }
    None
}

/// The mark as an icon, so that no request for one fails.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'%3E%3Cpath d='M2 5h16M2 10h16M2 15h16' stroke='%236b7280' stroke-width='1.6' stroke-linecap='round'/%3E%3Cpath d='M12 1.5v17' stroke='%23d1495b' stroke-width='1.6' stroke-linecap='round'/%3E%3Ccircle cx='12' cy='5' r='2.2' fill='%23d1495b'/%3E%3Ccircle cx='12' cy='15' r='2.2' fill='%23d1495b'/%3E%3C/svg%3E";

/// Not leptos' own script tag: its file name depends on an environment variable at compile time.
fn module(base: &str) -> impl IntoView + use<> {
    let (js, wasm) = (format!("{base}.js"), format!("{base}.wasm"));
    let start = format!(
        "import(\"{js}\").then(m => m.default({{ module_or_path: \"{wasm}\" }}).then(() => m.hydrate()));"
    );
    view! {
        <link rel="modulepreload" href=js nonce=use_nonce() />
        <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="" />
        <script type="module" nonce=use_nonce()>
            {start}
        </script>
    }
}
