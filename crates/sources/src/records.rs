//! What AWS puts as JSON into the texts of its answers, read without its SDK: so that it is fuzzed and
//! tested without it, too.

pub mod alarm_history;
pub mod audit;
pub mod cloudtrail;

use sha2::{Digest, Sha256};

/// Longest id of an event.
const MAX_ID: usize = 128;

/// The id of an event: `prefix.text`, with a hash of the text where it holds what an id may not, or
/// is too long.
pub(crate) fn event_id(prefix: &str, text: &str) -> String {
    let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let cleaned: String = text
        .chars()
        .map(|c| if good(c) { c } else { '_' })
        .collect();
    let mut id = format!("{prefix}.{cleaned}");
    if cleaned == text && id.len() <= MAX_ID {
        return id;
    }
    let hash = short_hash(text);
    id.truncate(MAX_ID - 1 - hash.len());
    format!("{id}-{hash}")
}

/// The first 32 bits of a text's SHA-256 in hexadecimal: tells apart what an id cannot spell.
pub(crate) fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(4).fold(String::new(), |mut out, byte| {
        let digit = |n: u8| char::from_digit(n.into(), 16).unwrap_or('0');
        out.extend([digit(byte >> 4), digit(byte & 15)]);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_are_ids_and_differ(a in "\\PC{0,200}", b in "\\PC{0,200}") {
            let (x, y) = (event_id("p", &a), event_id("p", &b));
            let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            prop_assert!(x.len() <= 128 && x.chars().all(good), "{}", x);
            prop_assert_eq!(a == b, x == y);
        }
    }
}
