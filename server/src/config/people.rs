//! The `[people]` table: accounts, and the names by which Lineup is reached.

use serde::Deserialize;
use std::net::IpAddr;

/// The `[people]` table, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Whether there are accounts. Without them Lineup is for one person, on loopback.
    #[serde(default)]
    pub on: bool,
    /// The address by which people reach it, without a path: `https://lineup.example.org`. Needed to
    /// listen anywhere but on loopback; invitation links begin with it.
    pub address: Option<String>,
    /// Further names, with their port where it is not the usual one, by which it is reached in the
    /// same way.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether an `http://` address is meant: passwords and sessions then cross the network as they
    /// are.
    #[serde(default)]
    pub plain_http: bool,
    /// Addresses of reverse proxies, whose `X-Forwarded-For` is believed. Sign-ins are limited by
    /// address: without this all who come through a proxy count as one.
    #[serde(default)]
    pub proxies: Vec<IpAddr>,
    /// Days after which somebody has to sign in again, however much they did meanwhile.
    #[serde(default = "session_days")]
    pub session_days: u32,
    /// Days after which somebody who did nothing has to sign in again.
    #[serde(default = "idle_days")]
    pub idle_days: u32,
}

impl Default for People {
    fn default() -> Self {
        Self {
            on: false,
            address: None,
            hosts: Vec::new(),
            plain_http: false,
            proxies: Vec::new(),
            session_days: session_days(),
            idle_days: idle_days(),
        }
    }
}

/// A month: an incident's postmortem takes that long at most.
fn session_days() -> u32 {
    30
}

/// A week, so that a weekend and a holiday end nothing.
fn idle_days() -> u32 {
    7
}

/// Longest session, days.
const MAX_DAYS: u32 = 366;

/// The names by which Lineup is reached besides those of its own machine, with the origin of its
/// pages there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Served {
    names: Vec<(String, String)>,
    secure: bool,
}

impl Served {
    /// The origin of our pages where they were asked for by that host (a name with its port);
    /// `None` where the configuration does not name it.
    pub fn origin(&self, host: &str) -> Option<String> {
        let mut names = self.names.iter();
        let named = names.find(|(name, _)| name.eq_ignore_ascii_case(host));
        named.map(|(_, origin)| origin.clone())
    }

    /// Whether people reach it by HTTPS alone, so that cookies may say so.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The address that links begin with.
    pub fn address(&self) -> Option<&str> {
        self.names.first().map(|(_, origin)| origin.as_str())
    }
}

impl People {
    /// The names that are served, where all of the table makes sense.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn served(&self) -> Result<Served, String> {
        for (key, days) in [
            ("session_days", self.session_days),
            ("idle_days", self.idle_days),
        ] {
            if days == 0 || days > MAX_DAYS {
                return Err(format!("people.{key}: expected 1 to {MAX_DAYS} days"));
            }
        }
        let Some(address) = &self.address else {
            return if self.hosts.is_empty() {
                Ok(Served::default())
            } else {
                Err("people.hosts: needs people.address too, which says how it is reached".into())
            };
        };
        if !self.on {
            return Err(
                "people.address: only with people.on = true is Lineup reached by a name".into(),
            );
        }
        let wrong = || {
            "people.address: expected https://NAME or https://NAME:PORT, without a path".to_owned()
        };
        let (scheme, host) = address.split_once("://").ok_or_else(wrong)?;
        let secure = match scheme {
            "https" => true,
            "http" if self.plain_http => false,
            "http" => {
                return Err(
                    "people.address: over http:// passwords cross the network as they are; put a \
                     reverse proxy with TLS in front and write https://, or set \
                     people.plain_http = true where the network is your own"
                        .into(),
                );
            }
            _ => return Err(wrong()),
        };
        let usual = if secure { ":443" } else { ":80" };
        let named = |host: &str| {
            let host = host.strip_suffix(usual).unwrap_or(host);
            let host = host.to_ascii_lowercase();
            is_host(&host).then(|| (host.clone(), format!("{scheme}://{host}")))
        };
        let mut names = vec![named(host.trim_end_matches('/')).ok_or_else(wrong)?];
        for (i, host) in self.hosts.iter().enumerate() {
            let expected = || format!("people.hosts[{i}]: expected NAME or NAME:PORT");
            names.push(named(host).ok_or_else(expected)?);
        }
        Ok(Served { names, secure })
    }
}

/// A name or an address, with a port or without.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) => {
                let inside = address.parse::<std::net::Ipv6Addr>().is_ok();
                return inside && is_port(port);
            }
            None => return false,
        },
        None => match text.find(':') {
            Some(colon) => text.split_at(colon),
            None => (text, ""),
        },
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    !name.is_empty() && name.chars().all(letter) && is_port(port)
}

/// Nothing, or a colon and a number.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(text: &str) -> Result<Served, String> {
        toml::from_str::<People>(text)
            .map_err(|e| e.to_string())?
            .served()
    }

    #[test]
    fn a_good_table_names_its_origins() {
        assert_eq!(served("").unwrap(), Served::default());
        let served = served(
            "on = true\naddress = \"https://Lineup.example.org:443/\"\nhosts = [\"lineup:8443\", \"[::1]:80\"]",
        )
        .unwrap();
        assert!(served.is_secure());
        assert_eq!(served.address(), Some("https://lineup.example.org"));
        let origin = |host| served.origin(host);
        assert_eq!(
            origin("LINEUP:8443").as_deref(),
            Some("https://lineup:8443")
        );
        assert_eq!(origin("lineup"), None);
        assert_eq!(origin("lineup.example.org.evil.example"), None);
        let usual: People = toml::from_str("").unwrap();
        assert_eq!((usual.session_days, usual.idle_days), (30, 7));
    }

    #[test]
    fn errors_name_the_key() {
        for (text, words) in [
            (
                "on = true\naddress = \"lineup.example.org\"",
                "people.address",
            ),
            ("on = true\naddress = \"https://a/b\"", "people.address"),
            ("on = true\naddress = \"https://u@a\"", "people.address"),
            ("on = true\naddress = \"ftp://a\"", "people.address"),
            ("on = true\naddress = \"http://a\"", "plain_http"),
            ("address = \"https://a\"", "people.on"),
            ("on = true\nhosts = [\"a\"]", "people.hosts"),
            (
                "on = true\naddress = \"https://a\"\nhosts = [\"a b\"]",
                "people.hosts[0]",
            ),
            ("session_days = 0", "people.session_days"),
            ("idle_days = 1000", "people.idle_days"),
            ("onn = true", "onn"),
        ] {
            let error = served(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        let plain = "on = true\nplain_http = true\naddress = \"http://lineup.internal:8080\"";
        assert!(!served(plain).unwrap().is_secure());
    }
}
