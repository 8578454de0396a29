//! Finding an entry of the command palette by a few letters.

/// How well `text` answers `query`, the less the better; `None`: not at all. Every word of the query
/// has to be in the text; words that begin as the text or one of its words begin come first.
pub fn rank(query: &str, text: &str) -> Option<u32> {
    let text = text.to_lowercase();
    let mut sum = 0;
    for word in query.to_lowercase().split_whitespace() {
        let place = text.find(word)?;
        let begins_word = place == 0
            || text
                .get(..place)
                .and_then(|before| before.chars().last())
                .is_some_and(|c| !c.is_alphanumeric());
        let begins_any = begins_word || text.contains(&format!(" {word}"));
        sum += match (place, begins_any) {
            (0, _) => 0,
            (_, true) => 1,
            (_, false) => 3,
        };
    }
    Some(sum)
}

/// Indices of the texts that answer the query, the best first, else in the order they have.
pub fn found<'a>(query: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
    let mut hits: Vec<(u32, usize)> = texts
        .into_iter()
        .enumerate()
        .filter_map(|(i, text)| Some((rank(query, text)?, i)))
        .collect();
    hits.sort_unstable();
    hits.into_iter().map(|(_, i)| i).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 4] = [
        "Hide lane Burst credits",
        "Burst credits",
        "Preset: whole drain",
        "Suspect 1: rollout of shop-web",
    ];

    #[test]
    fn beginnings_come_first_and_every_word_counts() {
        assert_eq!(found("burst", TEXTS), [1, 0]);
        assert_eq!(found("credits hide", TEXTS), [0]);
        assert_eq!(found("WEB", TEXTS), [3]);
        assert_eq!(found("rain", TEXTS), [2]);
        assert_eq!(found("", TEXTS), [0, 1, 2, 3]);
        assert_eq!(found("nothing like it", TEXTS), [] as [usize; 0]);
    }

    #[test]
    fn letters_of_every_script_are_safe() {
        assert_eq!(rank("é", "Café"), Some(3));
        assert_eq!(rank("日", "x日本"), Some(3));
    }
}
