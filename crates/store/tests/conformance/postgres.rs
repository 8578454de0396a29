//! A PostgreSQL server for the tests of one process.
//!
//! It runs under a shell that waits for the end of its input, which is a pipe of this process: so
//! it is stopped and its folder removed however this process ends, killed included.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

const HELP: &str = "run scripts/postgres.sh, which installs PostgreSQL or says how, or set \
                    LINEUP_TEST_POSTGRES_URL to a database in which schemas may be made";

/// Starts the server, waits for the end of the input, stops the server, removes the folder.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -h '' -c fsync=off -c full_page_writes=off \
    -c max_connections=200 >"$2/log" 2>&1 </dev/null &
cat >/dev/null
kill -INT $!
wait $!
rm -rf "$2"
"#;

struct Server {
    url: String,
    /// Holds the pipe open.
    _keeper: Child,
}

/// Address of a server in whose database schemas may be made.
///
/// # Errors
/// Why there is none, and what to do.
pub(crate) fn url() -> Result<&'static str, &'static str> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    if let Some(url) = given() {
        return Ok(url);
    }
    match SERVER.get_or_init(|| start().map_err(|e| format!("no PostgreSQL: {e}; {HELP}"))) {
        Ok(server) => Ok(&server.url),
        Err(reason) => Err(reason),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one setting of the tests, which have no configuration file"
)]
fn given() -> Option<&'static str> {
    static GIVEN: OnceLock<Option<String>> = OnceLock::new();
    GIVEN
        .get_or_init(|| std::env::var("LINEUP_TEST_POSTGRES_URL").ok())
        .as_deref()
        .filter(|url| !url.is_empty())
}

fn start() -> Result<Server, String> {
    let bin = binaries().ok_or("initdb and postgres are not installed")?;
    let user = other_user()?;
    let folder = tempfile::Builder::new()
        .prefix("lineup-postgres-")
        .tempdir()
        .map_err(|e| format!("no temporary folder: {e}"))?;
    let path = folder.path().to_owned();
    if let Some((uid, gid)) = user {
        std::os::unix::fs::chown(&path, Some(uid), Some(gid)).map_err(|e| e.to_string())?;
    }
    let mut initdb = as_user(&bin.join("initdb"), user);
    initdb
        .args(["--auth=trust", "--username=lineup", "--encoding=UTF8"])
        .args(["--no-locale", "--no-sync", "-D"])
        .arg(path.join("data"))
        .current_dir(&path);
    let made = initdb.output().map_err(|e| format!("initdb: {e}"))?;
    if !made.status.success() {
        return Err(format!("initdb: {}", said(&made)));
    }
    let keeper = as_user(Path::new("/bin/sh"), user)
        .args(["-c", KEEPER, "sh"])
        .args([&bin, &path])
        .current_dir(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("postgres: {e}"))?;
    // The keeper removes it.
    let path = folder.keep();
    Ok(Server {
        url: format!(
            "postgres://lineup@localhost/postgres?host={}",
            path.display().to_string().replace('/', "%2F")
        ),
        _keeper: keeper,
    })
}

/// The folder of `initdb` and `postgres`: on PATH, or where packages put them.
fn binaries() -> Option<PathBuf> {
    let works = |bin: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|name| run(Command::new(bin.join(name)).arg("--version")).is_ok())
    };
    let mut folders: Vec<PathBuf> = run(Command::new("sh").args(["-c", "command -v initdb"]))
        .ok()
        .and_then(|path| PathBuf::from(path).parent().map(Path::to_owned))
        .into_iter()
        .collect();
    for parent in [
        "/usr/lib/postgresql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
        "/usr",
    ] {
        let mut found: Vec<_> = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .collect();
        found.sort();
        folders.extend(found.into_iter().rev());
    }
    folders.into_iter().find(works)
}

/// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
fn other_user() -> Result<Option<(u32, u32)>, String> {
    let id = |args: &[&str]| {
        run(Command::new("id").args(args))?
            .parse::<u32>()
            .map_err(|e| e.to_string())
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    let uid = id(&["-u", "postgres"]);
    let uid = uid.map_err(|e| format!("it does not run as root and {e}"))?;
    Ok(Some((uid, id(&["-g", "postgres"])?)))
}

fn as_user(program: &Path, user: Option<(u32, u32)>) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}

fn run(command: &mut Command) -> Result<String, String> {
    let output: io::Result<Output> = command.stdin(Stdio::null()).output();
    let output = output.map_err(|e| e.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(said(&output))
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}
