//! What is shared, and how: the preview's address, and the form that makes a link.

use crate::{
    ApiError, FieldError,
    backend::{ShareAsk, ShareDraft},
};
use model::share::RedactionRules;
use serde::{Deserialize, Serialize};

/// The switches of the rules: the name of each in an address, and what people call it.
pub const SWITCHES: [(&str, &str); 10] = [
    ("namespaces", "namespaces"),
    ("workloads", "workloads and other names in the cluster"),
    ("pods", "pods"),
    ("nodes", "nodes and their addresses"),
    ("hosts", "hosts, addresses, databases, load balancers"),
    ("clusters", "clusters"),
    ("accounts", "account ids"),
    ("file_systems", "file systems and volumes"),
    ("images", "images, but for their tags"),
    ("people", "people"),
];

/// The switch of that name.
fn switch<'r>(rules: &'r mut RedactionRules, name: &str) -> Option<&'r mut bool> {
    Some(match name {
        "namespaces" => &mut rules.namespaces,
        "workloads" => &mut rules.workloads,
        "pods" => &mut rules.pods,
        "nodes" => &mut rules.nodes,
        "hosts" => &mut rules.hosts,
        "clusters" => &mut rules.clusters,
        "accounts" => &mut rules.accounts,
        "file_systems" => &mut rules.file_systems,
        "images" => &mut rules.images,
        "people" => &mut rules.people,
        _ => return None,
    })
}

/// What is hidden, as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesForm {
    /// Number of the version; empty: what was published last, else the draft.
    #[serde(default)]
    pub version: String,
    /// The switches that are on.
    #[serde(default)]
    pub hide: Vec<String>,
    /// Further words, one a line.
    #[serde(default)]
    pub patterns: String,
    /// Names that may be shown all the same, one a line.
    #[serde(default)]
    pub keep: String,
}

impl RulesForm {
    /// The same as the address of the page has it.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut pairs = vec![
            pair("chosen", "1"),
            pair("version", &self.version),
            pair("patterns", &self.patterns),
            pair("keep", &self.keep),
        ];
        pairs.extend(self.hide.iter().map(|name| pair(name, "1")));
        pairs
    }
}

/// Whether a rule is on.
pub fn is_on(rules: &RedactionRules, name: &str) -> bool {
    let mut rules = rules.clone();
    switch(&mut rules, name).is_some_and(|on| *on)
}

/// Reads the address of the page that shares. One that says nothing of rules hides everything that has
/// one.
///
/// # Errors
/// [`ApiError::Fields`] where the version is no number.
pub fn share_ask(pairs: &[(String, String)]) -> Result<ShareAsk, ApiError> {
    let value = |name: &str| {
        let pair = pairs.iter().rfind(|(n, _)| n == name);
        pair.map(|(_, v)| v.trim()).filter(|v| !v.is_empty())
    };
    let version = number("version", value("version").unwrap_or_default())?;
    let made = value("made").map(str::to_owned);
    if value("chosen").is_none() {
        return Ok(ShareAsk {
            version,
            rules: RedactionRules::all(),
            made,
        });
    }
    let mut rules = RedactionRules {
        patterns: words(value("patterns").unwrap_or_default()),
        keep: words(value("keep").unwrap_or_default()),
        ..RedactionRules::default()
    };
    for (name, _) in pairs {
        if let Some(on) = switch(&mut rules, name) {
            *on = true;
        }
    }
    Ok(ShareAsk {
        version,
        rules,
        made,
    })
}

/// The address that asks for the same.
pub fn share_query(version: Option<u32>, rules: &RedactionRules) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("chosen", "1");
    if let Some(version) = version {
        query.append_pair("version", &version.to_string());
    }
    for (name, _) in SWITCHES {
        if is_on(rules, name) {
            query.append_pair(name, "1");
        }
    }
    for (name, words) in [("patterns", &rules.patterns), ("keep", &rules.keep)] {
        if !words.is_empty() {
            query.append_pair(name, &words.join("\n"));
        }
    }
    query.finish()
}

/// Reads the form that makes a link. `rules` are the pairs of the page that shares ([`share_ask`]).
///
/// # Errors
/// [`ApiError::Fields`] for each input that cannot be used.
pub fn share_draft(
    rules: &[(String, String)],
    lane: &str,
    days: &str,
    password: &str,
    views: &str,
) -> Result<ShareDraft, ApiError> {
    let ask = share_ask(rules)?;
    Ok(ShareDraft {
        version: ask.version,
        lane: (!lane.trim().is_empty()).then(|| lane.trim().to_owned()),
        expires_in_days: number("days", days)?.filter(|days| *days > 0),
        password: (!password.is_empty()).then(|| password.to_owned()),
        max_views: number("views", views)?,
        rules: ask.rules,
    })
}

fn number(field: &str, text: &str) -> Result<Option<u32>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let shown: String = text.chars().take(40).collect();
        let message = format!("'{shown}' is no whole number");
        ApiError::Fields(vec![FieldError::new(field, message)])
    })
}

/// One word or pattern a line, or with commas between them.
fn words(text: &str) -> Vec<String> {
    text.split(['\n', ','])
        .map(str::trim)
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::pairs;

    #[test]
    fn an_address_that_says_nothing_hides_everything() {
        let ask = share_ask(&[]).unwrap();
        assert_eq!(ask.rules, RedactionRules::all());
        let none = share_ask(&pairs("chosen=1")).unwrap();
        assert!(none.rules.is_empty());
    }

    #[test]
    fn what_was_chosen_survives_its_address() {
        let mut ask = ShareAsk {
            version: Some(3),
            rules: RedactionRules {
                pods: true,
                patterns: vec!["acme*".into(), "Project & Co".into()],
                keep: vec!["mail".into()],
                ..RedactionRules::default()
            },
            made: None,
        };
        assert_eq!(
            share_ask(&pairs(&share_query(ask.version, &ask.rules))).unwrap(),
            ask
        );
        ask.rules = RedactionRules::all();
        assert_eq!(
            share_ask(&pairs(&share_query(ask.version, &ask.rules))).unwrap(),
            ask
        );
        for (name, _) in SWITCHES {
            assert!(is_on(&ask.rules, name), "{name}");
        }
    }

    #[test]
    fn a_form_says_the_same_as_an_address() {
        let form = RulesForm {
            version: "3".into(),
            hide: vec!["pods".into(), "people".into()],
            patterns: "acme*\nProject & Co".into(),
            keep: "mail".into(),
        };
        let ask = share_ask(&form.pairs()).unwrap();
        assert_eq!(ask.version, Some(3));
        assert!(ask.rules.pods && ask.rules.people && !ask.rules.nodes);
        assert_eq!(ask.rules.patterns, ["acme*", "Project & Co"]);
        assert!(
            share_ask(&RulesForm::default().pairs())
                .unwrap()
                .rules
                .is_empty()
        );
    }

    #[test]
    fn a_link_is_made_of_what_its_form_says() {
        let query = pairs(&share_query(None, &RedactionRules::all()));
        let draft = share_draft(&query, "", "7", "secret", " 5 ").unwrap();
        assert_eq!(draft.rules, RedactionRules::all());
        assert_eq!((draft.expires_in_days, draft.max_views), (Some(7), Some(5)));
        assert!(!format!("{draft:?}").contains("secret"));
        let open = share_draft(&query, "", "0", "", "").unwrap();
        assert_eq!(
            (open.expires_in_days, open.max_views, open.password),
            (None, None, None)
        );
        let unsaid = share_draft(&[], "", "7", "", "").unwrap();
        assert_eq!(unsaid.rules, RedactionRules::all());
        let error = share_draft(&query, "", "7", "", "many").unwrap_err();
        assert!(error.field("views").is_some(), "{error}");
    }
}
