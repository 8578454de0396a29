//! The `[hooks]` table: who may report by itself.

use serde::Deserialize;
use sources::hooks::sns::Topic;
use std::collections::BTreeSet;

/// The `[hooks]` table, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hooks {
    /// Tokens that may post events and alerts. None: those routes are not there.
    #[serde(default)]
    pub tokens: Vec<HookToken>,
    /// ARNs of the SNS topics whose alarms are taken. None: that route is not there.
    #[serde(default)]
    pub sns_topics: Vec<String>,
    /// Days that what was told is kept; incidents keep their copies.
    #[serde(default = "super::keep_days")]
    pub keep_days: u32,
    /// Most MiB that it takes; the oldest days go first. Without it there is no limit.
    #[serde(default)]
    pub keep_mib: Option<u64>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            sns_topics: Vec::new(),
            keep_days: super::keep_days(),
            keep_mib: None,
        }
    }
}

/// A token, of which only the hash is known.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookToken {
    /// Who has it; part of the ids of events. Letters, digits, `-` and `_`, at most 32.
    pub name: String,
    /// SHA-256 of the token, 64 hexadecimal digits.
    pub sha256: String,
}

impl Hooks {
    /// Whether anybody may report.
    pub fn is_open(&self) -> bool {
        !self.tokens.is_empty() || !self.sns_topics.is_empty()
    }

    /// The topics, where all of the table makes sense.
    ///
    /// # Errors
    /// Names the key and what was expected.
    pub fn validate(&self) -> Result<Vec<Topic>, String> {
        if self.keep_days == 0 {
            return Err("hooks.keep_days: expected at least 1 day, found 0".into());
        }
        let mut names = BTreeSet::new();
        for (i, token) in self.tokens.iter().enumerate() {
            let good = (1..=32).contains(&token.name.len())
                && token
                    .name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            if !good || !names.insert(&token.name) {
                return Err(format!(
                    "hooks.tokens[{i}].name: expected 1 to 32 letters, digits, '-' or '_', each name once"
                ));
            }
            // What stands there may be the token itself by mistake: it is not repeated.
            let digits = token.sha256.chars().all(|c| c.is_ascii_hexdigit());
            if token.sha256.len() != 64 || !digits {
                return Err(format!(
                    "hooks.tokens[{i}].sha256: expected the 64 hexadecimal digits that \
                     `printf %s TOKEN | sha256sum` prints"
                ));
            }
        }
        let topics = self.sns_topics.iter().enumerate();
        topics
            .map(|(i, arn)| {
                arn.parse()
                    .map_err(|error| format!("hooks.sns_topics[{i}]: {error}"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(text: &str) -> Result<Vec<Topic>, String> {
        toml::from_str::<Hooks>(text)
            .map_err(|e| e.to_string())?
            .validate()
    }

    #[test]
    fn a_good_table_names_its_topics() {
        let sha256 = "a".repeat(64);
        let text = format!(
            "tokens = [{{ name = \"ci\", sha256 = \"{sha256}\" }}]\n\
             sns_topics = [\"arn:aws:sns:eu-central-1:123456789012:alarms\"]"
        );
        assert_eq!(hooks(&text).unwrap().len(), 1);
        assert_eq!(hooks("").unwrap(), []);
        let kept: Hooks = toml::from_str("keep_days = 7\nkeep_mib = 64").unwrap();
        assert_eq!((kept.keep_days, kept.keep_mib), (7, Some(64)));
        let usual: Hooks = toml::from_str("").unwrap();
        assert_eq!((usual.keep_days, usual.keep_mib), (30, None));
    }

    #[test]
    fn errors_name_the_key_and_never_the_token() {
        let sha256 = "a".repeat(64);
        for (text, words) in [
            (
                format!("tokens = [{{ name = \"c i\", sha256 = \"{sha256}\" }}]"),
                "tokens[0].name",
            ),
            (
                format!(
                    "tokens = [{{ name = \"ci\", sha256 = \"{sha256}\" }}, {{ name = \"ci\", sha256 = \"{sha256}\" }}]"
                ),
                "tokens[1].name",
            ),
            (
                "tokens = [{ name = \"ci\", sha256 = \"SECRET\" }]".into(),
                "tokens[0].sha256",
            ),
            ("sns_topics = [\"alarms\"]".into(), "sns_topics[0]"),
            ("topics = []".into(), "unknown field"),
        ] {
            let error = hooks(&text).unwrap_err();
            assert!(error.contains(words), "{error}");
            assert!(!error.contains("SECRET"), "{error}");
        }
    }
}
