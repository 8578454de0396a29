//! Listings that came damaged: in another encoding, with a byte that is none of the text, or cut off.
//!
//! Whatever is whole is kept; whatever is not is left out, and it is said where. Nothing is mended:
//! half an object says nothing.

use memchr::memmem;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Places at which a listing may be damaged before the rest of it is given up.
const DAMAGES: usize = 64;
/// The end of a damaged object is looked for within so many bytes: etcd keeps no object above
/// 1.5 MiB, and indentation may make a few times that of it.
const LARGEST_OBJECT: usize = 16 << 20;

/// A text out of bytes.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// Bytes that are no part of a text, each a `�` now, and the line of the first.
    pub(super) replaced: Option<(usize, u64)>,
}

/// Reads bytes as text: UTF-8, or UTF-16 with its mark as `PowerShell` writes it for `>`. What is no
/// text becomes `�`, also control characters, which JSON never has as they are.
pub(super) fn decoded(content: &[u8]) -> Decoded<'_> {
    let text = match content {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(content),
    };
    let foreign = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    let text = if text.contains(foreign) {
        Cow::Owned(text.replace(foreign, "\u{fffd}"))
    } else {
        text
    };
    // An owned text is one in which something may have been replaced; `�` of its own is rare enough.
    let replaced = match &text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => text.find('\u{fffd}').map(|first| {
            let line = text.get(..first).unwrap_or("").matches('\n').count() as u64 + 1;
            (text.matches('\u{fffd}').count(), line)
        }),
    };
    Decoded { text, replaced }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text: String = char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}

/// What comes next in a damaged text.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A value that is whole.
    Whole(&'a RawValue),
    /// A value that cannot be read begins here; it is left out.
    Damaged(usize),
    /// A value begins at this offset that cannot be read, and no other is found behind it.
    Cut { at: usize, breaks_off: bool },
    /// No further value: the list, or the text, is over at this offset.
    End(usize),
}

/// Goes through a damaged text value by value.
pub(super) struct Pieces<'a> {
    text: &'a str,
    /// Where the next value is looked for.
    at: usize,
    left: usize,
    /// Brackets around the items of the list that was entered.
    inside: usize,
}

impl<'a> Pieces<'a> {
    /// From an offset on.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            left: DAMAGES,
            inside: 0,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// The next value, of the list or between lists.
    pub(super) fn next(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let begins = |c: char| !c.is_whitespace() && c != ',';
        let Some(skipped) = rest.find(begins) else {
            self.at = self.text.len();
            return Piece::End(self.at);
        };
        self.at += skipped;
        let rest = self.rest();
        if rest.starts_with([']', '}']) {
            return Piece::End(self.at);
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let breaks_off = match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                return Piece::Whole(value);
            }
            Some(Err(error)) => error.is_eof(),
            None => true,
        };
        let begun = self.at;
        let indent = self.indent();
        self.left = self.left.saturating_sub(1);
        match after(rest, indent).filter(|_| self.left > 0) {
            Some(after) => {
                self.at += after;
                Piece::Damaged(begun)
            }
            None => Piece::Cut {
                at: begun,
                breaks_off,
            },
        }
    }

    /// The blanks before the value on its line; `None` where it does not begin its line.
    fn indent(&self) -> Option<&'a str> {
        let before = self.text.get(..self.at)?;
        let line = before.rsplit('\n').next()?;
        line.bytes().all(|b| b == b' ').then_some(line)
    }

    /// Goes into the list that begins at an offset, where there is one: its items come next. Gives the
    /// kind of the list, which may be empty.
    pub(super) fn enter(&mut self, begun: usize) -> Option<&'a str> {
        let text = self.text.get(begun..)?;
        let (kind, items) = items_of(text)?;
        self.at = begun + items;
        self.inside = if text.starts_with('[') { 1 } else { 2 };
        Some(kind)
    }

    /// Goes out of the list whose items are over, behind the document that has it; `false` where the
    /// text breaks off before that.
    pub(super) fn leave(&mut self) -> bool {
        let end = end_of(self.rest(), self.inside);
        self.at = end.map_or(self.text.len(), |end| self.at + end);
        end.is_some()
    }

    /// Whether nothing is left.
    pub(super) fn is_over(&self) -> bool {
        self.rest().trim_start().is_empty()
    }
}

/// Where the value after a damaged one begins, or the list ends: on the next line that begins as the
/// damaged one did, or behind the bracket that closes it.
fn after(rest: &str, indent: Option<&str>) -> Option<usize> {
    let within = rest.len().min(LARGEST_OBJECT);
    let within = (0..=within).rev().find(|i| rest.is_char_boundary(*i))?;
    let near = rest.get(..within)?;
    let line = indent.and_then(|indent| {
        let begin = format!("\n{indent}{{");
        memmem::find(near.as_bytes(), begin.as_bytes()).map(|found| found + 1 + indent.len())
    });
    // Where a quotation mark or a bracket is lost, counting brackets leads astray; lines do not.
    line.or_else(|| end_of(near, 0))
}

/// Offset behind the bracket that closes the outermost of those that are open, strings heeded.
fn end_of(text: &str, mut depth: usize) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The kind of the list that begins here, as far as it is said before the items, and the offset of
/// the first item. `None` where what begins here is no list.
fn items_of(text: &str) -> Option<(&str, usize)> {
    if text.starts_with('[') {
        return Some(("", 1));
    }
    let (mut at, mut depth, mut kind) = (0, 0_usize, "");
    while let Some(byte) = text.as_bytes().get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
            b'"' => {
                let (word, end) = quoted(text, at)?;
                at = end;
                let value = text.get(at..).map(str::trim_start);
                let value = value.and_then(|rest| rest.strip_prefix(':'));
                let Some(value) = value.map(str::trim_start).filter(|_| depth == 1) else {
                    continue;
                };
                let offset = text.len() - value.len();
                if word == "items" && value.starts_with('[') {
                    return Some((kind, offset + 1));
                }
                if word == "kind" && value.starts_with('"') {
                    kind = quoted(text, offset + 1)?.0;
                }
            }
            _ => {}
        }
    }
    None
}

/// The word whose opening quotation mark stands before `from`, and the offset behind the closing one.
fn quoted(text: &str, from: usize) -> Option<(&str, usize)> {
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(from) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((text.get(from..i)?, i + 1)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_and_what_is_none_is_counted() {
        let wide = |text: &str, unit: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(unit).collect()
        };
        let mut big = vec![0xFE, 0xFF];
        big.extend(wide("{\"a\":\"é😀\"}", u16::to_be_bytes));
        let mut little = vec![0xFF, 0xFE];
        little.extend(wide("{\"a\":\"é😀\"}", u16::to_le_bytes));
        for bytes in [&big[..], &little, "\u{feff}{\"a\":\"é😀\"}".as_bytes()] {
            let read = decoded(bytes);
            assert_eq!(read.text, "{\"a\":\"é😀\"}");
            assert_eq!(read.replaced, None);
        }
        little.push(b'x');
        assert_eq!(decoded(&little).replaced, Some((1, 1)));
        let read = decoded(b"{\n\"a\":\n\"\xE9\",\"b\0\":\t1}");
        assert_eq!(read.text, "{\n\"a\":\n\"\u{fffd}\",\"b\u{fffd}\":\t1}");
        assert_eq!(read.replaced, Some((2, 3)));
        // One that was there before is no damage.
        assert_eq!(decoded("\u{fffd}".as_bytes()).replaced, None);
    }

    #[test]
    fn a_list_is_found_by_its_own_items_only() {
        for (text, found) in [
            (r#"{"kind":"PodList","items":[{"#, Some(("PodList", 27))),
            (r#"{ "a" : {"items":[]}, "items" : ["#, Some(("", 33))),
            ("[", Some(("", 1))),
            (
                r#"{"kind":"Pod","spec":{"volumes":[{"items":[{"key":"x"}]}]}"#,
                None,
            ),
            (r#"{"kind":"items"}{"items":["#, None),
            (r#"{"a":"\"items\":["#, None),
            ("text", None),
        ] {
            assert_eq!(items_of(text), found, "{text}");
        }
    }
}
