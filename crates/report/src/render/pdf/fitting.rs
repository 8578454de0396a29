//! Texts that one string of a PDF has room for.

use std::borrow::Cow;

/// Longest text that becomes one string of the file, bytes of UTF-8. PDF/A allows 32,767 bytes, and a text that is
/// no ASCII is written as UTF-16: at most twice as many bytes, and two before them.
pub(super) const LONGEST: usize = 16_000;

/// A text that one string of the file has room for. What is longer is cut: a picture's description of that length
/// would keep the whole report from being printed.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    const CUT: &str = "…";
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(LONGEST - CUT.len());
    let kept = text.get(..end).unwrap_or_default();
    Cow::Owned(format!("{kept}{CUT}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_cut_between_characters_and_says_so() {
        assert_eq!(fitting("a title"), "a title");
        let whole = "x".repeat(LONGEST);
        assert_eq!(fitting(&whole), whole);
        for letter in ["x", "é", "€", "🌋"] {
            for before in 0..4 {
                let long = "x".repeat(before) + &letter.repeat(2 * LONGEST);
                let cut = fitting(&long);
                assert!(cut.ends_with(&format!("{letter}…")), "{letter}");
                assert!(cut.len() <= LONGEST && cut.len() > LONGEST - 8);
                assert!(2 * cut.encode_utf16().count() + 2 <= 32_767);
            }
        }
    }
}
