//! The parsers of outside text and JSON, each behind one function of some bytes. Fuzz targets and the
//! replay of their corpora in `crates/sources/tests/corpus.rs` call the same.
//!
//! Beyond "no panic": whatever comes out can be stored (ids are ids and come once, nothing ends
//! before it begins), and what was written as a bundle reads back.

use model::{Batch, Timestamp, Window, bundle::RawFile};
use sources::{
    bundle,
    files::{self, FileKind},
    hooks::{alertmanager, events, sns},
    kubernetes::{
        cluster,
        history::{History, Stream, Told},
        part::Part,
    },
    petshop::{self, CaseFile, CaseFiles},
    prometheus,
    records::{alarm_history, audit, cloudtrail},
};
use std::{
    collections::HashSet,
    io::{Cursor, Write as _},
};

/// A parser's entry: any bytes.
pub type Entry = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Entry); 26] = [
    ("zip", zip),
    ("bundle", whole_bundle),
    ("any_file", any_file),
    ("kubelet_log", |data| read(FileKind::KubeletLog, data)),
    ("nfsstat", |data| read(FileKind::Nfsstat, data)),
    ("mountstats", |data| read(FileKind::Mountstats, data)),
    ("csv", |data| read(FileKind::Table, data)),
    ("console_csv", |data| read(FileKind::ConsoleCsv, data)),
    ("get_metric_data", |data| read(FileKind::MetricData, data)),
    ("kubectl_json", |data| read(FileKind::KubectlJson, data)),
    ("kubectl_table", |data| read(FileKind::KubectlTable, data)),
    ("grafana", |data| read(FileKind::Grafana, data)),
    ("touch", |data| read(FileKind::Touch, data)),
    ("samples_csv", |data| {
        read(FileKind::SeriesCsv, data);
        let _ = bundle::read_samples("x.csv", data);
    }),
    ("hook_events", |data| {
        if let Ok(batch) = events::parse(data, "ci", window().end) {
            sound(&batch);
        }
    }),
    ("alertmanager", |data| {
        if let Ok(batch) = alertmanager::parse(data, "am", window().end) {
            sound(&batch);
        }
    }),
    ("sns", message_of_sns),
    ("alarm", states_of_an_alarm),
    ("watch", watched),
    ("prometheus", |data| {
        for samples in prometheus::read_range(data)
            .unwrap_or_default()
            .into_values()
        {
            assert!(samples.values().iter().all(|value| value.is_finite()));
        }
    }),
    ("prometheus_lists", |data| {
        let _ = prometheus::read_others(data);
    }),
    ("cloudtrail", record_of_cloudtrail),
    ("eks_audit", lines_of_an_audit_log),
    ("alarm_history", item_of_an_alarm_history),
    ("api_status", status_of_an_api_server),
    ("petshop", case_of_petshop),
];

/// Runs the target of that name.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    let (_, entry) = target.unwrap_or_else(|| panic!("no target is called {name}"));
    entry(data);
}

fn window() -> Window {
    Window {
        start: Timestamp::from_seconds(1_589_932_800),
        end: Timestamp::from_seconds(1_590_192_000),
    }
}

fn file(data: &[u8], known: bool) -> RawFile {
    RawFile {
        path: "files/x".into(),
        observed_at: known.then(|| window().end),
        timezone: known.then(|| "Europe/Berlin".into()),
        content: data.to_vec(),
        ..RawFile::default()
    }
}

/// Read with all that can be known of a file, and with nothing.
fn read(kind: FileKind, data: &[u8]) {
    for known in [true, false] {
        if let Some(Ok(batch)) = files::read_as(kind, &file(data, known), window()) {
            sound(&batch);
        }
    }
}

fn any_file(data: &[u8]) {
    let _ = files::kind_of(data);
    for known in [true, false] {
        if let Ok(batch) = files::read_all(&[file(data, known)], window()) {
            sound(&batch);
        }
    }
}

/// What a store and a bundle expect of a batch.
fn sound(batch: &Batch) {
    let mut ids = HashSet::new();
    for series in &batch.series {
        let id = &series.meta.id;
        assert!(ids.insert(id.as_str()), "series {id} comes twice");
        assert!((1..=128).contains(&id.len()), "series id {id}");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        assert!(id.bytes().all(plain), "series id {id}");
        assert!(!series.samples.is_empty(), "series {id} is empty");
    }
    let mut ids = HashSet::new();
    for event in &batch.events {
        let id = &event.id;
        assert!(ids.insert(id.as_str()), "event {id} comes twice");
        let ordered = event.start.zip(event.end).is_none_or(|(a, b)| a <= b);
        assert!(ordered, "event {id} ends before it begins");
    }
}

fn zip(data: &[u8]) {
    let Ok(read) = bundle::read_zip(Cursor::new(data)) else {
        return;
    };
    let _ = sources::evidence_of(&read);
    let mut out = Cursor::new(Vec::new());
    if bundle::write_zip(&read, &mut out).is_ok() {
        let again = bundle::read_zip(Cursor::new(out.into_inner()));
        assert!(again.is_ok_and(|again| again.digest() == read.digest()));
    }
}

/// A bundle as text: a line `=== PATH` begins a file. So the fuzzer reaches what is in the files
/// without having to learn how a zip is packed.
fn whole_bundle(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut packed = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = ::zip::write::SimpleFileOptions::default()
        .compression_method(::zip::CompressionMethod::Stored);
    let mut open = false;
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("=== ") {
            open = packed.start_file(path.trim_end(), stored).is_ok();
        } else if open && packed.write_all(line.as_bytes()).is_err() {
            return;
        }
    }
    if let Ok(packed) = packed.finish() {
        zip(&packed.into_inner());
    }
}

/// A message of Amazon SNS, a line `===`, and the certificate (PEM) that is to have signed it.
fn message_of_sns(data: &[u8]) {
    const SEPARATOR: &[u8] = b"\n===\n";
    let Ok(topic) = "arn:aws:sns:eu-central-1:123456789012:alarms".parse() else {
        return;
    };
    let at = data.windows(SEPARATOR.len()).position(|w| w == SEPARATOR);
    let (body, certificate) = at.map_or((data, &[][..]), |at| {
        (&data[..at], &data[at + SEPARATOR.len()..])
    });
    // A minute after the messages of the corpus.
    let now = Timestamp::from_seconds(1_590_116_460);
    if let Ok(sealed) = sns::read(body, &[topic], now) {
        let _ = sealed.open(certificate, now);
    }
}

/// Notifications of an alarm, one a line, each with what was remembered of those before; a line
/// that is none is taken for what was remembered.
fn states_of_an_alarm(data: &[u8]) {
    let mut remembered: Option<String> = None;
    for line in data.split(|b| *b == b'\n').take(100) {
        let Ok(alarm) = serde_json::from_slice::<sns::Alarm>(line) else {
            remembered = Some(String::from_utf8_lossy(line).into_owned());
            continue;
        };
        let (batch, memory) = sns::keep(&alarm, remembered.as_deref(), window().end);
        sound(&batch);
        for (key, value) in memory {
            assert_eq!(key, alarm.key());
            remembered = value;
        }
    }
}

/// What an event is to hold of a record is short, and in one line.
fn record_of_cloudtrail(data: &[u8]) {
    let Some(record) = std::str::from_utf8(data).ok().and_then(cloudtrail::read) else {
        return;
    };
    let texts = [
        record.arn,
        record.other,
        record.agent,
        record.region,
        record.error,
        record.error_message,
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.chars().count() <= 500 && !text.contains(char::is_control));
    }
}

/// Lines of an audit log, each with an id of its own in the log; two with one id in them are one request.
fn lines_of_an_audit_log(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let namespaces = ["shop".to_owned()];
    for (namespaces, controllers) in [(&[][..], true), (&namespaces[..], false)] {
        let scope = audit::Scope {
            cluster: "prod",
            namespaces,
            controllers,
        };
        let mut batch = Batch::default();
        let mut seen = HashSet::new();
        for (message, n) in text.lines().take(100).zip(1..) {
            let line = audit::Line {
                message,
                at: Some(window().start),
                id: &format!("line-{n}"),
            };
            let event = audit::event(line, scope).ok().flatten();
            batch
                .events
                .extend(event.filter(|e| seen.insert(e.id.clone())));
        }
        for event in &batch.events {
            let (id, attributes) = (&event.id, &event.attributes);
            assert!((1..=128).contains(&id.len()), "event id {id}");
            let short = |v: &serde_json::Value| v.as_str().is_none_or(|s| s.chars().count() <= 300);
            assert!(attributes.values().all(short), "{attributes:?}");
        }
        sound(&batch);
    }
}

/// The summary of an item in the first line, its data in the others.
fn item_of_an_alarm_history(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (summary, said) = text.split_once('\n').unwrap_or((&text, ""));
    let said = Some(said).filter(|said| !said.is_empty());
    if let Some(transition) = alarm_history::read(said, summary) {
        assert!(transition.reason.chars().count() <= 500);
        assert!(transition.threshold.is_none_or(f64::is_finite));
    }
}

/// What streams of one cluster tell, a line each: `PART {json of a watch's line}`, `PART begin`,
/// `PART end VERSION`, `PART lost`, `PART back VERSION`, `PART now`; `restart` goes on from what was
/// remembered. A minute passes with each.
fn watched(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut history = History::new("fuzz");
    let mut memory = std::collections::BTreeMap::new();
    let mut listing = HashSet::new();
    let mut now = window().start;
    for line in text.lines().take(500) {
        now = now.plus(60_000);
        if line == "restart" {
            keep(&mut history, &mut memory, now);
            let memory: Vec<(String, String)> = memory.clone().into_iter().collect();
            history = History::restore("fuzz", &memory);
            listing.clear();
            continue;
        }
        let Some((part, word)) = line.split_once(' ') else {
            continue;
        };
        let Some(part) = Part::ALL.into_iter().find(|known| known.name() == part) else {
            continue;
        };
        let version = word.rsplit(' ').next().unwrap_or_default().to_owned();
        let told = match word.split(' ').next() {
            Some("begin") => {
                listing.insert(part);
                Some(Told::Begin { asked_at: now })
            }
            Some("end") => {
                listing.remove(&part);
                Some(Told::End { version })
            }
            Some("lost") => Some(Told::Disconnected),
            Some("back") => Some(Told::Reconnected {
                caught_up_at: version.parse().ok(),
            }),
            Some("now") => Some(Told::Current),
            _ => match cluster::told(part, word) {
                Some(Told::Applied(object)) if listing.contains(&part) => Some(Told::Item(object)),
                told => told,
            },
        };
        let stream = Stream {
            part,
            namespace: String::new(),
        };
        if let Some(told) = told {
            history.observe(&stream, now, told);
        }
    }
    keep(&mut history, &mut memory, now);
}

/// What an API server answers in the place of what was asked for, under every status that is told
/// apart; and as the line that ends a watch. What is said of it is short, and one line.
fn status_of_an_api_server(data: &[u8]) {
    let statuses = [400, 401, 403, 404, 410, 429, 500, 504];
    let refused = statuses.map(|status| cluster::refusal(Part::Pods, status, data));
    let text = String::from_utf8_lossy(data);
    let error = format!("{{\"type\":\"ERROR\",\"object\":{}}}", text.trim());
    let ended = [&error, text.trim()].map(|line| cluster::end_of_watch(Part::Pods, line));
    for said in refused.into_iter().chain(ended).flatten() {
        let said = said.to_string();
        assert!(
            said.chars().count() <= 1_000 && !said.contains(['\n', '\r']),
            "{said}"
        );
    }
}

/// Files of a case of PetShop as in [`whole_bundle`]: a line `=== NAME` begins one. What comes of them
/// can be stored, and comes back from a bundle.
fn case_of_petshop(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut found = std::collections::BTreeMap::new();
    let mut name = "";
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix("=== ") {
            name = next.trim_end();
        } else {
            let content: &mut Vec<u8> = found.entry(name).or_default();
            content.extend_from_slice(line.as_bytes());
        }
    }
    let mut file = |name: &str| {
        Some(CaseFile {
            name: name.to_owned(),
            content: found.remove(name)?,
        })
    };
    let case = CaseFiles {
        case: "c08".to_owned(),
        metrics: file("metrics.csv").unwrap_or_default(),
        query: file("query.json").unwrap_or_default(),
        graph: file("graph.csv").unwrap_or_default(),
        normal: file("normal.csv"),
        events: file("events.json"),
        labels: file("labels.json"),
    };
    let Ok(bundle) = petshop::convert_files(&case) else {
        return;
    };
    let mut out = Cursor::new(Vec::new());
    if bundle::write_zip(&bundle, &mut out).is_ok() {
        let again = bundle::read_zip(Cursor::new(out.into_inner()));
        match again {
            Ok(again) => assert_eq!(again.digest(), bundle.digest()),
            Err(error) => panic!("what was written cannot be read: {error}"),
        }
    }
    sound(&Batch {
        series: bundle.series,
        ..Batch::default()
    });
}

/// Takes what a history has learned, as its keeper does.
fn keep(
    history: &mut History,
    memory: &mut std::collections::BTreeMap<String, String>,
    now: Timestamp,
) {
    let learned = history.take(now);
    sound(&learned.batch);
    for (key, value) in learned.memory {
        match value {
            Some(value) => memory.insert(key, value),
            None => memory.remove(&key),
        };
    }
}
