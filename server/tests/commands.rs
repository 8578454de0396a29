//! The commands for incidents of the database: raw files in, listed, measured into, deleted; and what
//! each says when it cannot.

use server::clock::{Clock as _, SystemClock};
use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

const TOUCH: &str =
    "$ time touch /app/x\n\nreal 0m0.010s\n$ time touch /mnt/efs/x\n\nreal 0m0.334s\n";

/// The program on a database and in a home of the test's own.
struct Lineup(tempfile::TempDir);

impl Lineup {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lineup"));
        command
            .args(args)
            .env("LINEUP_DATABASE", format!("sqlite:{}", self.path("db")))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says of input that it cannot use: one line, exit status 2.
    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        said
    }

    /// An incident of raw files around now, or in 2020.
    fn incident(&self, now: bool, files: &[&str]) -> String {
        let present = SystemClock.now().millis() / 1_000;
        let at = if now { present } else { 1_589_943_600 };
        let (start, end) = ((at - 3_600).to_string(), (at + 3_600).to_string());
        let options = [
            "import", "--title", "By hand", "--start", &start, "--end", &end,
        ];
        self.good(&[&options[..], files].concat()).trim().to_owned()
    }
}

#[test]
fn raw_files_are_an_incident_that_is_listed_and_deleted() {
    let lineup = Lineup::new();
    let (touch, csv) = (
        lineup.file("touch.txt", TOUCH),
        lineup.file(
            "bad name.csv",
            "when;ms\n2020-05-20T03:00:00Z;1,5\n2020-05-20T03:01:00Z;2,5\n",
        ),
    );
    let id = lineup.incident(false, &[&touch, &csv]);
    let list = lineup.good(&["list"]);
    assert!(list.starts_with(&id) && list.contains("By hand"), "{list}");
    let zip = lineup.path("out.zip");
    lineup.good(&["export", &id, "-o", &zip]);
    let bundle = sources::bundle::read(Path::new(&zip)).unwrap();
    let paths: Vec<_> = bundle.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["files/bad_name.csv", "files/touch.txt"]);

    let said = lineup.refused(&["import", &touch, &csv]);
    assert!(said.contains("--title"), "{said}");
    let said = lineup.refused(&["delete", "nobody"]);
    assert!(
        said.contains("nobody") && said.contains("lineup list"),
        "{said}"
    );
    let said = lineup.good(&["delete", &id]);
    assert!(said.contains(&id) && said.contains("By hand"), "{said}");
    assert_eq!(lineup.good(&["list"]), "");
    lineup.refused(&["delete", &id]);
}

#[test]
fn an_import_says_what_it_did_not_read() {
    let lineup = Lineup::new();
    let (services, prose, nodes) = (
        lineup.file(
            "services.txt",
            "NAME   TYPE        CLUSTER-IP   AGE\nweb    ClusterIP   10.0.0.9     10d\n",
        ),
        lineup.file("notes.txt", "We looked at it for two days.\n"),
        lineup.file(
            "nodes.txt",
            "NAME   STATUS   ROLES    AGE   VERSION\na      Ready    <none>   3h    v1.30.1\n",
        ),
    );
    let said = lineup.run(&[
        "import",
        "--title",
        "Odd files",
        "--start",
        "2020-05-20T00:00:00Z",
        "--end",
        "2020-05-21T00:00:00Z",
        "--observed-at",
        "2020-05-20T12:00:00Z",
        &services,
        &prose,
        &nodes,
    ]);
    assert!(said.status.success());
    let said = String::from_utf8(said.stderr).unwrap();
    for part in [
        "files/services.txt: kept, not read by this version: it is",
        "files/notes.txt: kept, not read by this version: it is text of unknown kind",
        "files/nodes.txt: a table of nodes says neither",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_refused_and_not_waited_for() {
    let lineup = Lineup::new();
    let pipe = lineup.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let window = ["--title", "T", "--start", "0", "--end", "60"];
    for path in [pipe.as_str(), "/dev/zero"] {
        for args in [
            vec!["detect", path],
            vec!["analyze", path],
            vec!["import", path],
            [&["import"][..], &window, &[path]].concat(),
        ] {
            let said = lineup.refused(&args);
            assert!(
                said.contains(path) && said.contains("expected a file"),
                "{args:?}: {said}"
            );
        }
    }
}

#[test]
fn detection_says_what_it_left_out() {
    let lineup = Lineup::new();
    let mut table = "when,ms\n".to_owned();
    for minute in 0..50 {
        writeln!(table, "2020-05-20T03:{minute:02}:00Z,{minute}").unwrap();
    }
    table.push_str("2020-05-20T03:00:00Z,7\n");
    let output = lineup.run(&["detect", &lineup.file("t.csv", &table)]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("1 value at a time that has one already"),
        "{said}"
    );
}

#[test]
fn a_title_is_one_line_of_a_bearable_length() {
    let lineup = Lineup::new();
    let file = lineup.file("touch.txt", TOUCH);
    let long = "x".repeat(201);
    for title in ["two\nlines", "\u{1b}[31mred", &long] {
        let args = [
            "import", "--title", title, "--start", "0", "--end", "60", &file,
        ];
        let said = lineup.refused(&args);
        assert!(said.contains("--title: a title"), "{said}");
        let bundle = format!(
            r#"{{"schema":"lineup.bundle/1","title":{},"window":{{"start":"2020-05-20T00:00:00Z","end":"2020-05-21T00:00:00Z"}}}}"#,
            serde_json::to_string(title).unwrap()
        );
        std::fs::create_dir_all(lineup.path("bundle")).unwrap();
        lineup.file("bundle/incident.json", &bundle);
        lineup.file("bundle/series.jsonl", "");
        let said = lineup.refused(&["import", &lineup.path("bundle")]);
        assert!(said.contains("incident.json:1: expected a title"), "{said}");
    }
}

#[test]
fn whoever_only_looks_makes_no_database() {
    let lineup = Lineup::new();
    for args in [
        &["list"][..],
        &["export", "1", "-o", "-"],
        &["delete", "1"],
        &["probe", "--push", "1", "."],
    ] {
        let said = lineup.refused(args);
        assert!(
            said.contains("there is no database at") && said.contains(&lineup.path("db")),
            "{args:?}: {said}"
        );
        assert!(!Path::new(&lineup.path("db")).exists(), "{args:?} made one");
    }
    lineup.file("db", "this is a letter, and no database at all");
    let said = lineup.refused(&["list"]);
    assert!(said.contains("no sqlite database"), "{said}");
}

#[test]
fn a_folder_of_raw_files_is_told_the_way_in() {
    let lineup = Lineup::new();
    lineup.file("touch.txt", TOUCH);
    let folder = lineup.path("");
    for command in [vec!["analyze", &folder], vec!["import", &folder]] {
        let said = lineup.refused(&command);
        assert!(
            said.contains(&folder) && said.contains("lineup import --title"),
            "{said}"
        );
    }
}

#[test]
fn what_is_not_read_is_said_with_its_questions() {
    let lineup = Lineup::new();
    let log = (0..60).fold(String::new(), |mut log, minute| {
        writeln!(
            log,
            "W0520 03:{minute:02}:00.000000    3851 mount_helper_common.go:36] Warning: Unmount \
             skipped because path does not exist: /var/lib/kubelet/pods/x/sess_{minute}A"
        )
        .unwrap();
        log
    });
    let log = lineup.file("kubelet.log", &log);
    let other = lineup.file("other.bin", "neither a log nor a table");
    let id = lineup.incident(false, &[&log, &other]);
    let zip = lineup.path("out.zip");
    lineup.good(&["export", &id, "-o", &zip]);
    let text = lineup.good(&["analyze", &zip]);
    for part in [
        "\nQuestions\n  files/kubelet.log: ",
        "\nNot read\n",
        "files/other.bin: kept, not read",
        "\nMessages that recur\n  60 × ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_probe_goes_only_where_it_belongs_and_says_what_it_added() {
    let lineup = Lineup::new();
    let touch = lineup.file("touch.txt", TOUCH);
    let folder = lineup.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let push = |id: &str| ["probe", &folder, "--count", "2", "--push", id].map(str::to_owned);
    let args = |id: &str| push(id).to_vec();
    let then = args(&lineup.incident(false, &[&touch]));
    let then: Vec<&str> = then.iter().map(String::as_str).collect();
    let said = lineup.refused(&then);
    assert!(
        said.contains("2020-05-20") && said.contains("--output"),
        "{said}"
    );
    let nobody = lineup.run(&["probe", &folder, "--count", "2", "--push", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        nobody.stdout.is_empty(),
        "it is known before anything is measured"
    );

    let id = lineup.incident(true, &[&touch]);
    let text = lineup.good(&["probe", &folder, "--count", "2", "--push", &id]);
    assert!(
        text.contains(&format!("4 series added to {id}\n")),
        "{text}"
    );
    assert!(text.contains(" µs"), "a look takes microseconds: {text}");
    let zip = lineup.path("out.zip");
    lineup.good(&["export", &id, "-o", &zip]);
    let bundle = sources::bundle::read(Path::new(&zip)).unwrap();
    let pushed = bundle.series.iter();
    let pushed = pushed.filter(|s| s.meta.dimensions.get("path") == Some(&folder));
    assert_eq!(pushed.map(|s| s.samples.len()).collect::<Vec<_>>(), [2; 4]);
}

#[test]
fn detect_reads_the_tables_that_the_upload_reads() {
    let lineup = Lineup::new();
    let rows = (0..400).fold("Zeit;Latenz;Fehler\n".to_owned(), |mut text, i| {
        let level = if i < 200 { i % 5 } else { 100 + i % 5 };
        writeln!(text, "20.05.2020 {:02}:{:02};{level},5;0", i / 60, i % 60).unwrap();
        text
    });
    let table = lineup.file("latenz.csv", &rows);
    let said = lineup.refused(&["detect", &table]);
    assert!(said.contains("--timezone"), "{said}");
    let said = lineup.refused(&["detect", &table, "--timezone", "UTC"]);
    assert!(
        said.contains("Latenz, Fehler") && said.contains("--column"),
        "{said}"
    );
    let text = lineup.good(&["detect", &table, "--timezone", "UTC", "--column", "Latenz"]);
    assert!(
        text.starts_with("1 change point\n  2020-05-20 03:20 UTC"),
        "{text}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let lineup = Lineup::new();
    let demo = lineup.path("demo");
    lineup.good(&["demo", "-o", &demo]);
    let mut child = lineup
        .command(&["report", &demo, "-o", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[test]
fn the_usage_does_not_ask_for_what_the_environment_names() {
    let lineup = Lineup::new();
    let output = lineup.run(&["export"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("--database"), "{said}");
}

#[test]
fn the_search_for_credentials_is_no_news() {
    let lineup = Lineup::new();
    let text = "[[source]]\nname = \"prod\"\nkind = \"efs\"\nregion = \"eu-west-1\"\n\
                profile = \"nobody\"\nendpoint = \"http://127.0.0.1:9\"\n";
    let config = lineup.file("lineup.toml", text);
    let home = lineup.path("");
    let output = lineup
        .command(&["--config", &config, "check"])
        .env("HOME", &home)
        .env("AWS_CONFIG_FILE", lineup.path("none"))
        .env("AWS_SHARED_CREDENTIALS_FILE", lineup.path("none"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "lineup: 1 of 1 sources fail\n");
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("profile 'nobody'"), "{table}");
}

#[test]
fn the_examples_of_page_and_document_are_configurations() {
    let docs = include_str!("../../docs/sources.md");
    let in_docs: Vec<&str> = docs.split("```toml\n").skip(1).collect();
    let in_docs = in_docs.iter().filter_map(|t| t.split("```").next());
    let examples: Vec<&str> = in_docs
        .chain([app::backend::sources::EXAMPLE])
        .filter(|text| text.contains("[[source]]"))
        .collect();
    assert!(examples.len() >= 2, "{examples:?}");
    let key = |text: &str| text.contains("file_systems = ") && !text.contains("file_system_id");
    for text in &examples {
        let config: server::config::Config = toml::from_str(text).unwrap();
        assert!(!config.sources.is_empty());
        // The one that only shows a proxy names nothing to fetch.
        if text.contains("file_system") {
            assert!(key(text), "one spelling everywhere: {text}");
            let registry = server::registry::Registry::of(&config, Path::new("lineup.toml"));
            let registry = registry.map_err(|e| e.to_string()).unwrap();
            assert_eq!(registry.all().len(), config.sources.len());
        }
    }
}
