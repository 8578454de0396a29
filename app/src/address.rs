//! Where a page was asked for: its path and its query, the same on the server and in the browser.
//! A page that is alive does not follow its address: links lead to whole pages, which are a few
//! milliseconds away, and the browser loads no router for them.

use leptos::prelude::use_context;

/// A path and a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// The path, escaped as it came.
    pub(crate) path: String,
    /// The query without its question mark, escaped as it came.
    pub(crate) query: String,
}

/// The pairs of a query.
#[cfg(any(feature = "ssr", test))]
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

impl Address {
    /// The address of the page that is rendered or open.
    pub(crate) fn here() -> Self {
        #[cfg(feature = "ssr")]
        {
            let parts = use_context::<axum::http::request::Parts>();
            parts.map_or_else(Self::default, |parts| Self {
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
            })
        }
        #[cfg(not(feature = "ssr"))]
        {
            let location = leptos::prelude::window().location();
            let query = location.search().unwrap_or_default();
            Self {
                path: location.pathname().unwrap_or_default(),
                query: query.trim_start_matches('?').to_owned(),
            }
        }
    }

    /// The address that the page was made for.
    pub(crate) fn of_page() -> Self {
        use_context().unwrap_or_else(Self::here)
    }

    /// The parts of the path.
    pub(crate) fn segments(&self) -> Vec<String> {
        let parts = self.path.split('/').filter(|part| !part.is_empty());
        parts.map(unescaped).collect()
    }

    /// The pairs of the query.
    #[cfg(feature = "ssr")]
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        pairs(&self.query)
    }

    /// A value of the query.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }
}

/// A part of a path without its escapes. A plus is a plus there, unlike in a query.
fn unescaped(part: &str) -> String {
    let part = part.replace('+', "%2B");
    form_urlencoded::parse(part.replace('=', "%3D").replace('&', "%26").as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_read_without_their_escapes() {
        let address = Address {
            path: "/sources/a%20b+c%2Fd=e&f/metrics/".into(),
            query: "text=x+y%26z&text=second&empty=".into(),
        };
        assert_eq!(address.segments(), ["sources", "a b+c/d=e&f", "metrics"]);
        assert_eq!(address.value("text").as_deref(), Some("x y&z"));
        assert_eq!(address.value("empty").as_deref(), Some(""));
        assert_eq!(address.value("none"), None);
        assert_eq!(address.pairs().len(), 3);
    }
}
