//! The command line: the headless commands of the public contract.

use clap::{Parser, Subcommand, ValueEnum};
use model::person::Role;
use std::{net::SocketAddr, path::PathBuf};

/// Explains incidents: lines up metrics and Kubernetes events on one clock, names the suspect
/// with evidence, and writes the postmortem.
#[derive(Debug, Parser)]
#[command(name = "lineup", version, max_term_width = 100)]
pub struct Cli {
    // The environment is read elsewhere: what clap finds there it shows in the usage as if it were
    // required.
    /// Configuration file (TOML). [env: `LINEUP_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database: sqlite:PATH or postgres://…; default is an SQLite file in the data folder.
    /// [env: `LINEUP_DATABASE`]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the web application.
    Serve {
        /// Seeds the demonstration incidents, into a database of their own unless one is named.
        #[arg(long)]
        demo: bool,
        /// Follows no source: another process (`lineup collect`) does.
        #[arg(long)]
        no_collect: bool,
        /// Address to listen on; without accounts loopback only. [default: 127.0.0.1:3000]
        #[arg(long, env = "LINEUP_LISTEN", value_name = "ADDR:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Analyses a bundle, without server or database.
    Analyze {
        /// A folder or a zip.
        bundle: PathBuf,
        /// Prints one JSON object instead of a summary.
        #[arg(long)]
        json: bool,
    },
    /// Finds the change points and anomalies of one series.
    Detect {
        /// A CSV file with a column of times; `-` reads standard input.
        file: PathBuf,
        /// The column of values, where there are several.
        #[arg(long, value_name = "NAME")]
        column: Option<String>,
        /// Zone of times that name none: UTC, +02:00, Europe/Berlin.
        #[arg(long, value_name = "ZONE")]
        timezone: Option<String>,
        /// Prints one JSON object instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Writes the postmortem of a bundle, charts included.
    Report {
        /// A folder or a zip.
        bundle: PathBuf,
        /// Format.
        #[arg(long, value_enum, default_value = "html")]
        format: Format,
        /// Where to write it; `-` is standard output.
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Brings a bundle, or raw files, into the database and prints the incident's id.
    Import(ImportArgs),
    /// Lists the incidents of the database: id, window, state, title.
    List,
    /// Deletes an incident of the database with its evidence, notes and links. There is no way back.
    Delete {
        /// The incident's id.
        incident: String,
    },
    /// Writes an incident out of the database as a bundle.
    Export {
        /// The incident's id.
        incident: String,
        /// A zip file; `-` is standard output.
        #[arg(short, long, value_name = "FILE.zip")]
        output: PathBuf,
    },
    /// Writes a demonstration incident as a bundle, with report, figures and manifest.
    Demo {
        /// The same seed gives the same bytes.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Which incident.
        #[arg(long, value_enum, default_value = "zombie-pods")]
        incident: DemoIncident,
        /// The folder to write.
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
    },
    /// Recomputes every figure of a bundle or an export from its evidence; exit 1 names what
    /// differs.
    Verify {
        /// A bundle (a folder or a zip), or a report as HTML, PDF, JSON or Markdown.
        file: PathBuf,
        /// The bundle that it was made from, where it carries none.
        #[arg(long, value_name = "BUNDLE")]
        evidence: Option<PathBuf>,
    },
    /// Tries every configured source and prints a table; exit 1 when one fails or none is
    /// configured.
    Check,
    /// Follows the configured sources, where that is not done inside `serve`.
    Collect,
    /// Makes an incident of what the configured sources have for a window, and prints its id.
    Freeze {
        /// Its title.
        #[arg(long)]
        title: String,
        /// First instant of the window: 2020-05-22T03:00:00Z.
        #[arg(long)]
        start: String,
        /// First instant after the window; without it, now.
        #[arg(long)]
        end: Option<String>,
    },
    /// Manages who may sign in, where the configuration has accounts.
    #[command(subcommand)]
    People(People),
    /// Measures the latency of touching a file in folders, on local disk and on mounts.
    Probe(ProbeArgs),
    /// Makes bundles of other formats.
    #[command(subcommand)]
    Convert(Convert),
}

/// What can be done about people.
#[derive(Debug, Subcommand)]
pub enum People {
    /// Prints the address of an invitation that lets one person in; it opens for 7 days.
    Invite {
        /// What the new person may do.
        #[arg(long, value_name = "ROLE", default_value = "responder")]
        role: Role,
        /// The same as --role admin.
        #[arg(long, conflicts_with = "role")]
        admin: bool,
        /// For whom it is, for the list of invitations.
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// Lists everybody: login, role, name.
    List,
    /// Lets somebody sign in no more, and ends their sessions.
    Disable {
        /// Their login.
        login: String,
    },
    /// Lets somebody sign in again.
    Enable {
        /// Their login.
        login: String,
    },
}

/// What `lineup import` brings in.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// A bundle: a folder or a zip; `-` reads a zip from standard input. With --title, raw files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Makes an incident of this title out of raw files, as the upload page does.
    #[arg(long, requires_all = ["start", "end"])]
    pub title: Option<String>,
    /// First instant of its window: 2020-05-22T03:00:00Z.
    #[arg(long, requires = "title", value_name = "TIME")]
    pub start: Option<String>,
    /// First instant after its window.
    #[arg(long, requires = "title", value_name = "TIME")]
    pub end: Option<String>,
    /// When the files were taken, where that matters: a kubectl table says ages, a log no year.
    #[arg(long, requires = "title", value_name = "TIME")]
    pub observed_at: Option<String>,
    /// Zone of times that name none: UTC, +02:00, Europe/Berlin.
    #[arg(long, requires = "title", value_name = "ZONE")]
    pub timezone: Option<String>,
}

/// What `lineup probe` measures, and where it keeps it.
#[derive(Debug, clap::Args)]
pub struct ProbeArgs {
    /// Folders: a new file is made in each, looked at, listed and removed again.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Rounds for each folder.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,
    /// Seconds after which a folder is left alone, whether it has answered or not.
    #[arg(long, default_value_t = 10, value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub deadline_s: u64,
    /// Prints one JSON object instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Writes every measurement as a CSV file that the upload page reads; `-` is standard output.
    #[arg(short, long, value_name = "FILE.csv")]
    pub output: Option<PathBuf>,
    /// Adds the measurements as series to an incident of the database.
    #[arg(long, value_name = "INCIDENT")]
    pub push: Option<String>,
}

/// Other formats that become bundles.
#[derive(Debug, Subcommand)]
pub enum Convert {
    /// A case of the PetShop data (a folder with metrics.csv, query.json and events.json).
    Petshop {
        /// The case's folder.
        case: PathBuf,
        /// The call graph.
        #[arg(long, value_name = "FILE")]
        graph: PathBuf,
        /// The labels that name each case's true change; without them no event is taken over.
        #[arg(long, value_name = "FILE")]
        labels: Option<PathBuf>,
        /// Takes every candidate event over, the synthetic ones too: for scoring only.
        #[arg(long, conflicts_with = "labels")]
        all_candidates: bool,
        /// The zip to write.
        #[arg(short, long, value_name = "FILE.zip")]
        output: PathBuf,
    },
}

/// Formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One self-contained HTML file, its evidence inside.
    Html,
    /// Markdown, charts in words.
    Md,
    /// A zip: Markdown with images, its evidence beside it.
    MdZip,
    /// PDF, its evidence attached.
    Pdf,
    /// JSON, its evidence inside.
    Json,
}

/// The simulated incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoIncident {
    /// The story: zombies drain the burst credits for two days.
    ZombiePods,
    /// Six days later: the same again, caught before the credits are gone.
    Recurrence,
}
