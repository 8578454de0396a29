//! What is shared, and how: the preview's address, and the form that makes a link.

use crate::{
    ApiError, FieldError,
    backend::{ShareAsk, ShareDraft},
};
use model::share::RedactionRules;

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

/// Reads the form that makes a link. `rules` is the address of the preview ([`share_query`]); without
/// one nothing was looked at, and nothing is shared.
///
/// # Errors
/// [`ApiError::Fields`] for each input that cannot be used.
pub fn share_draft(
    rules: &str,
    lane: &str,
    days: &str,
    password: &str,
    views: &str,
) -> Result<ShareDraft, ApiError> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(rules.as_bytes())
        .into_owned()
        .collect();
    if !pairs.iter().any(|(name, _)| name == "chosen") {
        return Err(ApiError::Invalid(
            "look at the preview first: what it shows is what is shared".into(),
        ));
    }
    let ask = share_ask(&pairs)?;
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

    fn pairs(query: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

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
    fn a_link_is_made_of_what_was_looked_at() {
        let query = share_query(None, &RedactionRules::all());
        let draft = share_draft(&query, "", "7", "secret", " 5 ").unwrap();
        assert_eq!(draft.rules, RedactionRules::all());
        assert_eq!((draft.expires_in_days, draft.max_views), (Some(7), Some(5)));
        assert!(!format!("{draft:?}").contains("secret"));
        let open = share_draft(&query, "", "0", "", "").unwrap();
        assert_eq!(
            (open.expires_in_days, open.max_views, open.password),
            (None, None, None)
        );
        assert!(share_draft("", "", "7", "", "").is_err());
        let error = share_draft(&query, "", "7", "", "many").unwrap_err();
        assert!(error.field("views").is_some(), "{error}");
    }
}
