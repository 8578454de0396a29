//! The inputs of an address, and numbers and words among them.

use super::Fields;

/// The inputs of an address.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a>(pub &'a [(String, String)]);

impl<'a> Asked<'a> {
    /// An input; empty where it is not there.
    pub fn get(&self, name: &str) -> &'a str {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// An input, or what stands there by itself.
    pub fn or(&self, name: &str, default: &'a str) -> &'a str {
        match self.get(name) {
            "" => default,
            given => given,
        }
    }
}

impl Fields {
    pub(super) fn number(&mut self, asked: Asked<'_>, name: &str, default: &str) -> Option<f64> {
        let text = match asked.get(name) {
            "" => default,
            given => given,
        };
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite());
        self.read(
            name,
            number.ok_or_else(|| {
                let shown: String = text.chars().take(40).collect();
                format!("'{shown}' is no number")
            }),
        )
    }

    /// One of the words that an input knows; the first of them where it is empty.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        asked: Asked<'_>,
        name: &str,
        known: &[(&str, T)],
    ) -> Option<T> {
        let said = asked.get(name);
        let found = known
            .iter()
            .find(|(word, _)| said.is_empty() || *word == said);
        let found = found.map(|(_, value)| *value);
        self.read(
            name,
            found.ok_or_else(|| {
                let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
                unknown(said, &words.join(", "))
            }),
        )
    }

    pub(super) fn positive(&mut self, asked: Asked<'_>, name: &str, default: &str) -> Option<f64> {
        let number = self.number(asked, name, default)?;
        self.read(
            name,
            (number > 0.0 && number < 1e18)
                .then_some(number)
                .ok_or_else(|| {
                    let bound = if number > 0.0 {
                        "below 1e18"
                    } else {
                        "above zero"
                    };
                    format!("it must be {bound}")
                }),
        )
    }

    pub(super) fn whole(
        &mut self,
        asked: Asked<'_>,
        name: &str,
        default: &str,
        most: u32,
    ) -> Option<u32> {
        let number = self.number(asked, name, default)?;
        let good = number.fract() == 0.0 && number >= 1.0 && number <= f64::from(most);
        self.read(
            name,
            good.then_some(number as u32)
                .ok_or_else(|| format!("it must be a whole number from 1 to {most}")),
        )
    }
}

/// What is said of a word that is none of those that are known.
pub(super) fn unknown(word: &str, known: &str) -> String {
    let shown: String = word.chars().take(40).collect();
    format!("'{shown}' is not known: expected one of {known}")
}

/// An address for tests.
#[cfg(test)]
pub(super) fn pairs(query: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = query.iter();
    pairs
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}
