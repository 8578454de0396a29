//! Words for people: numbers with their nouns, and foreign text made safe to print.

/// `1 pod`, `2 pods`: a count with its noun in the right number, for nouns that take an s (or `es`
/// after an s).
pub fn count(n: usize, noun: &str) -> String {
    let ending = match n {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{n} {noun}{ending}")
}

/// `1 line is`, `2 lines are`: [`count`] with its verb.
pub fn count_are(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), be(n))
}

/// `is` or `are`, behind a count of so many.
pub const fn be(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// Text as it may be printed on a terminal or in one line: control characters (escape sequences,
/// line breaks) and those that change the direction of writing become the replacement character.
pub fn printable(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if hidden(c) { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_the_rest_is_plural() {
        assert_eq!(count(1, "pod"), "1 pod");
        assert_eq!(count(0, "pod"), "0 pods");
        assert_eq!(count(12, "alias"), "12 aliases");
    }

    #[test]
    fn nothing_that_moves_the_cursor_or_the_text_is_left() {
        let text = printable("a\u{1b}[31mb\r\nc\u{7}\u{9b}2J\u{202e}d é");
        assert_eq!(
            text,
            "a\u{fffd}[31mb\u{fffd}\u{fffd}c\u{fffd}\u{fffd}2J\u{fffd}d é"
        );
    }
}
