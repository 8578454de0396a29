//! Bytes as text, whatever program saved them.
//!
//! Files by hand come from every machine: with a byte order mark, as UTF-16 (what PowerShell's `>` and
//! Notepad's "Unicode" write), as Latin-1 from an old editor, with zeros where a machine lost power.
//! What is text but for a few bytes is read, those bytes as `�`, and the provenance says how many
//! there were and on which line the first one stands.

use std::cell::OnceCell;

/// One byte in this many may be bad; with more of them it is no text. German in Latin-1 has one
/// umlaut in about fifty letters, pictures and archives have every third byte bad or more.
const BAD_ONE_IN: usize = 10;

/// Content of a file as text.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// As it is.
    raw: &'a [u8],
    text: Text<'a>,
    bad: Bad,
}

/// What stands in it, without byte order mark.
#[derive(Debug)]
enum Text<'a> {
    /// No text.
    None,
    /// It is UTF-8 as it is.
    Plain(&'a str),
    /// With bytes that are no text; made of it once somebody asks: a log is read without, and the text
    /// of one is as large as the log.
    Damaged(&'a [u8], OnceCell<String>),
    /// It was UTF-16: the bytes as they are say nothing to a reader of lines.
    Wide(String),
}

/// What is no text in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bad {
    count: usize,
    /// Line of the first, from 1.
    line: usize,
}

impl Bad {
    fn add(&mut self, count: usize, line: impl FnOnce() -> usize) {
        if self.count == 0 && count > 0 {
            self.line = line();
        }
        self.count += count;
    }
}

/// Reads bytes as text: UTF-8, with or without byte order mark, or UTF-16 with one.
pub(crate) fn decode(raw: &[u8]) -> Decoded<'_> {
    match raw {
        // `FF FE 00 00` is UTF-32, which nothing writes.
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) => {
            wide(raw, rest, u16::from_le_bytes)
        }
        [0xfe, 0xff, rest @ ..] => wide(raw, rest, u16::from_be_bytes),
        _ => narrow(raw),
    }
}

impl Decoded<'_> {
    /// The bytes as they are.
    pub(crate) fn raw(&self) -> &[u8] {
        self.raw
    }

    pub(crate) fn is_text(&self) -> bool {
        !matches!(self.text, Text::None)
    }

    /// All of it as text; `None` where it is none.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.text {
            Text::Plain(text) => Some(text),
            _ => self.changed(),
        }
    }

    /// The text, where it is another than the bytes.
    pub(crate) fn changed(&self) -> Option<&str> {
        match &self.text {
            Text::None | Text::Plain(_) => None,
            Text::Damaged(content, made) => Some(made.get_or_init(|| repaired(content))),
            Text::Wide(text) => Some(text),
        }
    }

    /// Whether it was UTF-16.
    pub(crate) fn is_wide(&self) -> bool {
        matches!(self.text, Text::Wide(_))
    }

    /// The first so many bytes of it as text.
    pub(crate) fn begin(&self, most: usize) -> String {
        fn cut(bytes: &[u8], most: usize) -> &[u8] {
            bytes.get(..most).unwrap_or(bytes)
        }
        let lossy = |bytes| String::from_utf8_lossy(cut(bytes, most)).into_owned();
        match &self.text {
            Text::None => lossy(self.raw),
            Text::Plain(text) => lossy(text.as_bytes()),
            Text::Damaged(content, _) => repaired(cut(content, most)),
            Text::Wide(text) => lossy(text.as_bytes()),
        }
    }

    /// What was bad in it, in words; `None` where nothing was.
    pub(crate) fn note(&self) -> Option<String> {
        let Bad { count, line } = self.bad;
        let (bytes, are) = if count == 1 {
            ("byte", "is")
        } else {
            ("bytes", "are")
        };
        (self.is_text() && count > 0).then(|| {
            format!(
                "{count} {bytes} in it {are} no text (broken UTF-8 or zeros), the first on line \
                 {line}: read as \u{fffd}"
            )
        })
    }
}

fn narrow(raw: &[u8]) -> Decoded<'_> {
    let content = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let bad = bad_in(content);
    let text = if bad.count == 0 {
        std::str::from_utf8(content).map_or(Text::None, Text::Plain)
    } else if bad.count.saturating_mul(BAD_ONE_IN) > content.len() {
        Text::None
    } else {
        Text::Damaged(content, OnceCell::new())
    };
    Decoded { raw, text, bad }
}

fn bad_in(content: &[u8]) -> Bad {
    let mut bad = Bad::default();
    let mut done = 0;
    for chunk in content.utf8_chunks() {
        let valid = chunk.valid().as_bytes();
        let zeros = memchr::memchr_iter(0, valid).count();
        let first = memchr::memchr(0, valid).unwrap_or(valid.len());
        let at = if zeros > 0 {
            done + first
        } else {
            done + valid.len()
        };
        bad.add(zeros + chunk.invalid().len(), || {
            let before = content.get(..at).unwrap_or(content);
            memchr::memchr_iter(b'\n', before).count() + 1
        });
        done += valid.len() + chunk.invalid().len();
    }
    bad
}

fn repaired(content: &[u8]) -> String {
    let mut text = String::with_capacity(content.len() + content.len() / BAD_ONE_IN * 2);
    for chunk in content.utf8_chunks() {
        for (i, part) in chunk.valid().split('\0').enumerate() {
            if i > 0 {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            text.push_str(part);
        }
        // One for each byte, so that the number in the note is that of the signs.
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// UTF-16 behind its byte order mark.
fn wide<'a>(raw: &'a [u8], content: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded<'a> {
    let (pairs, odd) = content.as_chunks::<2>();
    let mut text = String::with_capacity(content.len() / 2);
    let mut bad = Bad::default();
    let mut line = 1;
    let signs = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    for sign in signs.chain((!odd.is_empty()).then_some(Ok('\0'))) {
        match sign {
            Ok(sign) if sign != '\0' => {
                line += usize::from(sign == '\n');
                text.push(sign);
            }
            _ => {
                bad.add(1, || line);
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    let is_text = bad.count.saturating_mul(BAD_ONE_IN) <= pairs.len().max(1);
    let text = if is_text {
        Text::Wide(text)
    } else {
        Text::None
    };
    Decoded { raw, text, bad }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(raw: &[u8]) -> Option<String> {
        decode(raw).text().map(str::to_owned)
    }

    /// What PowerShell's `>` writes.
    fn utf16(text: &str, little: bool) -> Vec<u8> {
        let bytes = |unit: u16| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        };
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(bytes).collect()
    }

    #[test]
    fn a_few_bad_bytes_are_shown_and_counted() {
        let raw =
            b"a line of plain text\nLatin-1: M\xfcller, Stra\xdfe, and so on\nzero \0 in it\n";
        let found = decode(raw);
        let shown = "a line of plain text\nLatin-1: M\u{fffd}ller, Stra\u{fffd}e, and so on\nzero \u{fffd} in it\n";
        assert_eq!(found.text(), Some(shown));
        let note = found.note().unwrap();
        assert!(note.starts_with("3 bytes in it are no text"), "{note}");
        assert!(note.contains("the first on line 2"), "{note}");
        let one = decode(b"timestamp,value\n1,\0\n").note().unwrap();
        assert!(one.starts_with("1 byte in it is no text"), "{one}");
        assert!(one.contains("line 2"), "{one}");
    }

    #[test]
    fn many_bad_bytes_are_no_text() {
        for raw in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"[..],
            b"\xff\xfe\0\0a\0\0\0",
            b"\xff\xfe\0\xd8\0\xd8\0\xd8",
            &[0; 4_096],
        ] {
            let found = decode(raw);
            assert!(
                found.text().is_none() && found.note().is_none(),
                "{found:?}"
            );
        }
    }

    #[test]
    fn half_a_pair_at_the_end_is_said() {
        let mut raw = utf16("one line\nand another one", true);
        raw.push(b'x');
        let found = decode(&raw);
        assert!(found.is_wide());
        assert!(found.note().unwrap().contains("line 2"));
    }

    proptest! {
        #[test]
        fn any_text_is_the_same_in_every_encoding(words in "[^\\x00\u{feff}]{0,200}") {
            prop_assert_eq!(text(words.as_bytes()), Some(words.clone()));
            prop_assert_eq!(text(format!("\u{feff}{words}").as_bytes()), Some(words.clone()));
            prop_assert_eq!(text(&utf16(&words, true)), Some(words.clone()));
            prop_assert_eq!(text(&utf16(&words, false)), Some(words.clone()));
            prop_assert!(decode(&utf16(&words, false)).note().is_none());
        }

        #[test]
        fn any_bytes_are_text_without_zeros_or_none(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(text) = text(&raw) {
                prop_assert!(!text.contains('\0'));
            }
        }
    }
}
