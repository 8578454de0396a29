//! Names in pictures that are drawn already: in texts, titles, descriptions and ids, and where a
//! name was cut because it was wider than its place.

use super::Redaction;

/// Fewest characters of a name before an ellipsis that tell it.
const TELLING: usize = 3;

/// Attributes that hold words or ids of ours; the others hold colours, shapes and places.
const NAMING: [&str; 9] = [
    "id",
    "aria-labelledby",
    "aria-describedby",
    "aria-label",
    "title",
    "href",
    "alt",
    "for",
    "name",
];

impl Redaction {
    /// A picture of our own drawing code, with the markup around it.
    pub(super) fn picture(&self, svg: &str) -> String {
        let mut out = String::with_capacity(svg.len());
        let mut rest = svg;
        while let Some(open) = rest.find('<') {
            let (words, tag) = rest.split_at(open);
            out.push_str(&self.words(words));
            let end = tag.find('>').map_or(tag.len(), |at| at + 1);
            let (tag, after) = tag.split_at(end);
            self.tag(&mut out, tag);
            rest = after;
        }
        out.push_str(&self.words(rest));
        out
    }

    fn words(&self, escaped: &str) -> String {
        if escaped.trim().is_empty() {
            return escaped.to_owned();
        }
        let text = unescape(escaped);
        let told = match text.strip_suffix('…') {
            Some(cut) => self.cut_text(cut),
            None => self.text(&text),
        };
        if told == text {
            escaped.to_owned()
        } else {
            escape(&told)
        }
    }

    /// A text that was cut: what is left of a name at its end is replaced as well.
    fn cut_text(&self, text: &str) -> String {
        let starts = text.char_indices().filter(|(at, c)| {
            let before = text.get(..*at).and_then(|t| t.chars().next_back());
            c.is_alphanumeric() && !before.is_some_and(char::is_alphanumeric)
        });
        for (at, _) in starts {
            let (before, end) = text.split_at(at);
            if end.chars().count() >= TELLING
                && let Some(stand_in) = self.begun(end)
            {
                return format!("{}{stand_in}…", self.text(before));
            }
        }
        format!("{}…", self.text(text))
    }

    /// The stand-in of a name that begins with these words.
    fn begun(&self, words: &str) -> Option<&str> {
        let lower = words.to_lowercase();
        let at = self.sorted.partition_point(|(name, _)| *name < lower);
        let (name, named) = self.sorted.get(at)?;
        let named = self.named.get(*named)?;
        name.starts_with(&lower).then_some(named.stand_in.as_str())
    }

    /// A tag: values of attributes that hold words.
    fn tag(&self, out: &mut String, tag: &str) {
        let mut rest = tag;
        while let Some(quote) = rest.find("=\"") {
            let (before, value) = rest.split_at(quote + 2);
            let Some(end) = value.find('"') else {
                break;
            };
            let name = before
                .trim_end_matches("=\"")
                .rsplit(char::is_whitespace)
                .next()
                .unwrap_or_default();
            let (value, after) = value.split_at(end);
            out.push_str(before);
            if NAMING.contains(&name) || name.starts_with("data-") {
                out.push_str(&self.words(value));
            } else {
                out.push_str(value);
            }
            rest = after;
        }
        out.push_str(rest);
    }
}

/// Text of XML or HTML as it is read.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    crate::render::html::escape(&mut out, text);
    out
}
