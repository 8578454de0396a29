//! Configuration: one TOML file, then the command line and environment, which win.

pub mod hooks;
pub mod notify;
pub mod people;
mod templates;

use hooks::Hooks;
use notify::Notify;
use people::People;
use serde::Deserialize;
use sources::cloudwatch::CloudWatchConfig;
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
    /// Sources, in the order of the file.
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceEntry>,
    /// How much margin a freeze takes around an incident's window.
    #[serde(default)]
    pub freeze: Freeze,
    /// Who may report by itself.
    #[serde(default)]
    pub hooks: Hooks,
    /// Whom to tell of published reports and assigned action items.
    #[serde(default)]
    pub notify: Notify,
    /// Accounts, and the names by which it is reached.
    #[serde(default)]
    pub people: People,
    /// How postmortems are written.
    #[serde(default)]
    pub report: Report,
}

/// `[report]`: how postmortems are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// A folder of folders, each a template: `template.toml` and `SECTION.md`. Relative to the
    /// configuration file.
    pub templates: Option<PathBuf>,
    /// The templates that can be chosen: those of the program, then those of the folder.
    #[serde(skip)]
    pub choices: Vec<report::templates::Template>,
}

impl Report {
    /// What can be chosen, also where no configuration was read.
    pub fn choices(&self) -> Vec<report::templates::Template> {
        if self.choices.is_empty() {
            report::templates::embedded()
        } else {
            self.choices.clone()
        }
    }
}

/// A `[[source]]`: what every source has. Whatever else stands in it is the source's own, and
/// checked by [`crate::registry::Registry::of`].
#[derive(Clone, Debug, Deserialize)]
pub struct SourceEntry {
    /// Name, unique: letters, digits, `-` and `_`, at most 40.
    pub name: String,
    /// Which source: `cloudwatch`, `kubernetes`…
    pub kind: String,
    /// Whether it is followed live by `serve` and `collect`; else it is only asked for incidents.
    #[serde(default = "yes")]
    pub live: bool,
    /// Days that its own history is kept; incidents keep their copies.
    #[serde(default = "keep_days")]
    pub keep_days: u32,
    /// Most MiB that its own history takes; the oldest days go first. Without it there is no limit.
    pub keep_mib: Option<u64>,
    /// Hours that are fetched when it is followed for the first time.
    #[serde(default = "backfill_hours")]
    pub backfill_hours: u32,
    /// The source's own settings.
    #[serde(flatten)]
    pub settings: toml::Table,
}

impl SourceEntry {
    /// A source that no file names, with the defaults of all else.
    pub fn implied(name: &str, kind: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: kind.to_owned(),
            live: true,
            keep_days: keep_days(),
            keep_mib: None,
            backfill_hours: backfill_hours(),
            settings: toml::Table::new(),
        }
    }
}

fn yes() -> bool {
    true
}

/// Four weeks and a little: weekly seasons need three.
pub(crate) fn keep_days() -> u32 {
    30
}

/// Three days: the story's drain lasted two.
fn backfill_hours() -> u32 {
    72
}

/// The `[freeze]` table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Hours before the window that are copied too: causes lie before effects.
    #[serde(default = "margin_before")]
    pub before_hours: u32,
    /// Hours after the window.
    #[serde(default = "margin_after")]
    pub after_hours: u32,
}

impl Default for Freeze {
    fn default() -> Self {
        Self {
            before_hours: margin_before(),
            after_hours: margin_after(),
        }
    }
}

fn margin_before() -> u32 {
    24
}

fn margin_after() -> u32 {
    1
}

/// The `[aws]` table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// Endpoints that a pull may name instead of AWS's own, e.g. `http://127.0.0.1:5000`.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// HTTP proxy of pulls that no source is configured for, `http://HOST:PORT`; each source has a
    /// setting of its own. The environment's proxies are not heeded.
    pub proxy: Option<String>,
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
    /// A source that cannot be used as it stands.
    #[error("{}: source '{name}': {message}", path.display())]
    Source {
        /// Which file.
        path: PathBuf,
        /// Which source.
        name: String,
        /// What is wrong, and what was expected.
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
        let parsed = toml::from_str(&text);
        let mut config: Self = parsed.map_err(|e| invalid(&explained(&text, &e)))?;
        let beside = path.parent().unwrap_or(Path::new("."));
        let folder = config.report.templates.as_ref().map(|f| beside.join(f));
        config.report.choices = templates::choices(folder.as_deref())
            .map_err(|e| invalid(&format!("report.templates: {e}")))?;
        config.hooks.validate().map_err(|e| invalid(&e))?;
        if let Some(source) = config.sources.iter().find(|s| s.keep_days == 0) {
            let name = &source.name;
            return Err(invalid(&format!(
                "source '{name}': keep_days: expected at least 1 day, found 0"
            )));
        }
        config.people.served().map_err(|e| invalid(&e))?;
        config.notify.validate().map_err(|e| invalid(&e))?;
        let pulls = CloudWatchConfig::through(config.aws.proxy.clone());
        pulls.map_err(|e| invalid(&format!("[aws]: {e}")))?;
        Ok(config)
    }
}

/// What is wrong with a TOML text, and on which line of which key: the line itself may hold a secret.
fn explained(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.unwrap_or_default().matches('\n').count();
    let written = text.lines().nth(line).unwrap_or_default().trim();
    let name = written.split('=').next().unwrap_or_default().trim();
    let is_name = |text: &str| {
        let of_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        !text.is_empty() && text.chars().all(of_name)
    };
    let key = if is_name(name.trim_matches(['[', ']'])) {
        format!(", {name}")
    } else {
        String::new()
    };
    // "invalid type: string "…", expected …": neither is the value shown.
    let said = match error.message().split_once(": string ") {
        Some((what, rest)) => match rest.rsplit_once(", expected ") {
            Some((_, expected)) => format!("{what}: expected {expected}"),
            None => what.to_owned(),
        },
        None => error.message().to_owned(),
    };
    format!("line {}{key}: {said}", line + 1)
}

/// What the environment names besides the configuration file. Read in one place, once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `LINEUP_CONFIG`: the configuration file.
    pub config: Option<PathBuf>,
    /// `LINEUP_DATABASE`.
    pub database: Option<String>,
    /// `KUBECONFIG`: files of contexts, the first of which is used.
    pub kubeconfig: Option<PathBuf>,
    /// `AWS_PROFILE`.
    pub aws_profile: Option<String>,
    /// `AWS_REGION` or `AWS_DEFAULT_REGION`.
    pub aws_region: Option<String>,
    /// Whether `AWS_ACCESS_KEY_ID` is set; its value is nobody's business here.
    pub aws_keys: bool,
    /// `AWS_ENDPOINT_URL`.
    pub aws_endpoint: Option<String>,
}

impl Environment {
    /// As the process was started.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn read() -> Self {
        let text = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        Self {
            config: text("LINEUP_CONFIG").map(PathBuf::from),
            database: text("LINEUP_DATABASE"),
            kubeconfig: text("KUBECONFIG").map(PathBuf::from),
            aws_profile: text("AWS_PROFILE"),
            aws_region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")),
            aws_keys: text("AWS_ACCESS_KEY_ID").is_some(),
            aws_endpoint: text("AWS_ENDPOINT_URL"),
        }
    }
}

/// The value of a variable that the configuration names, such as an address that is a secret; an empty one is none.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn named_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
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

pub(crate) fn one_line(text: &str) -> String {
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
    fn errors_say_where_and_show_no_value() {
        for (text, line, key) in [
            (
                "listen = \"127.0.0.1:4000\"\nheaders = { a = \"Basic SECRET\"",
                2,
                "headers",
            ),
            ("[aws]\nendpoints = \"SECRET\"", 2, "endpoints"),
            ("[aws]\nendpoints = [\n\"SECRET\", 5]", 3, ""),
            ("[aws]\nendpoints = [\n\"SECRET==\", 5]", 3, ""),
            ("[aws]\nendpoints = [\n[\"SECRET\", 5]]", 3, ""),
        ] {
            let error = load(text).unwrap_err().to_string();
            assert!(!error.contains("SECRET"), "{error}");
            assert!(error.contains(&format!("line {line}")), "{error}");
            assert!(error.contains(key), "{error}");
        }
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
        let error = load("[aws]\nproxy = \"http://me:secret@proxy:3128\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("[aws]") && error.contains("proxy") && !error.contains("secret"),
            "{error}"
        );
        for table in ["[hooks]", "[[source]]\nname = \"a\"\nkind = \"kubernetes\""] {
            let error = load(&format!("{table}\nkeep_days = 0")).unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains("keep_days: expected at least 1 day"),
                "{error}"
            );
        }
        let error = load("[hooks]\nsns_topics = [\"alarms\"]")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("hooks.sns_topics[0]") && error.contains("tmp"),
            "{error}"
        );
    }
}
