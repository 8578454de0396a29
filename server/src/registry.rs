//! The configured sources: which there are, how each is opened, what it states of itself.
//!
//! **To add a kind**: one line in `KINDS` in `registry/kinds.rs`, with the function that reads its settings.

mod kinds;

use crate::config::{Config, ConfigError, Environment, SourceEntry};
use async_trait::async_trait;
use kinds::KINDS;
use model::{Timestamp, Window, source::SourceFacts};
use sources::source::{Source, SourceError, Watch};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// A source, ready to be asked.
pub enum Opened {
    /// It answers when it is asked.
    Asked(Box<dyn Source>),
    /// It also tells by itself.
    Watched(Box<dyn Watch>),
}

impl Opened {
    /// The source as it is asked.
    pub fn source(&self) -> &dyn Source {
        match self {
            Self::Asked(source) => source.as_ref(),
            Self::Watched(watch) => watch.as_ref(),
        }
    }
}

/// A metric that a source lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// What [`Settings::choose`] takes.
    pub choice: String,
    /// Its name.
    pub name: String,
    /// Where it is and what it is about.
    pub about: String,
}

/// Settings of a source, read and checked.
#[async_trait]
pub trait Settings: Send + Sync + 'static {
    /// Whether the settings make sense, as far as can be told without asking anybody.
    ///
    /// # Errors
    /// Says what is wrong.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Prepares the connection. Nobody is called for settings that make no sense.
    async fn open(&self) -> Result<Opened, SourceError>;

    /// At most `most` metrics whose name or labels hold the text; `None`: it lists none.
    async fn search(&self, text: &str, most: usize) -> Option<Result<Vec<Listed>, SourceError>> {
        let _ = (text, most);
        None
    }

    /// The same source with these metrics instead of the configured ones, and these statistics of
    /// each (where the source knows statistics; none: its usual ones).
    ///
    /// # Errors
    /// Says which choice is none.
    fn choose(
        &self,
        choices: &[String],
        statistics: &[String],
    ) -> Result<Arc<dyn Settings>, String> {
        let _ = (choices, statistics);
        Err("this source has no metrics to choose".into())
    }

    /// What a pull costs, US dollars; `None`: nothing is charged for it.
    fn estimate(&self, window: Window, now: Timestamp) -> Option<f64> {
        let _ = (window, now);
        None
    }

    /// What following it live costs a month, US dollars; `None`: nothing is charged for it.
    fn per_month(&self, now: Timestamp) -> Option<f64> {
        let _ = now;
        None
    }

    /// Whether [`Settings::search`] finds anything.
    fn searchable(&self) -> bool {
        false
    }

    /// What one [`Settings::search`] costs at most, US dollars; `None`: nothing is charged for it.
    fn search_usd(&self) -> Option<f64> {
        None
    }
}

/// A source of the configuration.
#[derive(Clone)]
pub struct Configured {
    /// What the configuration says of it.
    pub entry: SourceEntry,
    /// What the kind states of itself.
    pub facts: SourceFacts,
    settings: Arc<dyn Settings>,
}

impl Configured {
    /// A source whose settings are at hand; for tests and for what the environment names.
    pub fn new(entry: SourceEntry, facts: SourceFacts, settings: Arc<dyn Settings>) -> Self {
        Self {
            entry,
            facts,
            settings,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.entry.name
    }

    /// Prepares the connection.
    pub async fn open(&self) -> Result<Opened, SourceError> {
        self.settings.open().await
    }

    /// See [`Settings::search`].
    pub async fn search(
        &self,
        text: &str,
        most: usize,
    ) -> Option<Result<Vec<Listed>, SourceError>> {
        self.settings.search(text, most).await
    }

    /// See [`Settings::choose`].
    pub fn choose(
        &self,
        choices: &[String],
        statistics: &[String],
    ) -> Result<Arc<dyn Settings>, String> {
        self.settings.choose(choices, statistics)
    }

    /// See [`Settings::estimate`].
    pub fn estimate(&self, window: Window, now: Timestamp) -> Option<f64> {
        self.settings.estimate(window, now)
    }

    /// See [`Settings::per_month`].
    pub fn per_month(&self, now: Timestamp) -> Option<f64> {
        self.settings.per_month(now)
    }

    /// See [`Settings::searchable`].
    pub fn searchable(&self) -> bool {
        self.settings.searchable()
    }

    /// See [`Settings::search_usd`].
    pub fn search_usd(&self) -> Option<f64> {
        self.settings.search_usd()
    }
}

/// Every configured source, by the order of the file.
#[derive(Clone, Default)]
pub struct Registry {
    sources: Vec<Configured>,
}

impl Registry {
    /// Reads and checks every source of the configuration; `file` is named in errors.
    ///
    /// # Errors
    /// [`ConfigError::Source`], naming the source and what is wrong with it.
    pub fn of(config: &Config, file: &Path) -> Result<Self, ConfigError> {
        let mut names = BTreeSet::new();
        let mut sources = Vec::with_capacity(config.sources.len());
        for entry in &config.sources {
            let wrong = |message: String| ConfigError::Source {
                path: file.into(),
                name: entry.name.clone(),
                message,
            };
            check_name(&entry.name).map_err(wrong)?;
            if !names.insert(entry.name.as_str()) {
                return Err(wrong("another source has this name".into()));
            }
            let known = KINDS.iter().find(|(facts, _)| facts.kind == entry.kind);
            let Some((facts, read)) = known else {
                let kinds: Vec<&str> = KINDS.iter().map(|(facts, _)| facts.kind).collect();
                return Err(wrong(format!(
                    "kind is '{}': expected one of {}",
                    entry.kind,
                    kinds.join(", ")
                )));
            };
            let settings = read(entry).map_err(wrong)?;
            sources.push(Configured::new(entry.clone(), *facts, settings));
        }
        Ok(Self { sources })
    }

    /// With what the environment names (`KUBECONFIG`, `AWS_PROFILE` and the like), where no source of
    /// that kind is configured.
    #[must_use]
    pub fn with_environment(mut self, environment: &Environment) -> Self {
        for source in kinds::implied(environment) {
            self.add(source);
        }
        self
    }

    /// A registry of sources that are at hand.
    pub fn with(sources: Vec<Configured>) -> Self {
        Self { sources }
    }

    /// Adds a source, unless one of its kind is there.
    pub fn add(&mut self, source: Configured) {
        if !self
            .sources
            .iter()
            .any(|s| s.facts.kind == source.facts.kind)
        {
            self.sources.push(source);
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Configured] {
        &self.sources
    }

    /// The source of that name.
    pub fn get(&self, name: &str) -> Option<&Configured> {
        self.sources.iter().find(|s| s.name() == name)
    }

    /// What a kind states of itself, also where no source of it is configured.
    pub fn facts_of_kind(kind: &str) -> Option<SourceFacts> {
        KINDS
            .iter()
            .map(|(facts, _)| *facts)
            .find(|facts| facts.kind == kind)
    }

    /// What every kind states of itself.
    pub fn kinds() -> impl Iterator<Item = SourceFacts> {
        KINDS.iter().map(|(facts, _)| *facts)
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if (1..=40).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    Err("name: expected 1 to 40 letters, digits, '-' and '_'".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(text: &str) -> Result<Registry, String> {
        let config: Config = toml::from_str(text).unwrap();
        Registry::of(&config, Path::new("lineup.toml")).map_err(|e| e.to_string())
    }

    const GOOD: &str = "[[source]]\nname = \"prod\"\nkind = \"cloudwatch\"\n\
        region = \"eu-west-1\"\nfile_system_id = \"fs-0123\"\nkeep_days = 5\n";

    #[test]
    fn a_source_is_read_with_its_own_settings() {
        let registry = registry(GOOD).unwrap();
        let source = registry.get("prod").unwrap();
        assert_eq!(source.facts.title, "Amazon CloudWatch");
        assert_eq!(source.entry.keep_days, 5);
        assert!(source.entry.live);
    }

    /// The example of the documentation is one.
    #[test]
    fn the_example_of_the_documentation_is_read() {
        let text = include_str!("../../docs/sources.md");
        let toml = text.split("```toml\n").nth(1).unwrap();
        let registry = registry(toml.split("```").next().unwrap()).unwrap();
        let mut kinds: Vec<&str> = registry.all().iter().map(|s| s.facts.kind).collect();
        let mut all: Vec<&str> = Registry::kinds().map(|facts| facts.kind).collect();
        kinds.sort_unstable();
        all.sort_unstable();
        assert_eq!(kinds, all, "every kind has its example");
    }

    #[test]
    fn errors_name_file_source_and_key() {
        for (text, named) in [
            (GOOD.replace("region", "regoin"), "regoin"),
            (GOOD.replace("\"cloudwatch\"", "\"cloudwach\""), "cloudwach"),
            (GOOD.replace("\"prod\"", "\"pr od\""), "name"),
            (format!("{GOOD}{GOOD}"), "another source"),
        ] {
            let Err(error) = registry(&text) else {
                panic!("accepted: {text}")
            };
            assert!(
                error.contains("lineup.toml") && error.contains(named),
                "{error}"
            );
        }
    }
}
