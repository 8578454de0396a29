//! What is asked: the queries of presets and of the configuration, alike.

use super::config::PrometheusConfig;
use super::presets::{self, Role};

/// One query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) query: String,
    pub(super) unit: String,
    pub(super) stat: String,
    pub(super) resource_label: Option<String>,
    pub(super) role: Role,
}

/// All of a source, presets first; a preset that is named twice is asked once.
pub(super) fn all(config: &PrometheusConfig) -> Vec<Asked> {
    let mut out: Vec<Asked> = Vec::new();
    let chosen = presets::PRESETS
        .iter()
        .filter(|preset| config.presets.iter().any(|name| name == preset.name));
    for query in chosen.flat_map(|preset| preset.queries) {
        out.push(Asked {
            id: query.id.to_owned(),
            name: query.name.to_owned(),
            query: query.query.to_owned(),
            unit: query.unit.to_owned(),
            stat: query.stat.to_owned(),
            resource_label: query.resource_label.map(str::to_owned),
            role: query.role,
        });
    }
    out.extend(config.queries.iter().map(|query| Asked {
        id: query.id.clone(),
        name: query.name.clone(),
        query: query.query.clone(),
        unit: query.unit.clone(),
        stat: query.stat.clone(),
        resource_label: query.resource_label.clone(),
        role: Role::Series,
    }));
    out
}

/// The metric of a query that is nothing but a selector: `up`, `up{job="x"}`.
pub(super) fn selected(query: &str) -> Option<&str> {
    let query = query.trim();
    let end = query
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(query.len());
    let (metric, rest) = query.split_at(end);
    let begins = metric.starts_with(|c: char| !c.is_ascii_digit());
    (begins && (rest.is_empty() || is_matchers(rest.trim()))).then_some(metric)
}

/// Whether a text is one `{…}` and nothing else; braces in quotes do not count.
fn is_matchers(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
        return false;
    };
    let mut quote = None;
    let mut escaped = false;
    for c in inner.chars() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some('"' | '\''), '\\') => escaped = true,
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{' | '}' | '[' | ']' | '(' | ')') => return false,
            _ => {}
        }
    }
    quote.is_none()
}

/// Whether a metric's name alone says that it counts: `_total` by the `OpenMetrics` specification.
pub(super) fn counts_by_name(metric: &str) -> bool {
    metric.ends_with("_total")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_selector_is_one() {
        for (query, metric) in [
            ("up", "up"),
            (" up ", "up"),
            ("job:x:sum{a=\"b\"}", "job:x:sum"),
            ("up {a='}', b=~\"[x](y)\\\"\"}", "up"),
            ("up{a=`\\`}", "up"),
        ] {
            assert_eq!(selected(query), Some(metric), "{query}");
        }
        for query in [
            "",
            "1",
            "{a=\"b\"}",
            "rate(up[5m])",
            "up > 0",
            "up{a=\"b\"} offset 5m",
            "up{a=\"b\"}[5m]",
            "up{a=\"b\"} + up{a=\"c\"}",
            "up{a=\"b}",
        ] {
            assert_eq!(selected(query), None, "{query}");
        }
    }

    #[test]
    fn a_preset_named_twice_is_asked_once() {
        let mut config = PrometheusConfig::new("http://localhost:9090");
        config.presets = vec!["blackbox".into(), "blackbox".into()];
        assert_eq!(all(&config).len(), 2);
    }
}
