//! The program as it is called: the headless commands of the contract, end to end.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

fn lineup(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lineup"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn good(args: &[&str]) -> Vec<u8> {
    let output = lineup(args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_demonstration_is_written_verified_and_explained() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (path(dir.path(), "a"), path(dir.path(), "b"));
    good(&["demo", "--seed", "3", "-o", &a]);
    good(&["demo", "--seed", "3", "-o", &b]);
    for file in [
        "manifest.json",
        "figures.json",
        "report.md",
        "incident.json",
    ] {
        let read = |folder: &str| std::fs::read(Path::new(folder).join(file)).unwrap();
        assert_eq!(
            read(&a),
            read(&b),
            "{file}: the same seed gives the same bytes"
        );
    }
    good(&["verify", &a]);
    let analysis = json(&good(&["analyze", &a, "--json"]));
    assert_eq!(analysis["schema"], "lineup.analysis/1");
    let truth = simulate::zombie_pods(3).truth;
    let first = analysis["suspects"][0]["events"][0].as_str().unwrap();
    assert!(
        truth.culprit.iter().any(|e| e == first),
        "{first} is not the culprit"
    );
    assert!(analysis["suspects"][0]["score"].as_f64().unwrap() >= 0.5);
    let readable = String::from_utf8(good(&["analyze", &a])).unwrap();
    assert!(
        readable.contains("Suspects") && readable.contains("Ruled out"),
        "{readable}"
    );
}

#[test]
fn a_changed_sample_is_caught() {
    let dir = tempfile::tempdir().unwrap();
    let folder = path(dir.path(), "demo");
    good(&["demo", "-o", &folder]);
    let series = std::fs::read_dir(Path::new(&folder).join("series"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let mut text = std::fs::read_to_string(series.path()).unwrap();
    text.push_str("2020-05-22T11:59:30Z,1\n");
    std::fs::write(series.path(), text).unwrap();
    let output = lineup(&["verify", &folder]);
    assert_eq!(output.status.code(), Some(1));
    let name = series.file_name().into_string().unwrap();
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(&name),
        "the file is not named"
    );
}

#[test]
fn an_incident_travels_between_databases_unchanged() {
    {
        // The one with raw files, out of which evidence is read again on the way.
        let incident = "recurrence";
        let dir = tempfile::tempdir().unwrap();
        let demo = path(dir.path(), "demo");
        let (one, two) = (
            format!("sqlite:{}", path(dir.path(), "one.db")),
            format!("sqlite:{}", path(dir.path(), "two.db")),
        );
        good(&["demo", "--incident", incident, "-o", &demo]);
        let id = String::from_utf8(good(&["import", &demo, "--database", &one])).unwrap();
        let again = String::from_utf8(good(&["import", &demo, "--database", &one])).unwrap();
        assert_eq!(id, again, "an equal bundle is the same incident");
        let zip = good(&["export", id.trim(), "-o", "-", "--database", &one]);

        let mut import = Command::new(env!("CARGO_BIN_EXE_lineup"))
            .args(["import", "-", "--database", &two])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut import.stdin.take().unwrap(), &zip).unwrap();
        let output = import.wait_with_output().unwrap();
        assert!(output.status.success());
        let second = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            id, second,
            "an exported bundle is equal to the one that came in"
        );

        let there = path(dir.path(), "there.zip");
        good(&["export", second.trim(), "-o", &there, "--database", &two]);
        assert_eq!(
            std::fs::read(&there).unwrap(),
            zip,
            "the second export is equal to the byte"
        );
        assert_eq!(
            json(&good(&["analyze", &demo, "--json"])),
            json(&good(&["analyze", &there, "--json"]))
        );
        for format in ["html", "md", "json"] {
            let report = |bundle: &str| good(&["report", bundle, "--format", format, "-o", "-"]);
            assert!(
                report(&demo) == report(&there),
                "{incident}: the {format} report differs"
            );
        }
        good(&["verify", &there]);
    }
}

#[test]
fn unusable_input_is_one_line_and_exit_2() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken");
    std::fs::create_dir_all(&broken).unwrap();
    std::fs::write(
        broken.join("incident.json"),
        "{\"schema\":\"lineup.bundle/1\"",
    )
    .unwrap();
    let broken = broken.to_str().unwrap();
    let csv = path(dir.path(), "bad.csv");
    std::fs::write(
        &csv,
        "timestamp,value\n2020-05-22T03:00:00Z,1\n2020-05-22T03:01:00Z,much\n",
    )
    .unwrap();
    let missing = path(dir.path(), "missing");
    for (args, named) in [
        (vec!["analyze", broken], "incident.json"),
        (vec!["report", broken, "-o", "-"], "incident.json"),
        (vec!["analyze", &missing], "missing"),
        (vec!["detect", &csv], "3"),
        (vec!["serve", "--listen", "0.0.0.0:0"], "0.0.0.0"),
    ] {
        let output = lineup(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(error.lines().count(), 1, "{args:?}: {error}");
        assert!(error.contains(named), "{args:?}: {error}");
    }
}

#[test]
fn detect_reads_a_file_and_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let csv = path(dir.path(), "level.csv");
    let rows: Vec<String> = (0..400)
        .map(|i| {
            format!(
                "{},{}",
                1_590_000_000 + i * 60,
                if i < 200 { i % 5 } else { 100 + i % 5 }
            )
        })
        .collect();
    let rows = rows.join("\n");
    std::fs::write(&csv, format!("timestamp,value\n{rows}")).unwrap();
    let found = json(&good(&["detect", &csv, "--json"]));
    assert_eq!(
        found["changepoints"].as_array().unwrap().len(),
        1,
        "{found}"
    );
    assert_eq!(found["changepoints"][0]["at"], "2020-05-20T22:00:00Z");
    assert_eq!(found["changepoints"][0]["direction"], "up");
    assert!(found["changepoints"][0].get("series").is_none());
    let piped = Command::new(env!("CARGO_BIN_EXE_lineup"))
        .args(["detect", "-", "--json"])
        .stdin(std::fs::File::open(&csv).unwrap())
        .output()
        .unwrap();
    assert_eq!(json(&piped.stdout), found);
}

#[test]
fn a_probe_compares_folders_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (path(dir.path(), "a"), path(dir.path(), "b"));
    for folder in [&a, &b] {
        std::fs::create_dir(folder).unwrap();
    }
    let (csv, none) = (path(dir.path(), "probe.csv"), path(dir.path(), "none"));
    let out = good(&["probe", &a, &b, "--count", "3", "--json", "-o", &csv]);
    let out = json(&out);
    assert_eq!(out["schema"], "lineup.probe/1");
    assert_eq!(out["rows"].as_array().unwrap().len(), 8);
    assert_eq!(out["rows"][0]["samples"], 3);
    let written = std::fs::read_to_string(&csv).unwrap();
    assert!(written.starts_with("timestamp,\"create on "), "{written}");
    for folder in [&a, &b] {
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "{folder}");
    }
    let table = String::from_utf8(good(&["probe", &a, "--count", "2"])).unwrap();
    assert!(
        table.starts_with("PATH") && table.contains("readdir"),
        "{table}"
    );
    let failed = lineup(&["probe", &a, &none, "--count", "1"]);
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(said.contains(&none), "{said}");
}

#[test]
fn check_says_of_every_source_how_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let none = lineup(&["check"]);
    assert_eq!(none.status.code(), Some(1));
    let said = String::from_utf8_lossy(&none.stderr).into_owned();
    assert!(said.contains("no source is configured"), "{said}");
    assert_eq!(said.lines().count(), 1);
    let file = path(dir.path(), "lineup.toml");
    // Port 9 is nobody's: the connection is refused at once.
    let text = "[[source]]\nname = \"metrics\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n\
         presets = [\"kube-state\"]\n";
    std::fs::write(&file, text).unwrap();
    let failed = lineup(&["--config", &file, "check"]);
    assert_eq!(failed.status.code(), Some(1));
    let table = String::from_utf8_lossy(&failed.stdout).into_owned();
    let row = table.lines().nth(1).unwrap();
    assert!(
        row.starts_with("metrics") && row.contains("fails") && row.contains("127.0.0.1:9"),
        "{table}"
    );
    assert!(!row.contains("region"), "Prometheus has none: {table}");
    std::fs::write(&file, text.replace("url", "ulr")).unwrap();
    let wrong = lineup(&["--config", &file, "check"]);
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(said.contains("metrics") && said.contains("ulr"), "{said}");
}

#[test]
fn an_incident_is_frozen_from_the_command_line_and_names_what_did_not_come() {
    let dir = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", path(dir.path(), "lineup.db"));
    let file = path(dir.path(), "lineup.toml");
    let text = "[[source]]\nname = \"metrics\"\nkind = \"prometheus\"\nurl = \"http://127.0.0.1:9\"\n\
         presets = [\"kube-state\"]\n";
    std::fs::write(&file, text).unwrap();
    let all = ["--database", &database, "--config", &file];
    let freeze = [
        "freeze",
        "--title",
        "Slow",
        "--start",
        "2020-05-20 00:00",
        "--end",
        "2020-05-21 00:00",
    ];
    let id = String::from_utf8(good(&[&all[..], &freeze[..]].concat())).unwrap();
    let zip = path(dir.path(), "out.zip");
    good(&[&all[..], &["export", id.trim(), "-o", &zip]].concat());
    let bundle = sources::bundle::read(Path::new(&zip)).unwrap();
    let gap = &bundle.header.provenance[0].gaps[0];
    assert!(gap.reason.contains("127.0.0.1:9"), "{gap:?}");
}

#[test]
fn a_changed_report_is_caught_and_its_line_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let folder = path(dir.path(), "demo");
    good(&["demo", "-o", &folder]);
    let file = Path::new(&folder).join("report.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("# ", "# Not ", 1)).unwrap();
    for manifest in [true, false] {
        if !manifest {
            std::fs::remove_file(Path::new(&folder).join("manifest.json")).unwrap();
        }
        let output = lineup(&["verify", &folder]);
        assert_eq!(output.status.code(), Some(1), "manifest: {manifest}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("report.md"), "{error}");
        assert!(manifest || error.contains("report.md:1:"), "{error}");
    }
}

#[test]
fn foreign_text_moves_no_cursor_and_forges_no_line() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("incident.json"),
        r#"{"schema":"lineup.bundle/1","title":"a\u2028Suspects\u202e","window":{"start":"2024-03-01T00:00:00Z","end":"2024-03-02T00:00:00Z"}}"#,
    )
    .unwrap();
    std::fs::write(
        dir.path().join("events.jsonl"),
        r#"{"id":"z","kind":"pod_terminating","namespace":"\u001b[2Jn","object":{"kind":"Pod","name":"p\nforged"},"attributes":{"start_earliest":"2024-03-01T00:00:00Z","observed_at":"2024-03-01T10:00:00Z"}}"#,
    )
    .unwrap();
    let text = String::from_utf8(good(&["analyze", dir.path().to_str().unwrap()])).unwrap();
    assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert!(!text.lines().any(|l| l.starts_with("forged")), "{text}");
    assert_eq!(
        text.lines().filter(|l| *l == "Suspects").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("at most 10 h before the listing at 2024-03-01 10:00 UTC"),
        "{text}"
    );
}

/// Nothing is sent where nobody configured it, whatever proxies the environment names.
#[test]
fn a_proxy_of_the_environment_is_not_heeded() {
    let dir = tempfile::tempdir().unwrap();
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let config = "[[source]]\nname = \"metrics\"\nkind = \"efs\"\nregion = \"eu-west-1\"\n\
                  endpoint = \"http://efs.invalid\"\n\
                  [[source]]\nname = \"prom\"\nkind = \"prometheus\"\nurl = \"http://prom.invalid\"\n\
                  [[source.queries]]\nid = \"up\"\nquery = \"up\"\n";
    let file = path(dir.path(), "lineup.toml");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lineup"));
    command
        .args(["check", "--config", &file])
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env_remove("AWS_PROFILE")
        .env("HOME", dir.path());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command
            .env(name, &address)
            .env(name.to_lowercase(), &address);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success(), "nobody knows these names");
    assert_eq!(
        proxy.accept().unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "the proxy was asked"
    );
}
