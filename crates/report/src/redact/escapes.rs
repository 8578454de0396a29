//! Texts as addresses write them: `%2F` for a slash, and whatever else somebody chose to escape.

use std::ops::Range;

/// A text without its escapes, and where each of its bytes comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unescaped {
    /// What is read.
    pub(super) text: String,
    from: Vec<Range<usize>>,
}

impl Unescaped {
    /// Where in the escaped text a place of this one is.
    pub(super) fn back(&self, place: &Range<usize>) -> Range<usize> {
        let start = self.from.get(place.start).map_or(0, |r| r.start);
        let last = place.end.checked_sub(1).and_then(|n| self.from.get(n));
        start..last.map_or(start, |r| r.end)
    }

    fn push(&mut self, text: &str, from: Range<usize>) {
        self.text.push_str(text);
        self.from.extend(std::iter::repeat_n(from, text.len()));
    }
}

/// The text without its escapes, also those of escapes (`%252F`); `None` where it has none.
pub(super) fn unescaped(text: &str) -> Option<Unescaped> {
    let mut out = Unescaped::default();
    let (mut at, mut any) = (0, false);
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let mut bytes = Vec::new();
        let mut ranges = Vec::new();
        let mut end = at;
        while let Some((byte, after)) = escape(text, end) {
            bytes.push(byte);
            ranges.push(end..after);
            end = after;
        }
        if bytes.is_empty() {
            let after = at + c.len_utf8();
            // Each byte by itself: what is not escaped stands where it stood.
            for n in at..after {
                out.from.push(n..n + 1);
            }
            out.text.push(c);
            at = after;
            continue;
        }
        any = true;
        let mut begun = 0;
        for chunk in bytes.utf8_chunks() {
            for letter in chunk.valid().chars() {
                let len = letter.len_utf8();
                let range = spanned(&ranges, begun, len);
                out.push(letter.encode_utf8(&mut [0; 4]), range);
                begun += len;
            }
            let broken = chunk.invalid().len();
            if broken > 0 {
                let range = spanned(&ranges, begun, broken);
                out.push(text.get(range.clone()).unwrap_or_default(), range);
                begun += broken;
            }
        }
        at = end;
    }
    any.then_some(out)
}

fn spanned(ranges: &[Range<usize>], from: usize, len: usize) -> Range<usize> {
    let start = ranges.get(from).map_or(0, |r| r.start);
    let end = ranges.get(from + len - 1).map_or(start, |r| r.end);
    start..end
}

/// The byte that is escaped at a place, and where its escape ends.
fn escape(text: &str, at: usize) -> Option<(u8, usize)> {
    let bytes = text.as_bytes();
    let pair = |n: usize| {
        let high = char::from(*bytes.get(n)?).to_digit(16)?;
        let low = char::from(*bytes.get(n + 1)?).to_digit(16)?;
        u8::try_from(high * 16 + low).ok()
    };
    if bytes.get(at) != Some(&b'%') {
        return None;
    }
    let mut at = at + 1;
    let mut byte = pair(at)?;
    // An escape that was escaped: a per cent sign with two digits behind it.
    while byte == b'%'
        && let Some(inner) = pair(at + 2)
    {
        byte = inner;
        at += 2;
    }
    Some((byte, at + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        unescaped(text).map(|u| u.text)
    }

    #[test]
    fn escapes_are_read_as_browsers_read_them() {
        for (text, said) in [
            ("pods%2Fzombie-abc", Some("pods/zombie-abc")),
            ("pods%252Fzombie", Some("pods/zombie")),
            ("%7aombie%2dabc", Some("zombie-abc")),
            ("%C3%A9t%c3%a9", Some("été")),
            ("%C3%28 %FF", Some("%C3( %FF")),
            ("99.5 % of 7%, 100%", None),
            ("50%25", Some("50%")),
            ("", None),
        ] {
            assert_eq!(read(text).as_deref(), said, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_place_leads_back(text in "([a-c]|é|%|%[0-9a-f]{2}|%25[0-9A-F]{2}){0,12}") {
            let Some(read) = unescaped(&text) else { return Ok(()) };
            prop_assert_eq!(read.text.len(), read.from.len());
            prop_assert_eq!(read.back(&(0..read.text.len())), 0..text.len());
            for (at, letter) in read.text.char_indices() {
                let back = read.back(&(at..at + letter.len_utf8()));
                prop_assert!(text.get(back).is_some_and(|t| !t.is_empty()));
            }
        }
    }
}
