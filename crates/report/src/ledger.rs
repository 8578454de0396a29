//! The ledger of figures: every number and time that the report states, with its evidence.

use chart::value_text;
use model::report::{Figure, Inline};
use model::time::span_text;
use model::{Timestamp, Window};
use serde_json::Value;
use std::collections::BTreeMap;

/// Figures in the order in which the report first states them.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    figures: Vec<Figure>,
    places: BTreeMap<String, usize>,
}

/// What a figure was made from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Basis {
    /// Ids of series and events.
    pub(crate) evidence: Vec<String>,
    /// Span.
    pub(crate) span: Option<Window>,
}

impl Basis {
    /// Of these series and events.
    pub(crate) fn of<I: IntoIterator<Item = S>, S: Into<String>>(evidence: I) -> Self {
        Self {
            evidence: evidence.into_iter().map(Into::into).collect(),
            span: None,
        }
    }

    /// Within a span.
    pub(crate) fn within(mut self, span: Option<Window>) -> Self {
        self.span = span;
        self
    }
}

impl Ledger {
    /// All figures, in order.
    pub(crate) fn into_figures(self) -> Vec<Figure> {
        self.figures
    }

    /// A measured value in a unit of the model.
    pub(crate) fn value(&mut self, id: &str, value: f64, unit: &str, basis: Basis) -> Inline {
        self.state(id, number(value), unit, value_text(value, unit), basis)
    }

    /// A probability or a share, 0 to 1. Judgements are given in whole per cent.
    pub(crate) fn share(&mut self, id: &str, value: f64, basis: Basis) -> Inline {
        let text = if value.is_finite() {
            format!("{:.0} %", value * 100.0)
        } else {
            "unknown".to_owned()
        };
        self.state(id, number(value), "Ratio", text, basis)
    }

    /// Log-odds, said in words: the exact weight is the figure's value.
    pub(crate) fn weight(&mut self, id: &str, value: f64, basis: Basis) -> Inline {
        let text = weight_in_words(value).to_owned();
        self.state(id, number(value), "LogOdds", text, basis)
    }

    /// A number of things.
    pub(crate) fn count(&mut self, id: &str, count: usize, basis: Basis) -> Inline {
        let text = value_text(count as f64, "Count");
        self.state(id, Value::from(count), "Count", text, basis)
    }

    /// A length of time in milliseconds.
    pub(crate) fn duration(&mut self, id: &str, ms: i64, basis: Basis) -> Inline {
        let seconds = ms as f64 / 1000.0;
        self.state(id, number(seconds), "Seconds", span_text(ms), basis)
    }

    /// An instant.
    pub(crate) fn time(&mut self, id: &str, at: Timestamp, basis: Basis) -> Inline {
        let text = format!("{} UTC", at.minute());
        self.state(id, Value::from(at.to_string()), "Time", text, basis)
    }

    /// States a figure. The same figure may be stated twice; another one under the same id gets
    /// a number of its own, so that no id ever stands for two things.
    pub(crate) fn state(
        &mut self,
        id: &str,
        value: Value,
        unit: &str,
        text: String,
        basis: Basis,
    ) -> Inline {
        let mut figure = Figure {
            id: id.to_owned(),
            value,
            unit: unit.to_owned(),
            evidence: basis.evidence,
            span: basis.span,
            text,
        };
        let mut n = 2;
        while let Some(other) = self
            .places
            .get(&figure.id)
            .and_then(|i| self.figures.get(*i))
        {
            if *other == figure {
                return Inline::Figure(figure.id);
            }
            figure.id = format!("{id}.{n}");
            n += 1;
        }
        let id = figure.id.clone();
        self.places.insert(id.clone(), self.figures.len());
        self.figures.push(figure);
        Inline::Figure(id)
    }

    /// A sentence of the analysis: its numbers and times become figures, words stay words.
    /// Digits inside names (`node-3`, `v1.14`, `797fbbbc6d`) are no numbers.
    pub(crate) fn quote(&mut self, id: &str, text: &str, basis: &Basis) -> Vec<Inline> {
        let mut out: Vec<Inline> = Vec::new();
        let mut words = String::new();
        let mut n = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let boundary = words
                .chars()
                .last()
                .is_none_or(|c| c.is_whitespace() || "([~≈±→".contains(c));
            if boundary && let Some(found) = Stated::at(rest) {
                if !words.is_empty() {
                    out.push(Inline::Text(std::mem::take(&mut words)));
                }
                n += 1;
                let (written, later) = rest.split_at(found.length);
                let id = format!("{id}.{n}");
                let text = found
                    .at
                    .map_or_else(|| written.to_owned(), |at| format!("{} UTC", at.minute()));
                out.push(self.state(&id, found.value, &found.unit, text, basis.clone()));
                rest = later;
            } else if let Some(c) = rest.chars().next() {
                words.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        if !words.is_empty() {
            out.push(Inline::Text(words));
        }
        out
    }
}

/// How strongly a weight of evidence speaks. The steps are those of Kass and Raftery, "Bayes Factors",
/// Journal of the American Statistical Association 90 (1995), section 3.2, whose twice the logarithm
/// of a Bayes factor of 2, 6 and 10 is a weight of 1, 3 and 5.
fn weight_in_words(value: f64) -> &'static str {
    match (value >= 0.0, value.abs()) {
        (_, size) if size.is_nan() => "how strongly it speaks is unknown",
        (true, size) if size >= 5.0 => "speaks very strongly for it",
        (true, size) if size >= 3.0 => "speaks strongly for it",
        (true, size) if size >= 1.0 => "speaks for it",
        (true, _) => "speaks for it, but barely",
        (false, size) if size >= 5.0 => "speaks very strongly against it",
        (false, size) if size >= 3.0 => "speaks strongly against it",
        (false, size) if size >= 1.0 => "speaks against it",
        (false, _) => "speaks against it, but barely",
    }
}

/// A number as JSON has it; null where it is none.
pub(crate) fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// A number or an instant at the beginning of a text.
struct Stated {
    value: Value,
    unit: String,
    /// Bytes of the text that state it.
    length: usize,
    /// The instant, where it is one.
    at: Option<Timestamp>,
}

/// Units that may follow a number after a space.
const UNITS: [&str; 21] = [
    "KiB/s", "MiB/s", "GiB/s", "TiB/s", "B/s", "KiB", "MiB", "GiB", "TiB", "B", "ms", "µs", "min",
    "s", "h", "d", "%", "/s", "/min", "bytes/s", "bytes",
];

impl Stated {
    fn at(text: &str) -> Option<Self> {
        Self::instant(text).or_else(|| Self::number(text))
    }

    /// RFC 3339, or `2020-05-22 03:00 UTC`.
    fn instant(text: &str) -> Option<Self> {
        let word: &str = text
            .split(|c: char| c.is_whitespace() || ",;)".contains(c))
            .next()?;
        let word = word.trim_end_matches('.');
        if word.len() >= 20 && word.contains('T') {
            let at: Timestamp = word.parse().ok()?;
            return Some(Self::time(at, word.len()));
        }
        let written = text.get(..16)?;
        let (date, clock) = written.split_once(' ')?;
        let at: Timestamp = format!("{date}T{clock}:00Z").parse().ok()?;
        let utc = text.get(16..).is_some_and(|t| t.starts_with(" UTC"));
        Some(Self::time(at, if utc { 20 } else { 16 }))
    }

    fn time(at: Timestamp, length: usize) -> Self {
        Self {
            value: Value::from(at.to_string()),
            unit: "Time".to_owned(),
            length,
            at: Some(at),
        }
    }

    fn number(text: &str) -> Option<Self> {
        let body = text.strip_prefix(['+', '-', '−']).unwrap_or(text);
        let sign = text.len() - body.len();
        if !body.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let digits = body
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .unwrap_or(body.len());
        let digits = body.get(..digits)?.trim_end_matches(['.', ',']).len();
        let after = body.get(digits..)?;
        // A letter, dash or colon glued to it makes it part of a name or a clock.
        let glued = after
            .chars()
            .next()
            .is_some_and(|c| c.is_alphanumeric() || "-_:/".contains(c));
        let percent = after.starts_with('%');
        let times = after.starts_with('×') || after.starts_with("x ");
        if glued && !times {
            return None;
        }
        let mut value: f64 = body.get(..digits)?.replace(',', "").parse().ok()?;
        if !text.starts_with('+') && sign > 0 {
            value = -value;
        }
        let mut length = sign + digits;
        let mut unit = "Count".to_owned();
        if percent {
            (unit, length) = ("Percent".to_owned(), length + 1);
        } else if let Some(found) = unit_after(after) {
            length += 1 + found.len();
            unit = if found == "%" {
                "Percent".to_owned()
            } else {
                found.to_owned()
            };
        }
        Some(Self {
            value: number(value),
            unit,
            length,
            at: None,
        })
    }
}

/// A unit that follows after one space and is a word of its own.
fn unit_after(text: &str) -> Option<&'static str> {
    let text = text
        .strip_prefix([' ', '\u{a0}'])
        .filter(|_| text.starts_with(' '))?;
    UNITS.into_iter().find(|unit| {
        text.strip_prefix(unit).is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || "-_/".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(inlines: &[Inline], figures: &[Figure]) -> String {
        let text = |i: &Inline| match i {
            Inline::Text(t) => t.clone(),
            Inline::Figure(id) => {
                let figure = figures.iter().find(|f| f.id == *id).unwrap();
                format!("[{}|{}|{}]", figure.value, figure.unit, figure.text)
            }
            other => panic!("{other:?}"),
        };
        inlines.iter().map(text).collect()
    }

    #[test]
    fn numbers_in_sentences_become_figures_and_names_stay_names() {
        for (text, marked) in [
            (
                "rose from 1.2 MiB/s to 410 MiB/s, 4 min after shop-797fbbbc6d on node-3",
                "rose from [1.2|MiB/s|1.2 MiB/s] to [410.0|MiB/s|410 MiB/s], [4.0|min|4 min] \
                 after shop-797fbbbc6d on node-3",
            ),
            (
                "at 2020-05-22 03:00 UTC (±1 min).",
                "at [\"2020-05-22T03:00:00Z\"|Time|2020-05-22 03:00 UTC] (±[1.0|min|1 min]).",
            ),
            (
                "since 2020-05-22T03:00:00Z, by 12% of 1,234 calls; kernel v4.19 at 03:00",
                "since [\"2020-05-22T03:00:00Z\"|Time|2020-05-22 03:00 UTC], by [12.0|Percent|12%] \
                 of [1234.0|Count|1,234] calls; kernel v4.19 at 03:00",
            ),
            (
                "-3 steps é €5 ünïcode",
                "[-3.0|Count|-3] steps é €5 ünïcode",
            ),
        ] {
            let mut ledger = Ledger::default();
            let inlines = ledger.quote("x", text, &Basis::default());
            assert_eq!(plain(&inlines, &ledger.figures), marked);
        }
    }

    #[test]
    fn a_weight_is_said_in_words_and_kept_as_a_number() {
        let mut ledger = Ledger::default();
        for (n, weight) in [6.2, 3.0, 2.4, 0.1, 0.0, -0.9, -2.3, -3.0, -5.0, f64::NAN]
            .into_iter()
            .enumerate()
        {
            ledger.weight(&format!("w{n}"), weight, Basis::default());
        }
        let figures = ledger.into_figures();
        let said: Vec<&str> = figures.iter().map(|f| f.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "speaks very strongly for it",
                "speaks strongly for it",
                "speaks for it",
                "speaks for it, but barely",
                "speaks for it, but barely",
                "speaks against it, but barely",
                "speaks against it",
                "speaks strongly against it",
                "speaks very strongly against it",
                "how strongly it speaks is unknown",
            ]
        );
        assert_eq!(figures[0].value, Value::from(6.2));
        assert_eq!(figures[9].value, Value::Null);
    }

    #[test]
    fn an_id_never_stands_for_two_figures() {
        let mut ledger = Ledger::default();
        let a = ledger.count("n", 1, Basis::default());
        assert_eq!(a, ledger.count("n", 1, Basis::default()));
        assert_eq!(
            ledger.count("n", 2, Basis::default()),
            Inline::Figure("n.2".into())
        );
        assert_eq!(ledger.into_figures().len(), 2);
    }
}
