//! Questions as they stand in an address. What cannot be read is refused, by its name, with what is
//! expected: nothing is guessed and nothing is left out.

use app::backend::{
    Compare, EventsAsk, LanesAsk,
    timeline::{MAX_COLUMNS, MAX_LANES, MAX_ROWS, MAX_SHIFT, MIN_SHIFT},
};
use axum::{extract::Query, http::Uri};
use model::{IncidentId, Timestamp, Window};

/// Columns where the question does not say: a picture of usual width.
const USUAL_COLUMNS: u32 = 1_000;
/// Rows where the question does not say.
const USUAL_ROWS: usize = 100;
/// Most characters of a text that is looked for.
const LONGEST_TEXT: usize = 200;
/// Most lanes over which a comparison is counted.
const MOST_OVER: usize = 500;
/// Most kinds, namespaces, objects or nodes of one question.
const MOST_CHOSEN: usize = 100;

/// The values of a question by name, each once.
struct Asked(Vec<(String, String)>);

impl Asked {
    /// Reads `a=1&b=2`; `known` are the names that may be there.
    fn read(query: Option<&str>, known: &[&str]) -> Result<Self, String> {
        let uri = Uri::builder()
            .path_and_query(format!("/?{}", query.unwrap_or_default()))
            .build()
            .map_err(|_| "the question is no part of an address".to_owned())?;
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri)
            .map_err(|_| "the question is not of the form name=value&name=value".to_owned())?;
        for (n, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let list = if known.is_empty() {
                    "nothing can be asked for here".to_owned()
                } else {
                    format!("expected one of {}", known.join(", "))
                };
                return Err(format!("{}: there is no such name; {list}", shown(name)));
            }
            if pairs.iter().take(n).any(|(before, _)| before == name) {
                return Err(format!("{name}: it is there twice; say it once"));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of that name; an empty one is none.
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(n, _)| n == name);
        let value = found.next().map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
        &self,
        name: &str,
        (least, most): (T, T),
        usual: T,
    ) -> Result<T, String> {
        let Some(text) = self.get(name) else {
            return Ok(usual);
        };
        let number = text.parse().ok().filter(|n| (least..=most).contains(n));
        number.ok_or_else(|| {
            let shown = shown(text);
            format!("{name}: '{shown}' is no whole number from {least} to {most}")
        })
    }

    fn instant(&self, name: &str) -> Result<Option<Timestamp>, String> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let (least, most) = (Timestamp::MIN.millis(), Timestamp::MAX.millis());
        let millis = text.parse().ok().filter(|n| (least..=most).contains(n));
        millis
            .map(|ms| Some(Timestamp::from_millis(ms)))
            .ok_or_else(|| {
                let shown = shown(text);
                format!(
                    "{name}: '{shown}' is no time: expected milliseconds since 1970, such as 1590116400000"
                )
            })
    }

    /// `from` and `to`: both or neither.
    fn window(&self) -> Result<Option<Window>, String> {
        match (self.instant("from")?, self.instant("to")?) {
            (None, None) => Ok(None),
            (Some(start), Some(end)) => Window::new(start, end)
                .map(Some)
                .ok_or_else(|| "to: it must be later than from".to_owned()),
            (Some(_), None) => {
                Err("to: it is missing; say both from and to, or neither".to_owned())
            }
            (None, Some(_)) => {
                Err("from: it is missing; say both from and to, or neither".to_owned())
            }
        }
    }

    /// Values with commas between them.
    fn list(&self, name: &str, most: usize) -> Result<Vec<String>, String> {
        let texts = self.get(name).unwrap_or_default().split(',').map(str::trim);
        let list: Vec<String> = texts.filter(|t| !t.is_empty()).map(str::to_owned).collect();
        if list.len() > most {
            return Err(format!(
                "{name}: {} are too many at once: {most} at most",
                list.len()
            ));
        }
        Ok(list)
    }
}

/// `from`, `to`, `columns`, `lanes`, `compare`, `over`.
pub(super) fn lanes(query: Option<&str>) -> Result<LanesAsk, String> {
    let known = ["from", "to", "columns", "lanes", "compare", "over"];
    let asked = Asked::read(query, &known)?;
    Ok(LanesAsk {
        window: asked.window()?,
        columns: asked.number("columns", (1, MAX_COLUMNS), USUAL_COLUMNS)?,
        lanes: asked.list("lanes", MAX_LANES)?,
        compare: asked.get("compare").map(compare).transpose()?,
        over: asked.list("over", MOST_OVER)?,
    })
}

/// `from`, `to`, `text`, `kind`, `namespace`, `object`, `node`, `offset`, `limit`.
pub(super) fn events(query: Option<&str>) -> Result<EventsAsk, String> {
    let known = [
        "from",
        "to",
        "text",
        "kind",
        "namespace",
        "object",
        "node",
        "offset",
        "limit",
    ];
    let asked = Asked::read(query, &known)?;
    let text = asked.get("text").unwrap_or_default();
    let length = text.chars().count();
    if length > LONGEST_TEXT {
        return Err(format!(
            "text: {length} characters are too many: {LONGEST_TEXT} at most"
        ));
    }
    Ok(EventsAsk {
        window: asked.window()?,
        text: text.to_owned(),
        kinds: asked.list("kind", MOST_CHOSEN)?,
        namespaces: asked.list("namespace", MOST_CHOSEN)?,
        objects: asked.list("object", MOST_CHOSEN)?,
        nodes: asked.list("node", MOST_CHOSEN)?,
        offset: asked.number("offset", (0, u32::MAX), 0)? as usize,
        limit: asked.number("limit", (0, MAX_ROWS), USUAL_ROWS)?,
    })
}

/// A route that takes no question.
pub(super) fn nothing(query: Option<&str>) -> Result<(), String> {
    Asked::read(query, &[]).map(drop)
}

/// `shift:86400000` or `incident:ID`.
fn compare(text: &str) -> Result<Compare, String> {
    let expected = format!(
        "expected shift: and milliseconds (not 0, {MIN_SHIFT} to {MAX_SHIFT} either way), or incident: and the \
         32 digits of an incident's id"
    );
    let wrong = || format!("compare: '{}' cannot be read; {expected}", shown(text));
    match text.split_once(':') {
        Some(("shift", ms)) => {
            let ms: i64 = ms.parse().map_err(|_| wrong())?;
            let good = (MIN_SHIFT..=MAX_SHIFT).contains(&ms.saturating_abs());
            good.then_some(Compare::Shift(ms)).ok_or_else(wrong)
        }
        Some(("incident", id)) => {
            let good = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
            let id = good.then(|| IncidentId(id.to_owned()));
            id.map(Compare::Incident).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

/// As much of a text as a message bears.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_question_is_read() {
        let id = "0123456789abcdef0123456789abcdef";
        let ask = lanes(Some(&format!(
            "from=1590000000000&to=1590003600000&columns=1200&lanes=symptom,io-fs-1&compare=incident:{id}"
        )))
        .unwrap();
        assert_eq!(ask.window.unwrap().millis(), 3_600_000);
        assert_eq!(ask.columns, 1_200);
        assert_eq!(ask.lanes, ["symptom", "io-fs-1"]);
        assert_eq!(ask.compare, Some(Compare::Incident(IncidentId(id.into()))));
        assert_eq!(
            lanes(Some("compare=shift:-60000")).unwrap().compare,
            Some(Compare::Shift(-60_000))
        );
        let ask = events(Some(
            "text=Stuck+pod%20x&kind=rollout,alert&limit=7&offset=9",
        ))
        .unwrap();
        assert_eq!(ask.text, "Stuck pod x");
        assert_eq!(ask.kinds, ["rollout", "alert"]);
        assert_eq!((ask.offset, ask.limit), (9, 7));
        let usual = lanes(None).unwrap();
        assert_eq!((usual.window, usual.columns), (None, USUAL_COLUMNS));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_what_is_expected() {
        for (query, name, expected) in [
            ("columns=0", "columns", "from 1 to 4000"),
            ("columns=4001", "columns", "from 1 to 4000"),
            ("columns=-3", "columns", "from 1 to 4000"),
            ("columns=many", "columns", "'many'"),
            ("from=1590000000000", "to", "missing"),
            ("to=1590000000000", "from", "missing"),
            ("from=2&to=1", "to", "later than from"),
            ("from=yesterday&to=2", "from", "milliseconds since 1970"),
            ("from=-1&to=2", "from", "milliseconds since 1970"),
            (
                "from=1&to=99999999999999999",
                "to",
                "milliseconds since 1970",
            ),
            ("compare=shift:0", "compare", "not 0"),
            ("compare=shift:1", "compare", "60000 to"),
            ("compare=shift:99999999999999", "compare", "either way"),
            ("compare=incident:x", "compare", "32 digits"),
            ("compare=yesterday", "compare", "shift:"),
            ("column=7", "column", "expected one of from, to, columns"),
            ("columns=7&columns=8", "columns", "twice"),
        ] {
            let error = lanes(Some(query)).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")), "{query}: {error}");
            assert!(error.contains(expected), "{query}: {error}");
        }
        let many = vec!["a"; MAX_LANES + 1].join(",");
        assert!(lanes(Some(&format!("lanes={many}"))).is_err());
        for (query, name) in [
            ("limit=501", "limit"),
            ("offset=-1", "offset"),
            (&format!("text={}", "x".repeat(201)), "text"),
        ] {
            let error = events(Some(query)).unwrap_err();
            assert!(error.starts_with(&format!("{name}: ")), "{query}: {error}");
        }
        assert!(nothing(Some("x=1")).unwrap_err().starts_with("x: "));
        assert_eq!(nothing(Some("")), Ok(()));
    }
}
