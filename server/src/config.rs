//! Configuration: one TOML file, then the command line and environment, which win.

pub mod hooks;

use hooks::Hooks;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The configuration file. Unknown keys are errors, so that a slip of the pen is seen at start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Database URL: `sqlite:PATH` or `postgres://…`.
    pub database: Option<String>,
    /// Address to listen on.
    pub listen: Option<SocketAddr>,
    /// Amazon Web Services.
    #[serde(default)]
    pub aws: Aws,
    /// Who may report by itself.
    #[serde(default)]
    pub hooks: Hooks,
}

/// The `[aws]` table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Endpoints that a pull may name instead of AWS's own, e.g. `http://127.0.0.1:5000`.
    #[serde(default)]
    pub endpoints: Vec<String>,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no configuration; the message names key and line.
    #[error("{}: {message}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong where.
        message: String,
    },
    /// No home folder.
    #[error("no home folder is known: name a database with --database URL or LINEUP_DATABASE")]
    NoHome,
}

impl Config {
    /// Reads the file; no file is the default configuration.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
            path: path.into(),
            source,
        })?;
        let invalid = |message: &str| ConfigError::Invalid {
            path: path.into(),
            message: one_line(message),
        };
        let config: Self = toml::from_str(&text).map_err(|e| invalid(&e.to_string()))?;
        config.hooks.validate().map_err(|e| invalid(&e))?;
        Ok(config)
    }
}

/// The database to use: the one that was named, else a file in the user's data folder; the
/// demonstration has one of its own.
pub fn database_url(named: Option<&str>, demo: bool) -> Result<String, ConfigError> {
    if let Some(url) = named {
        return Ok(url.to_owned());
    }
    let dirs = directories::ProjectDirs::from("", "", "lineup").ok_or(ConfigError::NoHome)?;
    let file = dirs
        .data_dir()
        .join(if demo { "demo.db" } else { "lineup.db" });
    Ok(format!("sqlite:{}", file.display()))
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::load(Some(file.path()))
    }

    #[test]
    fn a_good_file_is_read() {
        let config =
            load("listen = \"127.0.0.1:4000\"\n[aws]\nendpoints = [\"http://127.0.0.1:5000\"]")
                .unwrap();
        assert_eq!(config.listen.unwrap().port(), 4000);
        assert_eq!(config.aws.endpoints.len(), 1);
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        let error = load("lissten = \"127.0.0.1:4000\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("lissten") && error.contains("tmp"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1);
        let error = load("[hooks]\nsns_topics = [\"alarms\"]")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("hooks.sns_topics[0]") && error.contains("tmp"),
            "{error}"
        );
    }
}
