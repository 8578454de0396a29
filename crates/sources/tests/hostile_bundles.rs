//! Whatever is wrong with a bundle: one line says which file, which line, what was expected.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use sources::bundle::{self, limits};
use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
    path::Path,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

type Files = BTreeMap<String, Vec<u8>>;

const INCIDENT: &str = r#"{"schema":"lineup.bundle/1","title":"T",
"window":{"start":"2020-05-20T00:00:00Z","end":"2020-05-22T12:00:00Z"},
"symptom":["latency"]}"#;

fn good() -> Files {
    [
        ("incident.json", INCIDENT),
        ("series.jsonl", "{\"id\":\"latency\"}\n"),
        (
            "series/latency.csv",
            "timestamp,value\n2020-05-20T00:00:00Z,1\n2020-05-20T00:01:00Z,2\n",
        ),
        (
            "events.jsonl",
            "{\"id\":\"e1\",\"kind\":\"rollout\",\"start\":\"2020-05-20T10:00:00Z\"}\n",
        ),
        ("files/pods.txt", "anything"),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

fn zip_of<'a>(files: impl IntoIterator<Item = (&'a String, &'a Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (path, content) in files {
        zip.start_file(path, stored).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn written(bundle: &model::Bundle) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    bundle::write_zip(bundle, &mut out).unwrap();
    out.into_inner()
}

fn error_of(zip: Vec<u8>) -> String {
    let error = bundle::read_zip(Cursor::new(zip)).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn every_fault_names_its_file_and_line() {
    let set = |path: &'static str, text: &'static str| (path, text.as_bytes().to_vec());
    let deep = format!(
        "{{\"id\":\"e1\",\"x\":{}1{}}}\n",
        "[".repeat(4000),
        "]".repeat(4000)
    );
    let long = format!("{{\"id\":\"{}\"}}\n", "x".repeat(limits::MAX_LINE_BYTES));
    let cases = [
        // incident.json
        (
            set("incident.json", "{"),
            "incident.json:1: expected the incident as JSON",
        ),
        (
            set("incident.json", "[]"),
            "incident.json:1: expected schema",
        ),
        (
            set(
                "incident.json",
                "{\"title\":\"T\",\n\"schema\":\"lineup.bundle/2\"}",
            ),
            "incident.json:2: expected schema \"lineup.bundle/1\", found \"lineup.bundle/2\"",
        ),
        (
            set(
                "incident.json",
                "{\"schema\":\"lineup.bundle/1\",\n\"title\":\"T\"}",
            ),
            "incident.json:1: expected the incident, found missing field `window`",
        ),
        (
            set(
                "incident.json",
                "{\"schema\":\"lineup.bundle/1\",\n\"window\":{\"start\":\"2020-05-22T00:00:00Z\",\"end\":\"2020-05-20T00:00:00Z\"}}",
            ),
            "incident.json:2: expected a window that starts before it ends",
        ),
        (
            set(
                "incident.json",
                "{\"schema\":\"lineup.bundle/1\",\n\"window\":{\"start\":\"yesterday\",\"end\":\"2020-05-20T00:00:00Z\"}}",
            ),
            "incident.json:2: expected the incident with a good 'window', found 'yesterday' is no time",
        ),
        (
            set(
                "incident.json",
                "{\"schema\":\"lineup.bundle/1\",\"window\":{\"start\":0,\"end\":9},\n\"impact\":{\"start\":8,\"end\":7}}",
            ),
            "incident.json:2: expected an impact that starts before it ends",
        ),
        (
            set(
                "incident.json",
                "{\"schema\":\"lineup.bundle/1\",\"window\":{\"start\":0,\"end\":9},\n\"symptom\":[\"nothing\"]}",
            ),
            "incident.json:2: expected a symptom that series.jsonl or a raw file has, found 'nothing'",
        ),
        // series.jsonl and series/
        (
            set(
                "series.jsonl",
                "{\"id\":\"latency\"}\n\n{\"id\":\"latency\"}\n",
            ),
            "series.jsonl:3: expected an id of its own, found 'latency' of line 1 again",
        ),
        (
            set("series.jsonl", "{\"id\":\"../latency\"}\n"),
            "series.jsonl:1: expected an id of 1 to 128",
        ),
        (
            set("series.jsonl", "{\"name\":\"latency\"}\n"),
            "series.jsonl:1: expected a series, found missing field `id`",
        ),
        (
            set("series.jsonl", "{\"id\":\"latency\",\"period_s\":-60}\n"),
            "series.jsonl:1: expected a series with a good 'period_s'",
        ),
        (
            set("series.jsonl", "{\"id\":\"latency\",\"period_s\":0}\n"),
            "series.jsonl:1: expected a period_s of at least 1",
        ),
        (
            set("series.jsonl", "{\"id\":\"latency\"}\n{\"id\":\"gone\"}\n"),
            "series.jsonl:2: expected the file series/gone.csv, which is not in the bundle",
        ),
        (
            set("series/other.csv", "timestamp,value\n"),
            "series/other.csv: expected a line with the id 'other' in series.jsonl",
        ),
        (
            set("series/a b.csv", "timestamp,value\n"),
            "series/a b.csv: expected a name made of",
        ),
        (
            set(
                "series/latency.csv",
                "timestamp,value\n2020-05-20T00:00:00Z,NaN\n",
            ),
            "series/latency.csv:2: expected a finite number or nothing, found 'NaN'",
        ),
        (
            set(
                "series/latency.csv",
                "timestamp,value\n2020-05-20T00:00:00Z,-Infinity\n",
            ),
            "series/latency.csv:2: expected a finite number",
        ),
        (
            set(
                "series/latency.csv",
                "timestamp,value\n1589932860,1\n1589932860,2\n",
            ),
            "series/latency.csv:3: expected a time after 2020-05-20T00:01:00Z (line 2), found the same one",
        ),
        (
            set(
                "series/latency.csv",
                "timestamp,value\n1589932860,1\n1589932800,2\n",
            ),
            "series/latency.csv:3: expected a time after 2020-05-20T00:01:00Z (line 2), found an earlier one",
        ),
        (
            set("series/latency.csv", "timestamp,value\n-1,1\n"),
            "series/latency.csv:2: expected a time",
        ),
        // events.jsonl and the others
        (
            set("events.jsonl", "{\"id\":\"e1\"}\nnot json\n"),
            "events.jsonl:2: expected an event as JSON",
        ),
        (
            set("events.jsonl", "[1]\n"),
            "events.jsonl:1: expected an event as a JSON object",
        ),
        (
            set("events.jsonl", "{\"id\":\"e1\",\"node\":7}\n"),
            "events.jsonl:1: expected an event with a good 'node': a text, found 7",
        ),
        (
            set("events.jsonl", "{\"id\":\"e1\",\"kind\":7}\n"),
            "events.jsonl:1: expected an event with a good 'kind': a text such as rollout, found 7",
        ),
        (
            set("events.jsonl", "{\"id\":\"e1\",\"object\":[\"Pod\",7]}\n"),
            "events.jsonl:1: expected an event with a good 'object': an object with the texts kind and \
             name, found [\"Pod\",7]",
        ),
        (
            set(
                "topology.jsonl",
                "{\"from\":\"a\",\"to\":\"b\",\"kind\":{}}\n",
            ),
            "topology.jsonl:1: expected an edge with a good 'kind': a text such as rollout, found {}",
        ),
        (
            ("events.jsonl", b"\xff\xfe{\0}\0".to_vec()),
            "events.jsonl:1: expected text in UTF-8, found UTF-16 as PowerShell's '>' writes it",
        ),
        (
            set("events.jsonl", "{\"id\":\"e1\",\"start\":20,\"end\":10}\n"),
            "events.jsonl:1: expected an end not before the start",
        ),
        (
            set("events.jsonl", "{\"id\":\"files/pods.txt#1\"}\n"),
            "events.jsonl:1: expected an id of 1 to 128",
        ),
        (
            ("events.jsonl", deep.into_bytes()),
            "events.jsonl:1: expected an event as JSON, found recursion limit exceeded",
        ),
        (
            (
                "events.jsonl",
                b"{\"id\":\"e1\"}\n{\"id\":\"\xff\"}\n".to_vec(),
            ),
            "events.jsonl:2: expected text in UTF-8",
        ),
        (
            ("events.jsonl", long.into_bytes()),
            "events.jsonl:1: too large: expected at most 1048576 bytes in a line",
        ),
        (
            set("topology.jsonl", "{\"from\":\"a\",\"to\":\"\"}\n"),
            "topology.jsonl:1: expected an edge, found missing field `to`",
        ),
        (
            set("annotations.jsonl", "{\"id\":\"a\",\"text\":\"x\"}\n"),
            "annotations.jsonl:1: expected an annotation, found missing field `start`",
        ),
        (
            set("figures.json", "{\"engine\":}"),
            "figures.json:1: expected the figures as JSON",
        ),
        (
            ("report.md", b"ok\n\xc3\x28\n".to_vec()),
            "report.md:2: expected text in UTF-8",
        ),
        (
            set("files/index.jsonl", "{\"path\":\"files/none.txt\"}\n"),
            "files/index.jsonl:1: expected a path below",
        ),
        (
            set(
                "files/index.jsonl",
                "{\"path\":\"pods.txt\",\"observed_at\":\"noon\"}\n",
            ),
            "files/index.jsonl:1: expected a line of the index with a good 'observed_at'",
        ),
        (
            set("manifest.json", "{\n}"),
            "manifest.json:2: expected a manifest",
        ),
        (
            set(
                "manifest.json",
                "{\n\"schema\":\"lineup.manifest/9\",\"files\":[]}",
            ),
            "manifest.json:2: expected schema \"lineup.manifest/1\", found \"lineup.manifest/9\"",
        ),
        (
            set("manifest.json", "{\"files\":[]}"),
            "manifest.json:1: expected schema \"lineup.manifest/1\", found none",
        ),
        (
            set(
                "manifest.json",
                "{\"schema\":\"lineup.manifest/1\",\"files\":7}",
            ),
            "manifest.json:1: expected a manifest as JSON, found invalid type: integer `7`, expected \
             'files' as a list of objects with path, length and sha256",
        ),
        (
            set(
                "manifest.json",
                "{\"schema\":\"lineup.manifest/1\",\"files\":[\n\
                 {\"path\":\"a\",\"length\":1,\"sha256\":\"0\"},\n\
                 {\"path\":\"a\",\"length\":1,\"sha256\":\"0\"}]}",
            ),
            "manifest.json:3: expected each file once, found a twice",
        ),
        (
            set(
                "manifest.json",
                "{\"schema\":\"lineup.manifest/1\",\"files\":{\n\
                 \"a\":{\"length\":1,\"sha256\":\"0\"},\n\
                 \"a\":{\"length\":1,\"sha256\":\"0\"}}}",
            ),
            "manifest.json:3: expected each file once, found a twice",
        ),
    ];
    for ((path, content), says) in cases {
        let mut files = good();
        files.insert(path.to_owned(), content);
        let error = error_of(zip_of(&files));
        assert!(error.starts_with(says), "{error}\nwanted: {says}");
    }
    let mut files = good();
    files.remove("incident.json");
    assert!(error_of(zip_of(&files)).starts_with("incident.json: expected this file"));
}

#[test]
fn no_path_leads_out_of_the_bundle() {
    for path in [
        "../evil.txt",
        "files/../../evil.txt",
        "/etc/passwd",
        "C:/evil.txt",
        "files\\evil.txt",
        "files//evil.txt",
        "files/\u{1}evil.txt",
        "./incident.json",
    ] {
        let mut files = good();
        files.insert(path.to_owned(), b"x".to_vec());
        let error = error_of(zip_of(&files));
        assert!(
            error.contains("evil.txt: expected")
                || error.contains("passwd: expected")
                || error.contains("incident.json: expected"),
            "{error}"
        );
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("files/link", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    let error = error_of(zip.finish().unwrap().into_inner());
    assert!(
        error.starts_with("files/link: expected a file or a folder, found a link"),
        "{error}"
    );
}

#[test]
fn pipes_devices_and_sockets_in_a_zip_are_refused() {
    for (kind, found) in [
        (0o010_000_u32, "a pipe"),
        (0o020_000, "a device"),
        (0o060_000, "a device"),
        (0o140_000, "a socket"),
        (0o120_000, "a link"),
        (0o100_000, ""),
        (0, ""),
    ] {
        let mut zip = zip_of(&good());
        let name = b"files/pods.txt";
        let entry = (0..zip.len() - 46)
            .find(|i| {
                zip[*i..].starts_with(&[0x50, 0x4b, 1, 2]) && zip[*i + 46..].starts_with(name)
            })
            .unwrap();
        // External attributes, whose upper half is the Unix mode (APPNOTE 4.3.12 and 4.4.15).
        let mode = kind | 0o644;
        zip[entry + 38..entry + 42].copy_from_slice(&(mode << 16).to_le_bytes());
        let read = bundle::read_zip(Cursor::new(zip)).map_err(|e| e.to_string());
        match read {
            Ok(_) => assert_eq!(found, "", "{kind:o}"),
            Err(error) => assert_eq!(
                error,
                format!("files/pods.txt: expected a file or a folder, found {found}")
            ),
        }
    }
}

#[test]
fn a_pipe_in_a_folder_is_refused_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("incident.json"), INCIDENT).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(dir.path().join("events.jsonl"))
        .status();
    assert!(made.unwrap().success());
    let error = bundle::read(dir.path()).unwrap_err().to_string();
    assert_eq!(
        error,
        "events.jsonl: expected a file or a folder, found a pipe, a socket or a device"
    );
}

#[test]
fn a_link_in_a_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in good() {
        let full = dir.path().join(&path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, content).unwrap();
    }
    assert!(bundle::read(dir.path()).is_ok());
    std::os::unix::fs::symlink("/etc", dir.path().join("files/etc")).unwrap();
    let error = bundle::read(dir.path()).unwrap_err().to_string();
    assert!(
        error.starts_with("files/etc: expected a file or a folder, found a link"),
        "{error}"
    );
    let error = bundle::read(Path::new("/no/such/bundle"))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("/no/such/bundle: "), "{error}");
}

#[test]
fn a_bomb_is_refused_while_it_unpacks() {
    let mut files = good();
    files.insert("files/zeros".into(), vec![0; 8 << 20]);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let best = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (path, content) in &files {
        zip.start_file(path, best).unwrap();
        zip.write_all(content).unwrap();
    }
    let error = error_of(zip.finish().unwrap().into_inner());
    assert_eq!(
        error,
        "files/zeros: too large: expected at most 200 times the packed size"
    );

    let many: Files = (0..=limits::MAX_FILES)
        .map(|i| (format!("files/{i}"), Vec::new()))
        .collect();
    let error = error_of(zip_of(&many));
    assert!(
        error.contains("expected at most 10000 files in a bundle"),
        "{error}"
    );
}

#[test]
fn counts_and_sizes_are_bounded_while_reading() {
    let line = |i: usize| format!("{{\"id\":\"{i}\",\"start\":1}}\n");
    let notes: String = (0..=limits::MAX_ANNOTATIONS).map(line).collect();
    let list = format!(
        "{{\"kind\":\"List\",\"items\":[{}1]}}",
        "1,".repeat(limits::MAX_OBJECTS)
    );
    let json = vec![b' '; 1 + limits::MAX_JSON_BYTES as usize];
    for (path, content, says) in [
        (
            "annotations.jsonl",
            notes.into_bytes(),
            "annotations.jsonl:20001: too large",
        ),
        (
            "incident.json",
            json,
            "incident.json: too large: expected at most 16 MiB",
        ),
    ] {
        let mut files = good();
        files.insert(path.into(), content);
        let error = error_of(zip_of(&files));
        assert!(error.starts_with(says), "{error}");
    }
    let listing = sources::kubernetes::Listing::default();
    assert!(sources::kubernetes::from_json(list.as_bytes(), &listing).is_err());
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    // The zip library writes no such archive: make one of two names of equal length.
    let mut files = good();
    files.insert("files/pods.tx2".into(), b"other".to_vec());
    let mut zip = zip_of(&files);
    let name = b"files/pods.tx2";
    let places: Vec<usize> = (0..zip.len() - name.len())
        .filter(|i| zip[*i..].starts_with(name))
        .collect();
    assert_eq!(places.len(), 2);
    for place in places {
        zip[place + name.len() - 1] = b't';
    }
    assert!(error_of(zip).starts_with("files/pods.txt: expected each name once"));
}

#[test]
fn encrypted_and_broken_archives_are_refused() {
    let mut zip = zip_of(&good());
    // General purpose flag, bit 0, in the first entry of the central directory (APPNOTE 4.3.12).
    let entry = (0..zip.len())
        .find(|i| zip[*i..].starts_with(&[0x50, 0x4b, 1, 2]))
        .unwrap();
    zip[entry + 8] |= 1;
    assert!(error_of(zip).contains("expected a file without encryption"));
    for bytes in [Vec::new(), b"PK".to_vec(), b"{}".to_vec(), vec![0; 70_000]] {
        assert!(error_of(bytes).starts_with("zip: expected a zip archive"));
    }
    let mut damaged = zip_of(&good());
    let middle = damaged.windows(4).position(|w| w == b"Z,1\n").unwrap();
    damaged[middle + 2] = b'7';
    let error = error_of(damaged);
    assert!(
        error.starts_with("series/latency.csv: expected a file that unpacks, found damage"),
        "{error}"
    );
}

#[test]
fn the_manifest_is_checked_when_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let bundle = bundle::read_zip(Cursor::new(zip_of(&good()))).unwrap();
    bundle::write_dir(&bundle, dir.path()).unwrap();
    let read = || bundle::read(dir.path()).map_err(|e| e.to_string());
    assert_eq!(read().unwrap(), bundle);
    let csv = dir.path().join("series/latency.csv");
    let saved = std::fs::read_to_string(&csv).unwrap();
    std::fs::write(&csv, saved.replace(",1", ",3")).unwrap();
    let error = read().unwrap_err();
    assert!(
        error.starts_with("manifest.json:") && error.contains("series/latency.csv with SHA-256"),
        "{error}"
    );
    std::fs::write(&csv, format!("{saved}\n")).unwrap();
    assert!(
        read()
            .unwrap_err()
            .contains(&format!("series/latency.csv with {} bytes", saved.len()))
    );
    std::fs::remove_file(&csv).unwrap();
    assert!(
        read()
            .unwrap_err()
            .contains("the file series/latency.csv, which is not in the bundle")
    );
    std::fs::write(&csv, saved).unwrap();
    std::fs::write(dir.path().join("files/new.txt"), "x").unwrap();
    assert!(
        read()
            .unwrap_err()
            .starts_with("files/new.txt: expected a line in manifest.json")
    );
}

#[test]
fn what_the_format_allows_is_read() {
    let mut files: Files = good()
        .into_iter()
        .map(|(path, content)| {
            let text = String::from_utf8(content).unwrap().replace('\n', "\r\n");
            (
                format!("my incident/{path}"),
                format!("\u{feff}{text}").into_bytes(),
            )
        })
        .collect();
    files.insert("__MACOSX/my incident/._x".into(), b"litter".to_vec());
    files.insert("my incident/.DS_Store".into(), b"litter".to_vec());
    files.insert("my incident/report.html".into(), b"<p>".to_vec());
    files.insert("my incident/files/inner.zip".into(), zip_of(&good()));
    files.insert(
        "my incident/events.jsonl".into(),
        br#"{"id":"e1","kind":"volcano","start":"","end":null,"title":null,"object":{"kind":null,"name":"x","uid":"7"},"node":"","attributes":null,"later":[1]}"#.to_vec(),
    );
    files.insert(
        "my incident/series.jsonl".into(),
        br#"{"id":"latency","name":null,"dimensions":{"port":80,"zone":null},"period_s":60.0,"resource":"","unit":"","later":null}"#.to_vec(),
    );
    files.insert(
        "my incident/files/index.jsonl".into(),
        br#"{"path":"pods.txt","observed_at":1590141600,"timezone":"","by":"me"}"#.to_vec(),
    );
    let bundle = bundle::read_zip(Cursor::new(zip_of(&files))).unwrap();
    let event = &bundle.events[0];
    assert_eq!(
        (event.kind.as_str(), event.start, event.end),
        ("volcano", None, None)
    );
    assert_eq!(
        (event.object.name.as_str(), &event.extra["object.uid"]),
        ("x", &"7".into())
    );
    let meta = &bundle.series[0].meta;
    assert_eq!((meta.period_s, meta.resource.as_deref()), (Some(60), None));
    assert_eq!(meta.dimensions["port"], "80");
    assert!(meta.extra.contains_key("later") && !meta.dimensions.contains_key("zone"));
    let paths: Vec<&str> = bundle.files.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(paths, ["files/pods.txt", "files/inner.zip", "report.html"]);
    assert_eq!(
        bundle.files[0].observed_at.unwrap().to_string(),
        "2020-05-22T10:00:00Z"
    );
    // Unknown fields go back to where they stood.
    let mut out = Cursor::new(Vec::new());
    bundle::write_zip(&bundle, &mut out).unwrap();
    let mut archive = zip::ZipArchive::new(out).unwrap();
    let mut text = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    assert!(text("files/index.jsonl").contains("\"by\":\"me\""));
    assert!(text("events.jsonl").contains("\"uid\":\"7\""));
    assert!(!text("incident.json").contains("index.jsonl"));
}

#[test]
fn a_file_of_samples_that_looks_hidden_counts_where_the_bundle_names_it() {
    let mut files = good();
    let samples = files["series/latency.csv"].clone();
    let described = b"{\"id\":\"latency\"}\n{\"id\":\".requests.Sum\"}\n";
    files.insert("series.jsonl".into(), described.to_vec());
    files.insert("series/.requests.Sum.csv".into(), samples);
    files.insert("series/._latency.csv".into(), b"litter".to_vec());
    let bundle = bundle::read_zip(Cursor::new(zip_of(&files))).unwrap();
    assert_eq!(bundle.series[1].meta.id, ".requests.Sum");
    assert_eq!(bundle.series[1].samples.len(), 2);
    assert_eq!(bundle.files.len(), 1, "{:?}", bundle.files);

    let dir = tempfile::tempdir().unwrap();
    bundle::write_dir(&bundle, dir.path()).unwrap();
    let unnamed = dir.path().join("series/._latency.csv");
    std::fs::write(&unnamed, "litter").unwrap();
    assert_eq!(bundle::read(dir.path()).unwrap(), bundle);
    bundle::write_dir(&bundle, dir.path()).unwrap();
    std::fs::remove_file(dir.path().join("series/.requests.Sum.csv")).unwrap();
    let error = bundle::read(dir.path()).unwrap_err().to_string();
    assert!(
        error.contains("the file series/.requests.Sum.csv, which is not in the bundle"),
        "{error}"
    );
}

#[test]
fn samples_that_the_manifest_names_are_described_though_they_look_hidden() {
    let mut files = good();
    let bundle = bundle::read_zip(Cursor::new(zip_of(&files))).unwrap();
    files = bundle::read_files(Cursor::new(written(&bundle)), "a zip").unwrap();
    let manifest = String::from_utf8(files["manifest.json"].clone()).unwrap();
    let samples = files["series/latency.csv"].clone();
    files.insert("series/.other.csv".into(), samples.clone());
    assert_eq!(
        bundle::read_zip(Cursor::new(zip_of(&files))).unwrap(),
        bundle
    );
    let line = format!(
        "\"files\": [{{\"path\":\"series/.other.csv\",\"length\":{},\"sha256\":\"{}\"}},",
        samples.len(),
        model::bundle::sha256_hex(&samples)
    );
    let named = manifest.replacen("\"files\": [", &line, 1);
    files.insert("manifest.json".into(), named.into_bytes());
    let error = error_of(zip_of(&files));
    assert!(
        error.contains("a line with the id '.other' in series.jsonl"),
        "{error}"
    );
}

#[test]
fn evidence_counts_whatever_its_name() {
    for top in ["", "my incident/"] {
        let mut files = Files::new();
        for (path, content) in good() {
            files.insert(format!("{top}{path}"), content);
        }
        for path in ["files/series/.x.csv", "files/node/series/.x.csv"] {
            files.insert(format!("{top}{path}"), b"evidence".to_vec());
        }
        // Of another folder's series there is nothing.
        files.insert(format!("{top}logs/series/._x.csv"), b"litter".to_vec());
        let bundle = bundle::read_zip(Cursor::new(zip_of(&files))).unwrap();
        let mut paths: Vec<&str> = bundle.files.iter().map(|f| f.path.as_str()).collect();
        paths.sort_unstable();
        let all = [
            "files/node/series/.x.csv",
            "files/pods.txt",
            "files/series/.x.csv",
        ];
        assert_eq!(paths, all, "{top}");
        let again = bundle::read_zip(Cursor::new(written(&bundle)));
        assert_eq!(again.unwrap(), bundle);
    }
}

#[test]
fn a_row_that_breaks_off_is_left_out_and_named() {
    let mut files = good();
    files.insert(
        "series/latency.csv".into(),
        b"timestamp,value\n2020-05-20T00:00:00Z,1\n2020-05-20T00:0".to_vec(),
    );
    let bundle = bundle::read_zip(Cursor::new(zip_of(&files))).unwrap();
    assert_eq!(bundle.series[0].samples.len(), 1);
    let gap = &bundle.header.provenance[0].gaps[0];
    assert!(
        gap.reason.contains("line 3") && gap.what == "series/latency.csv",
        "{gap:?}"
    );
}
