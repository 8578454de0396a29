//! The `[notify]` table: whom Lineup tells of published reports and assigned action items.
//!
//! An address to post to is as good as a password (those of chats hold a token in their path): it stands in
//! a variable of the environment or in a file, never in the configuration, and in no error.

use axum::http::Uri;
use model::notice::NoticeKind;
use serde::Deserialize;
use sources::http::{HttpClient, Limits, Trust};
use std::{collections::BTreeSet, net::IpAddr, path::PathBuf};

/// The `[notify]` table, as it is written. Without receivers nothing is ever sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Where people reach this Lineup, e.g. `https://lineup.example.com`: what links begin with. Without it
    /// messages have no links.
    pub link: Option<String>,
    /// The receivers.
    #[serde(default)]
    pub to: Vec<Receiver>,
}

/// A `[[notify.to]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// Name, unique: letters, digits, `-` and `_`, at most 40.
    pub name: String,
    /// What it understands.
    #[serde(default)]
    pub format: Format,
    /// The variable of the environment that holds the address.
    pub url_env: Option<String>,
    /// The file that holds the address.
    pub url_file: Option<PathBuf>,
    /// The variable that holds the key of the signature.
    pub secret_env: Option<String>,
    /// The file that holds the key of the signature.
    pub secret_file: Option<PathBuf>,
    /// What it is told.
    #[serde(default = "everything")]
    pub events: Vec<NoticeKind>,
    /// Whether it is told of private incidents too.
    #[serde(default)]
    pub private: bool,
    /// HTTP proxy, `http://HOST:PORT`. The environment's proxies are not heeded.
    pub proxy: Option<String>,
    /// File with the certificates of the authorities to trust, instead of the machine's.
    pub ca_file: Option<PathBuf>,
}

/// What a receiver understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON of Lineup's own (`docs/alarms.md`).
    #[default]
    Webhook,
    /// An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat…).
    Slack,
}

fn everything() -> Vec<NoticeKind> {
    vec![NoticeKind::Published, NoticeKind::Assigned]
}

/// A receiver with its secrets, ready to be told.
pub struct Resolved {
    /// Name.
    pub name: String,
    /// What it understands.
    pub format: Format,
    /// Where to post.
    pub url: Uri,
    /// Key of the signature.
    pub secret: Option<Vec<u8>>,
    /// The client that reaches it.
    pub client: HttpClient,
}

impl std::fmt::Debug for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Resolved({})", self.name)
    }
}

/// Fewest bytes of a key: 128 bits.
const SHORTEST_SECRET: usize = 16;

impl Notify {
    /// Whether the table makes sense.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn validate(&self) -> Result<(), String> {
        if let Some(link) = &self.link {
            let good = link.parse::<Uri>().is_ok_and(|uri| {
                matches!(uri.scheme_str(), Some("http" | "https"))
                    && uri.authority().is_some_and(|a| !a.as_str().contains('@'))
                    && uri.query().is_none()
            });
            if !good {
                return Err(
                    "notify.link: expected the address of this Lineup, https://HOST".to_owned(),
                );
            }
        }
        let mut names = BTreeSet::new();
        for (i, to) in self.to.iter().enumerate() {
            let good = (1..=40).contains(&to.name.len())
                && to
                    .name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            if !good || !names.insert(&to.name) {
                return Err(format!(
                    "notify.to[{i}].name: expected 1 to 40 letters, digits, '-' or '_', each name once"
                ));
            }
            if to.url_env.is_some() == to.url_file.is_some() {
                return Err(format!(
                    "notify.to[{i}]: expected one of url_env and url_file, which says where the address is"
                ));
            }
            if to.secret_env.is_some() && to.secret_file.is_some() {
                return Err(format!(
                    "notify.to[{i}]: expected one of secret_env and secret_file, or none"
                ));
            }
            if to.events.is_empty() {
                return Err(format!(
                    "notify.to[{i}].events: expected \"published\", \"assigned\" or both"
                ));
            }
        }
        Ok(())
    }

    /// The receivers with their addresses and keys. `variable` reads the environment.
    ///
    /// # Errors
    /// Names the receiver, the key and where its value was looked for, and never the value.
    pub fn resolve(
        &self,
        variable: impl Fn(&str) -> Option<String>,
        limits: Limits,
    ) -> Result<Vec<Resolved>, String> {
        let one = |to: &Receiver| {
            resolved(to, &variable, limits)
                .map_err(|message| format!("notify receiver '{}': {message}", to.name))
        };
        self.to.iter().map(one).collect()
    }
}

fn resolved(
    to: &Receiver,
    variable: &impl Fn(&str) -> Option<String>,
    limits: Limits,
) -> Result<Resolved, String> {
    let read = |what: &str, name: Option<&String>, file: Option<&PathBuf>| match (name, file) {
        (Some(name), _) => match variable(name) {
            Some(value) => Ok(Some((value.trim().to_owned(), format!("variable {name}")))),
            None => Err(format!("{what}: the variable {name} is not set")),
        },
        (None, Some(path)) => match std::fs::read_to_string(path) {
            Ok(value) => Ok(Some((
                value.trim().to_owned(),
                format!("file {}", path.display()),
            ))),
            Err(error) => Err(format!("{what}: {}: {error}", path.display())),
        },
        (None, None) => Ok(None),
    };
    let (url, place) = read("url", to.url_env.as_ref(), to.url_file.as_ref())?
        .ok_or("url: neither url_env nor url_file is there")?;
    let url = address(&url).ok_or_else(|| {
        format!(
            "url: the {place} holds no address: expected https://…, or http:// on this machine, \
             without a user"
        )
    })?;
    let secret = read("secret", to.secret_env.as_ref(), to.secret_file.as_ref())?;
    if let Some((secret, place)) = &secret
        && secret.len() < SHORTEST_SECRET
    {
        return Err(format!(
            "secret: the {place} holds fewer than {SHORTEST_SECRET} bytes; `openssl rand -hex 32` makes one"
        ));
    }
    let proxy = match &to.proxy {
        None => None,
        Some(text) => Some(
            sources::http::proxy(text).ok_or("proxy: expected http://HOST:PORT, without a user")?,
        ),
    };
    let trust = match &to.ca_file {
        Some(path) => Trust::File(path),
        None if url.scheme_str() == Some("https") => Trust::System,
        None => Trust::Nobody,
    };
    let client = HttpClient::through(trust, proxy, limits).map_err(|e| e.to_string())?;
    Ok(Resolved {
        name: to.name.clone(),
        format: to.format,
        url,
        secret: secret.map(|(secret, _)| secret.into_bytes()),
        client,
    })
}

/// An address that may be posted to: its secrets travel encrypted, or do not leave the machine.
fn address(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let authority = uri.authority()?;
    let host = uri.host()?.trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let good = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => here,
        _ => false,
    };
    (good && !authority.as_str().contains('@')).then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notify(text: &str) -> Notify {
        toml::from_str(text).unwrap()
    }

    fn resolve(text: &str, url: &'static str) -> Result<Vec<Resolved>, String> {
        let variable = |name: &str| match name {
            "URL" => Some(url.to_owned()),
            "SHORT" => Some("short-SECRET".to_owned()),
            "KEY" => Some("0123456789abcdef\n".to_owned()),
            _ => None,
        };
        notify(text).resolve(variable, Limits::default())
    }

    #[test]
    fn a_good_table_is_taken() {
        let text = "link = \"https://lineup.example.com\"\n[[to]]\nname = \"chat\"\nformat = \"slack\"\n\
                    url_env = \"URL\"\nsecret_env = \"KEY\"";
        notify(text).validate().unwrap();
        let all = resolve(text, " https://chat.example/T0/SECRET\n").unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].format, Format::Slack);
        assert_eq!(all[0].secret.as_deref(), Some(&b"0123456789abcdef"[..]));
        assert_eq!(all[0].url.path(), "/T0/SECRET");
        assert!(!format!("{all:?}").contains("SECRET"));
        assert_eq!(notify(text).to[0].events, everything());
        assert!(notify("").validate().is_ok());
    }

    #[test]
    fn errors_name_the_key_and_never_the_address() {
        for (text, words) in [
            ("link = \"lineup\"", "notify.link"),
            ("[[to]]\nname = \"a b\"\nurl_env = \"URL\"", "to[0].name"),
            ("[[to]]\nname = \"a\"", "url_env"),
            (
                "[[to]]\nname = \"a\"\nurl_env = \"URL\"\nurl_file = \"x\"",
                "url_file",
            ),
            (
                "[[to]]\nname = \"a\"\nurl_env = \"URL\"\nevents = []",
                "events",
            ),
            (
                "[[to]]\nname = \"a\"\nurl_env = \"URL\"\n[[to]]\nname = \"a\"\nurl_env = \"URL\"",
                "to[1].name",
            ),
        ] {
            let error = notify(text).validate().unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        // The address itself has no place in the configuration.
        let refused = toml::from_str::<Notify>("[[to]]\nname = \"a\"\nurl = \"https://SECRET\"");
        assert!(refused.is_err());
        let of = |more: &str| format!("[[to]]\nname = \"a\"\nurl_env = \"URL\"\n{more}");
        for (text, url, words) in [
            (of(""), "http://chat.example/SECRET", "variable URL"),
            (of(""), "https://me:SECRET@chat.example/", "variable URL"),
            (of(""), "SECRET", "variable URL"),
            (
                of("secret_env = \"SHORT\""),
                "https://a.example/",
                "variable SHORT",
            ),
            (
                of("secret_env = \"NONE\""),
                "https://a.example/",
                "NONE is not set",
            ),
            (
                of("secret_file = \"/nowhere\""),
                "https://a.example/",
                "/nowhere",
            ),
            (
                of("proxy = \"http://me:SECRET@p:1\""),
                "https://a.example/",
                "proxy",
            ),
            (
                "[[to]]\nname = \"a\"\nurl_env = \"NONE\"".to_owned(),
                "",
                "NONE is not set",
            ),
        ] {
            let error = resolve(&text, url).unwrap_err();
            assert!(
                error.contains(words) && error.contains("'a'"),
                "{words}: {error}"
            );
            assert!(!error.contains("SECRET"), "{error}");
        }
        for here in [
            "http://127.0.0.1:9/x",
            "http://[::1]:9/x",
            "http://localhost/x",
        ] {
            assert!(address(here).is_some(), "{here}");
        }
    }
}
