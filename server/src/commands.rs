//! The headless commands: one file each, all on the same dossier as the pages.

mod analyze;
mod bundles;
mod check;
mod collect;
mod detect;
mod freeze;
mod import;
mod incidents;
mod people;
mod probe;
mod report;
mod serve;
mod verify;

use crate::{
    cli::{Cli, Command},
    config::{self, Config, ConfigError, Environment},
    export::ExportError,
    registry::Registry,
};
use model::{Bundle, Timestamp};
use sources::bundle::BundleError;
use std::{
    fs::Metadata,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use store::{Store, StoreError};

/// Why a command gave up. Each says in one line what, where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Input that is not what it should be.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// Input of another kind that is not what it should be, already worded.
    #[error("{0}")]
    Input(String),
    /// Configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An export that could not be made.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The check went through and found differences; they are printed already.
    #[error("{0}")]
    Differs(String),
    /// The server could not run.
    #[error("{0}")]
    Serve(String),
    /// A fault of Lineup itself, already worded.
    #[error("{0}")]
    Fault(String),
}

impl CommandError {
    /// Exit status: 2 for unusable input, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Bundle(_)
            | Self::Input(_)
            | Self::Config(_)
            | Self::File { .. }
            | Self::Export(ExportError::Bundle(_))
            | Self::Store(
                StoreError::NoDatabase { .. }
                | StoreError::NotADatabase { .. }
                | StoreError::Url { .. },
            ) => 2,
            Self::Store(_)
            | Self::Differs(_)
            | Self::Serve(_)
            | Self::Fault(_)
            | Self::Export(_) => 1,
        }
    }
}

/// Does what the command line says.
pub async fn run(cli: Cli) -> Result<(), CommandError> {
    let environment = Environment::read();
    let file = cli.config.or_else(|| environment.config.clone());
    let config = Config::load(file.as_deref())?;
    let file = file.as_deref().unwrap_or(Path::new("configuration"));
    let registry = Registry::of(&config, file)?;
    let with_environment = || registry.clone().with_environment(&environment);
    let named = cli.database.or_else(|| environment.database.clone());
    let named = named.or_else(|| config.database.clone());
    match cli.command {
        Command::Serve {
            demo,
            no_collect,
            listen,
        } => {
            let url = config::database_url(named.as_deref(), demo)?;
            let how = serve::How {
                demo,
                collect: !no_collect,
                listen,
            };
            serve::run(&config, registry.clone(), &url, how).await
        }
        Command::Check => check::run(&with_environment()).await,
        Command::Collect => {
            collect::run(open_store(named.as_deref()).await?, with_environment()).await
        }
        Command::Freeze { title, start, end } => {
            let store = open_store(named.as_deref()).await?;
            let request = freeze::Request { title, start, end };
            freeze::run(store, with_environment(), config.freeze, request).await
        }
        Command::Analyze { bundle, json } => analyze::run(&bundle, json),
        Command::Detect {
            file,
            column,
            timezone,
            json,
        } => detect::run(&file, column, timezone, json),
        Command::Report {
            bundle,
            format,
            output,
        } => report::run(&bundle, format, &output),
        Command::Import(args) => import::run(&*open_store(named.as_deref()).await?, &args).await,
        Command::List => incidents::list(&*open_existing(named.as_deref()).await?).await,
        Command::Delete { incident } => {
            incidents::delete(&*open_existing(named.as_deref()).await?, &incident).await
        }
        Command::Export { incident, output } => {
            bundles::export(&*open_existing(named.as_deref()).await?, &incident, &output).await
        }
        Command::Demo {
            seed,
            incident,
            output,
        } => bundles::demo(seed, incident, &output),
        Command::People(what) => {
            let store = open_store(named.as_deref()).await?;
            people::run(&*store, &config.people, config.listen, what).await
        }
        Command::Verify { file, evidence } => verify::run(&file, evidence.as_deref()),
        Command::Probe(args) => {
            let store = match &args.push {
                Some(_) => Some(open_existing(named.as_deref()).await?),
                None => None,
            };
            probe::run(&args, store.as_deref()).await
        }
        Command::Convert(convert) => bundles::convert(&convert),
    }
}

async fn open_store(named: Option<&str>) -> Result<Arc<dyn Store>, CommandError> {
    Ok(store::open(&config::database_url(named, false)?).await?)
}

/// The database, for a command about what is in it.
async fn open_existing(named: Option<&str>) -> Result<Arc<dyn Store>, CommandError> {
    Ok(store::open_existing(&config::database_url(named, false)?).await?)
}

/// Prints to standard output; a reader that has gone away (`| head`) is no error.
fn print(text: &str) -> Result<(), CommandError> {
    write_output(Path::new("-"), text.as_bytes())
}

/// Writes bytes to a file, or to standard output for `-`, whose reader may go away (`| head`).
fn write_output(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let (path, result) = if path == Path::new("-") {
        let mut out = io::stdout().lock();
        let result = out.write_all(bytes).and_then(|()| out.flush());
        let gone = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
        let result = match result {
            Err(e) if gone(&e) => Ok(()),
            result => result,
        };
        (Path::new("standard output"), result)
    } else {
        (path, std::fs::write(path, bytes))
    };
    result.map_err(|source| CommandError::File {
        path: path.into(),
        source,
    })
}

/// Reads a bundle; raw files are told from one by what they lack.
fn read_bundle(path: &Path) -> Result<Bundle, CommandError> {
    if !path.is_dir() {
        regular(path)?;
    }
    sources::bundle::read(path).map_err(|error| match error {
        BundleError::Malformed {
            ref file,
            line: None,
            ref expected,
        } if file == "incident.json" && expected.starts_with("this file") => {
            CommandError::Input(format!(
                "{}: incident.json: expected this file, which every bundle has; an incident is made \
                 of raw files by `lineup import --title … --start … --end … FILES` or on the page \
                 New incident",
                path.display()
            ))
        }
        error => CommandError::Bundle(error),
    })
}

/// The title of an option.
fn title_of(text: &str) -> Result<String, CommandError> {
    app::input::title(text).map_err(|e| CommandError::Input(format!("--title: {e}")))
}

/// What there is to know of a file that is going to be read whole. A pipe or a device would keep
/// whoever reads it waiting, or never end.
fn regular(path: &Path) -> Result<Metadata, CommandError> {
    let of_file = |source| CommandError::File {
        path: path.into(),
        source,
    };
    let found = std::fs::metadata(path).map_err(of_file)?;
    if found.is_file() {
        return Ok(found);
    }
    let what = if found.is_dir() {
        "a folder"
    } else {
        "a pipe or a device"
    };
    Err(CommandError::Input(format!(
        "{}: this is {what}: expected a file (or `-` for standard input, where the command reads it)",
        path.display()
    )))
}

/// A time of an option.
fn time_of(option: &str, text: &str) -> Result<Timestamp, CommandError> {
    app::input::instant(text).map_err(|e| CommandError::Input(format!("--{option}: {e}")))
}

/// No incident has that id.
fn no_incident(id: &str) -> CommandError {
    CommandError::Input(format!(
        "no incident '{id}' in this database: expected an id as `lineup list` prints it"
    ))
}

/// Pretty JSON with a line end.
fn json_text<T: serde::Serialize>(value: &T) -> Result<String, CommandError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| CommandError::Input(format!("cannot be written as JSON: {e}")))?;
    Ok(text + "\n")
}
