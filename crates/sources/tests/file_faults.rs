//! What goes wrong with files that people paste and upload, row by row as in
//! `docs/faults/files.md`: each is said, and nothing of the rest is lost.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

use model::{
    Batch, Timestamp, Window,
    bundle::{QuestionField, RawFile},
};
use sources::files;
use std::fmt::Write as _;

fn t(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn window() -> Window {
    Window::new(t("2020-05-20T00:00:00Z"), t("2020-05-29T00:00:00Z")).unwrap()
}

/// A file of which everything is known.
fn file(path: &str, content: impl Into<Vec<u8>>) -> RawFile {
    RawFile {
        path: path.into(),
        observed_at: Some(t("2020-05-28T10:00:00Z")),
        timezone: Some("UTC".into()),
        content: content.into(),
        ..RawFile::default()
    }
}

fn read(file: &RawFile) -> Batch {
    files::read_all(std::slice::from_ref(file), window()).unwrap()
}

fn gaps(batch: &Batch) -> String {
    let reasons = batch.provenance.gaps.iter().map(|g| g.reason.as_str());
    reasons.collect::<Vec<_>>().join("\n")
}

fn fields(batch: &Batch) -> Vec<QuestionField> {
    let questions = batch.provenance.questions.iter();
    questions.map(|q| q.field).collect()
}

/// One line of the kubelet's, as in the story.
fn line(day: &str, clock: &str, n: usize) -> String {
    format!(
        "kubelet[3851]: W{day} {clock}.491441    3851 mount_helper_common.go:36] Warning: Unmount \
         skipped because path does not exist: /var/lib/kubelet/pods/x/sess_{n}A\n"
    )
}

fn log() -> String {
    (0..120).fold(String::new(), |mut log, n| {
        log += &line("0526", &format!("14:{:02}:59", n / 2), n);
        log
    })
}

#[test]
fn the_flood_of_the_story_is_one_line_with_a_curve() {
    let batch = read(&file("files/kubelet.log", log()));
    let [event] = batch.events.as_slice() else {
        panic!("{:?}", batch.events)
    };
    assert_eq!(event.attribute("count").as_deref(), Some("120"));
    assert_eq!(event.attribute("severity").as_deref(), Some("warning"));
    assert!(event.attribute("symptom").is_some());
    assert_eq!(event.start, Some(t("2020-05-26T14:00:59.491Z")));
    assert_eq!(event.end, Some(t("2020-05-26T14:59:59.491Z")));
    let [curve] = batch.series.as_slice() else {
        panic!("{:?}", batch.series)
    };
    assert_eq!(curve.samples.values(), [2.0; 60]);
    assert_eq!(
        (
            curve.meta.stat.as_str(),
            curve.meta.unit.as_str(),
            curve.meta.period_s
        ),
        ("Sum", "Count", Some(60))
    );
    assert_eq!(gaps(&batch), "");
}

#[test]
fn broken_utf8_in_a_log_is_shown_as_such_and_the_log_is_read() {
    let mut bytes = log().into_bytes();
    bytes.extend_from_slice(
        b"kubelet[3851]: E0526 15:00:00.000000    3851 a.go:1] \xff\xfe broken\n",
    );
    let batch = read(&file("files/kubelet.log", bytes));
    assert_eq!(batch.events.len(), 2);
    let shown = batch.events.iter().any(|e| e.title.contains('\u{fffd}'));
    assert!(shown, "{:?}", batch.events);
}

/// A file of each kind that is text, short.
fn of_each_kind() -> [(&'static str, String); 11] {
    let mountstats = "device fs-0123456789abcdef0.efs.eu-west-1.amazonaws.com:/ mounted on /mnt/efs with \
        fstype nfs4 statvers=1.1\n\tage:\t5000\n\t READDIR: 9000 9000 0 1 1 7 12 14 0\n";
    [
        ("kubelet.log", log()),
        ("pods.txt", "NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web-1 0/2 Terminating 0 3d7h\n".into()),
        ("pods.json", r#"{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod",
"metadata":{"name":"web-1","namespace":"shop","creationTimestamp":"2020-05-20T10:00:00Z",
"deletionTimestamp":"2020-05-24T10:00:00Z","deletionGracePeriodSeconds":30},"spec":{"nodeName":"n"},"status":{}}]}
"#.into()),
        ("nfs.txt", "Client rpc stats:\ncalls retrans\n9000 0\nClient nfs v4:\nread readdir\n10 8000\n".into()),
        ("mountstats", mountstats.into()),
        ("samples.csv", "timestamp,value\n1590000000,1\n1590000060,2\n".into()),
        ("table.csv", "time;latency (ms)\n2020-05-22 03:00:00;1,5\n2020-05-22 03:01:00;2,5\n".into()),
        ("console.csv", "Label,BurstCreditBalance\nPeriod,60\n2020/05/22 03:00:00,5\n2020/05/22 03:01:00,4\n".into()),
        ("metrics.json", r#"{"MetricDataResults":[{"Id":"m","Label":"BurstCreditBalance",
"Timestamps":["2020-05-22T03:00:00Z"],"Values":[5.0],"StatusCode":"Complete"}]}
"#.into()),
        ("notes.json", r#"[{"id":1,"time":1590116400000,"text":"Sites slow","tags":["outage"]}]
"#.into()),
        ("touch.txt", "$ time touch /app/x\nreal 0m0.010s\n$ time touch /mnt/efs/x\nreal 0m0.334s\n".into()),
    ]
}

#[test]
fn every_encoding_of_a_text_reads_the_same() {
    for (name, text) in of_each_kind() {
        let path = format!("files/{name}");
        let plain = read(&file(&path, text.clone()));
        assert!(
            !(plain.series.is_empty() && plain.events.is_empty()),
            "{name}: {}",
            gaps(&plain)
        );
        let crlf = text.replace('\n', "\r\n");
        let wide = |little: bool| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(crlf.encode_utf16());
            let bytes = |unit: u16| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            };
            units.flat_map(bytes).collect()
        };
        for (encoding, bytes) in [
            ("a byte order mark", format!("\u{feff}{text}").into_bytes()),
            ("CRLF", crlf.clone().into_bytes()),
            ("UTF-16, little end first", wide(true)),
            ("UTF-16, big end first", wide(false)),
        ] {
            let read = read(&file(&path, bytes));
            assert_eq!(read.series, plain.series, "{name} with {encoding}");
            assert_eq!(read.events, plain.events, "{name} with {encoding}");
            assert_eq!(read.provenance, plain.provenance, "{name} with {encoding}");
        }
    }
}

#[test]
fn a_bad_byte_in_a_text_is_said_with_its_line_and_the_rest_is_read() {
    for (name, text) in of_each_kind() {
        // A line more would be no JSON, no sample and no row.
        if matches!(
            name,
            "pods.json" | "metrics.json" | "notes.json" | "samples.csv" | "table.csv"
        ) {
            continue;
        }
        let path = format!("files/{name}");
        let plain = read(&file(&path, text.clone()));
        let line = text.lines().count() + 1;
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(b"M\xfcller\n");
        let read = read(&file(&path, bytes));
        assert!(read.series.len() >= plain.series.len(), "{name}");
        assert!(read.events.len() >= plain.events.len(), "{name}");
        let said = format!(
            "1 byte in it is no text (broken UTF-8 or zeros), the first on line {line}: read as \u{fffd}"
        );
        assert!(gaps(&read).contains(&said), "{name}: {}", gaps(&read));
    }
    let mut table = b"time;M\xfcller (ms)\n".to_vec();
    table.extend_from_slice(b"2020-05-22 03:00:00;1,5\n2020-05-22 03:01:00;2,5\n");
    let table = read(&file("files/t.csv", table));
    assert_eq!(table.series[0].meta.name, "M\u{fffd}ller");
    assert!(gaps(&table).contains("the first on line 1"));
    // Inside of JSON's texts nothing breaks.
    let text = r#"[{"id":1,"time":1590116400000,"text":"Sites slow M@","tags":["outage"]}]"#;
    let bytes = text.bytes().map(|b| if b == b'@' { 0xfc } else { b });
    let notes = read(&file("files/n.json", bytes.collect::<Vec<u8>>()));
    assert_eq!(notes.events[0].title, "Sites slow M\u{fffd}");
}

#[test]
fn a_bad_byte_in_a_number_is_kept_and_says_where() {
    let batch = read(&file(
        "files/x.csv",
        &b"timestamp,value\n1590000000,\xff\n1590000060,1\n"[..],
    ));
    assert!(
        gaps(&batch)
            .contains("files/x.csv:2: expected a finite number or nothing, found '\u{fffd}'"),
        "{}",
        gaps(&batch)
    );
}

#[test]
fn bytes_that_are_no_text_are_kept_and_named() {
    let batch = read(&file(
        "files/x.png",
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0"[..],
    ));
    assert!(
        gaps(&batch).contains("bytes of unknown kind"),
        "{}",
        gaps(&batch)
    );
}

#[test]
fn archives_are_named_and_not_read() {
    let table = b"NAMESPACE NAME READY STATUS RESTARTS AGE\nshop web-1 0/2 Terminating 0 3d7h\n";
    let with = |head: &[u8]| [head, table].concat();
    let mut tar = vec![b'x'; 257];
    tar.extend_from_slice(b"ustar\x0000\n");
    for (head, what) in [
        (&b"PK\x03\x04\x14\0\0\0\0\0pods.txt\n"[..], "a zip archive"),
        (b"\x1f\x8b\x08\0\n", "packed by gzip"),
        (&tar, "a tar archive"),
    ] {
        let batch = read(&file("files/pods", with(head)));
        assert_eq!(batch.events, [], "{what}");
        let said = format!("kept, not read by this version: it is {what}");
        assert!(gaps(&batch).contains(&said), "{}", gaps(&batch));
        assert!(gaps(&batch).contains("unpack it"), "{}", gaps(&batch));
    }
}

#[test]
fn an_empty_file_is_kept_and_named() {
    let batch = read(&file("files/empty.log", ""));
    assert!(gaps(&batch).contains("it is empty"), "{}", gaps(&batch));
    assert_eq!(batch.files.len(), 1);
}

#[test]
fn zeros_between_the_lines_of_a_log_are_skipped() {
    let text = log().replace(
        "kubelet[3851]: W0526 14:30",
        "\0\0\0\0kubelet[3851]: W0526 14:30",
    );
    let batch = read(&file("files/kubelet.log", text));
    assert_eq!(batch.events[0].attribute("count").as_deref(), Some("120"));
}

#[test]
fn a_log_that_breaks_off_counts_what_is_there() {
    let mut text = log();
    text.truncate(text.len() - 70);
    let batch = read(&file("files/kubelet.log", text));
    let count: u64 = batch
        .events
        .iter()
        .map(|e| e.attributes["count"].as_u64().unwrap())
        .sum();
    assert_eq!(count, 120);
}

#[test]
fn json_that_breaks_off_is_kept_and_says_where() {
    let text = "{\"MetricDataResults\":\n[{\"Label\":";
    let batch = read(&file("files/m.json", text));
    assert!(
        gaps(&batch).contains("files/m.json:2: expected JSON as"),
        "{}",
        gaps(&batch)
    );
}

#[test]
fn a_file_of_no_known_kind_is_kept_and_named() {
    let batch = read(&file(
        "files/letter.txt",
        "Dear all,\nnothing to see here.\n",
    ));
    assert!(gaps(&batch).contains("text of unknown kind"));
    assert_eq!(batch.files.len(), 1);
}

#[test]
fn a_name_that_lies_about_its_kind_changes_nothing() {
    let batch = read(&file("files/data.csv", log()));
    assert_eq!(batch.events.len(), 1);
    let batch = read(&file(
        "files/kubelet.log",
        "timestamp,value\n1590000000,1\n",
    ));
    assert_eq!(batch.series.len(), 1);
}

#[test]
fn a_huge_line_is_cut_and_said() {
    let mut text = log();
    text += "kubelet[3851]: E0526 15:00:00.0    3851 a.go:1] ";
    text += &"x ".repeat(1 << 20);
    let batch = read(&file("files/kubelet.log", text));
    assert!(
        gaps(&batch).contains("1 line longer than 64 KiB"),
        "{}",
        gaps(&batch)
    );
    let example = batch.events.iter().filter_map(|e| e.attribute("example"));
    assert!(example.map(|e| e.len()).max().unwrap() < 2_000);
}

#[test]
fn a_log_without_a_known_year_is_asked_about_and_stands_at_no_time() {
    let asked = RawFile {
        observed_at: None,
        ..file("files/kubelet.log", log())
    };
    let batch = read(&asked);
    assert_eq!(fields(&batch), [QuestionField::ObservedAt]);
    assert!(gaps(&batch).contains("are unknown"));
    assert!(batch.series.is_empty());
    assert_eq!(batch.events[0].start, None);
    // The proposal answers it.
    let proposal = &batch.provenance.questions[0].proposal;
    assert_eq!(proposal, "2020-05-26T15:00:00Z");
    let answered = RawFile {
        observed_at: Some(t(proposal)),
        ..asked
    };
    let batch = read(&answered);
    assert_eq!((batch.series.len(), fields(&batch).len()), (1, 0));
}

#[test]
fn a_log_without_a_known_zone_is_asked_about() {
    let asked = RawFile {
        timezone: None,
        ..file("files/kubelet.log", log())
    };
    let batch = read(&asked);
    assert_eq!(fields(&batch), [QuestionField::Timezone]);
    assert_eq!(batch.provenance.questions[0].proposal, "UTC");
    assert_eq!(batch.events[0].start, None);
}

#[test]
fn a_zone_that_is_none_is_asked_again() {
    let bad = RawFile {
        timezone: Some("Mars/Olympus".into()),
        ..file("files/kubelet.log", log())
    };
    let batch = read(&bad);
    assert!(
        batch.provenance.questions[0]
            .why
            .contains("'Mars/Olympus' is no time zone")
    );
    assert_eq!(batch.events[0].start, None);
}

#[test]
fn an_observation_that_contradicts_the_log_is_asked_about() {
    let early = RawFile {
        observed_at: Some(t("2020-05-20T10:00:00Z")),
        ..file("files/kubelet.log", log())
    };
    let batch = read(&early);
    assert_eq!(fields(&batch), [QuestionField::ObservedAt]);
    let why = &batch.provenance.questions[0].why;
    assert!(why.contains("would be 359 days old"), "{why}");
    assert_eq!(batch.events[0].start, None);
}

#[test]
fn a_log_over_new_year_has_both_years() {
    let mut text = String::new();
    for (day, clock) in [("1231", "23:59:58"), ("0101", "00:00:02")] {
        text += &line(day, clock, 1);
    }
    let kept = RawFile {
        observed_at: Some(t("2021-01-01T08:00:00Z")),
        ..file("files/kubelet.log", text)
    };
    let years = Window::new(t("2020-12-31T00:00:00Z"), t("2021-01-02T00:00:00Z")).unwrap();
    let batch = files::read_all(&[kept], years).unwrap();
    assert_eq!(batch.events[0].start, Some(t("2020-12-31T23:59:58.491Z")));
    assert_eq!(batch.events[0].end, Some(t("2021-01-01T00:00:02.491Z")));
    assert_eq!(batch.series[0].samples.len(), 2);
}

/// What a file of the night in which the clocks of Berlin went back says.
fn of_that_night(path: &str, text: &str) -> Batch {
    let kept = RawFile {
        observed_at: Some(t("2020-10-26T08:00:00Z")),
        timezone: Some("Europe/Berlin".into()),
        ..file(path, text)
    };
    let night = Window::new(t("2020-10-24T00:00:00Z"), t("2020-10-26T00:00:00Z")).unwrap();
    files::read_all(&[kept], night).unwrap()
}

#[test]
fn the_hour_that_the_clocks_repeat_is_two_in_a_table() {
    let text = "time,v\n2020-10-25 02:00,1\n2020-10-25 02:30,2\n2020-10-25 02:00,3\n\
                2020-10-25 02:30,4\n2020-10-25 03:00,5\n";
    let batch = of_that_night("files/t.csv", text);
    let samples = &batch.series[0].samples;
    assert_eq!(samples.values(), [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(samples.times()[0], t("2020-10-25T00:00:00Z"));
    assert_eq!(samples.times()[4], t("2020-10-25T02:00:00Z"));
    assert_eq!(
        gaps(&batch),
        "the clocks went back from 03:00 to 02:00 (at 2020-10-25 01:00 UTC), and 4 times in between \
         can be of either pass: 2 are taken as of the first pass, and 2, from where they step back, as \
         of the second"
    );
}

#[test]
fn the_hour_that_the_clocks_repeat_is_two_in_a_log() {
    let text: String = ["02:10:00", "02:50:00", "02:10:00", "02:50:00"]
        .into_iter()
        .zip(0..)
        .map(|(clock, n)| line("1025", clock, n))
        .collect();
    let batch = of_that_night("files/kubelet.log", &text);
    assert_eq!(batch.events[0].start, Some(t("2020-10-25T00:10:00.491Z")));
    assert_eq!(batch.events[0].end, Some(t("2020-10-25T01:50:00.491Z")));
    let found = gaps(&batch);
    assert!(found.contains("4 times in between"), "{found}");
}

#[test]
fn an_abbreviation_of_one_zone_counts_and_another_is_named() {
    let taken = |zone: &str, timezone: Option<&str>| {
        let text = format!(
            "Fri May 22 05:00:00 AM {zone} 2020\nClient rpc stats:\ncalls retrans\n9000 0\n\
             Client nfs v4:\nread readdir\n10 8000\n"
        );
        read(&RawFile {
            timezone: timezone.map(str::to_owned),
            ..file("files/nfsstat.txt", text)
        })
    };
    let first = |batch: &Batch| batch.series[0].samples.times()[0];
    let summer = taken("CEST", Some("UTC"));
    assert_eq!(first(&summer), t("2020-05-22T03:00:00Z"));
    assert_eq!(gaps(&summer), "");

    let asked = taken("IST", None);
    assert_eq!(fields(&asked), [QuestionField::Timezone]);
    let why = &asked.provenance.questions[0].why;
    assert!(why.contains("'IST'"), "{why}");
    let other = taken("IST", Some("UTC"));
    assert_eq!(first(&other), t("2020-05-22T05:00:00Z"));
    assert!(gaps(&other).contains("'IST'"), "{}", gaps(&other));
    let known = taken("IST", Some("Asia/Kolkata"));
    assert_eq!(first(&known), t("2020-05-21T23:30:00Z"));
    assert_eq!(gaps(&known), "");
}

#[test]
fn lines_of_several_zones_stand_on_one_clock() {
    let text = "2020-05-26T14:51:59+00:00 node-a kubelet[1]: error: one\n\
                2020-05-26T16:52:59+02:00 node-a kubelet[1]: error: one\n\
                2020-05-26T09:53:59-05:00 node-a kubelet[1]: error: one\n";
    let batch = read(&RawFile {
        timezone: None,
        observed_at: None,
        ..file("files/node.log", text)
    });
    assert!(batch.provenance.questions.is_empty());
    let times = (batch.events[0].start, batch.events[0].end);
    let expected = (t("2020-05-26T14:51:59Z"), t("2020-05-26T14:53:59Z"));
    assert_eq!(times, (Some(expected.0), Some(expected.1)));
    assert_eq!(batch.events[0].node, "node-a");
    assert_eq!(
        batch.series[0].meta.resource.as_deref(),
        Some("k8s://Node/node-a")
    );
}

#[test]
fn endless_different_messages_are_bounded_and_counted() {
    let letters = |n: usize| {
        let digits = [n / 17_576, n / 676, n / 26, n].map(|d| char::from(b'a' + (d % 26) as u8));
        digits.iter().collect::<String>()
    };
    let mut text = String::new();
    for n in 0..5_000 {
        let word = letters(n);
        writeln!(text, "E0526 14:51:59.0 1 a.go:1] {word} {word} {word}").unwrap();
    }
    let batch = read(&file("files/kubelet.log", text));
    assert_eq!(batch.events.len(), 30);
    let gaps = gaps(&batch);
    assert!(
        gaps.contains("3,000 lines of more patterns than are told apart"),
        "{gaps}"
    );
    assert!(gaps.contains("in 1,970 further patterns"), "{gaps}");
}

#[test]
fn an_ambiguous_date_is_asked_before_anything_is_read() {
    let batch = read(&file("files/t.csv", "date,v\n03/04/2020,1\n03/05/2020,2\n"));
    assert_eq!(fields(&batch), [QuestionField::Columns]);
    assert!(batch.series.is_empty());
    assert!(gaps(&batch).contains("not read yet"));
}

#[test]
fn a_measurement_without_a_time_is_asked_when_it_was() {
    let touch = "$ time touch /app/x\nreal 0m0.010s\n$ time touch /mnt/efs/x\nreal 0m0.334s\n";
    let nfsstat =
        "Client rpc stats:\ncalls retrans\n9000 0\nClient nfs v4:\nread readdir\n10 8000\n";
    let events = "LAST SEEN   TYPE      REASON      OBJECT      MESSAGE\n\
                  5m          Warning   OOMKilled   pod/web-1   out of memory\n";
    let pods = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-1\",\"namespace\":\"shop\",\
                \"deletionTimestamp\":\"2020-05-28T09:00:00Z\"}}";
    for (path, text) in [
        ("files/touch.txt", touch),
        ("files/nfsstat.txt", nfsstat),
        ("files/events.txt", events),
        ("files/pods.json", pods),
    ] {
        let asked = RawFile {
            observed_at: None,
            ..file(path, text)
        };
        let batch = read(&asked);
        assert_eq!(fields(&batch), [QuestionField::ObservedAt], "{path}");
        // What it says is part of the incident when the proposal is taken.
        let proposal = t(&batch.provenance.questions[0].proposal);
        assert!(window().contains(proposal), "{path}");
        let answered = read(&RawFile {
            observed_at: Some(proposal),
            ..asked
        });
        assert_ne!(answered.events, [], "{path}: {}", gaps(&answered));
        assert!(!gaps(&answered).contains("outside"), "{}", gaps(&answered));
    }
}

#[test]
fn a_counter_that_fell_gives_no_rate() {
    let copy = |calls: u64| {
        format!(
            "Client rpc stats:\ncalls retrans\n{calls} 0\nClient nfs v4:\nread readdir\n10 {calls}\n"
        )
    };
    let text = format!(
        "2020-05-28T09:00:00Z\n{}2020-05-28T09:01:00Z\n{}",
        copy(90_000),
        copy(5_000)
    );
    let batch = read(&file("files/nfsstat.txt", text));
    assert!(
        !batch.events[0].title.contains("a second"),
        "{}",
        batch.events[0].title
    );
    assert!(batch.series.iter().any(|s| s.meta.stat == "Counter"));
    assert!(gaps(&batch).contains("the machine or the mount began anew"));
}

/// A copy of mountstats of a mount `age` seconds old.
fn mountstats(path: &str, observed_at: &str, age: u64, readdir: u64) -> RawFile {
    let content = format!(
        "device fs-0123456789abcdef0.efs.eu-west-1.amazonaws.com:/ mounted on /mnt/efs with fstype nfs4 \
         statvers=1.1\n\tage:\t{age}\n\t READ: 1000 1000 0 176000 4096000 5 4000 4100 0\n\t READDIR: \
         {readdir} {readdir} 0 1 1 7 {} {} 0\n",
        readdir * 12,
        readdir * 14
    );
    RawFile {
        observed_at: Some(t(observed_at)),
        ..file(path, content)
    }
}

fn title_of(batch: &Batch) -> &str {
    &batch.events[0].title
}

#[test]
fn counters_go_on_from_file_to_file() {
    let first = mountstats("files/first", "2020-05-28T09:59:00Z", 5_000, 9_000);
    let second = mountstats("files/second", "2020-05-28T10:00:00Z", 5_060, 69_000);
    let both = [second.clone(), first.clone()];
    let batches = files::read_each(&both, window()).unwrap();
    let [later, earlier] = batches.as_slice() else {
        panic!("{batches:?}")
    };
    assert_eq!(
        title_of(later),
        "readdir is 100 % of NFS calls on /mnt/efs (60,000 of 60,000, 1,000 a second)"
    );
    let counter = later
        .series
        .iter()
        .find(|s| s.meta.name == "NFS readdir calls")
        .unwrap();
    assert_eq!(counter.samples.values(), [9_000.0, 69_000.0]);
    let rtt = later
        .series
        .iter()
        .find(|s| s.meta.name == "NFS readdir round trip")
        .unwrap();
    assert_eq!(rtt.samples.values(), [0.012]);
    assert!(
        !title_of(earlier).contains("a second"),
        "{}",
        title_of(earlier)
    );
    // As two copies in one file do.
    let mut one = first.content.clone();
    one.extend_from_slice(&second.content);
    let one = read(&file("files/both", one));
    assert_eq!(title_of(&one), title_of(later));
    // Whichever way round they come.
    let turned = files::read_each(&[first, second], window()).unwrap();
    assert_eq!((&turned[0], &turned[1]), (earlier, later));
}

#[test]
fn a_mount_of_another_time_gives_no_rate_and_says_so() {
    let first = mountstats("files/first", "2020-05-28T09:59:00Z", 5_000, 9_000);
    let other = mountstats("files/second", "2020-05-28T10:00:00Z", 90_000, 69_000);
    let batch = files::read_all(&[first, other], window()).unwrap();
    assert!(batch.events.iter().all(|e| !e.title.contains("a second")));
    assert!(
        gaps(&batch).contains("another machine's, or mounted anew since"),
        "{}",
        gaps(&batch)
    );
}

/// Output of `nfsstat -c` with a prompt before it.
fn nfsstat(path: &str, prompt: &str, observed_at: &str, readdir: u64) -> RawFile {
    let content = format!(
        "{prompt}$ nfsstat -c\nClient rpc stats:\ncalls retrans\n{} 0\nClient nfs v4:\nread readdir\n10 \
         {readdir}\n",
        readdir + 10
    );
    RawFile {
        observed_at: Some(t(observed_at)),
        ..file(path, content)
    }
}

#[test]
fn counters_of_two_machines_are_kept_apart() {
    let at = |path, prompt, clock, n| nfsstat(path, prompt, clock, n);
    let first = at("files/a", "[me@node-a ~]", "2020-05-28T09:00:00Z", 9_000);
    let other = at("files/b", "[me@node-b ~]", "2020-05-28T09:10:00Z", 20_000);
    let last = at("files/c", "[me@node-a ~]", "2020-05-28T09:20:00Z", 69_000);
    let batches = files::read_each(&[first.clone(), other, last], window()).unwrap();
    assert!(!title_of(&batches[1]).contains("a second"));
    assert!(gaps(&batches[1]).contains("that sample is another machine's"));
    assert!(title_of(&batches[2]).contains("(60,000 of 60,000, 50 a second)"));
    assert_eq!(gaps(&batches[2]), "");
    // Where neither says which machine it is, that is said.
    let silent = |path, clock, n| nfsstat(path, "", clock, n);
    let pair = [
        silent("files/a", "2020-05-28T09:00:00Z", 9_000),
        silent("files/b", "2020-05-28T09:20:00Z", 69_000),
    ];
    let batches = files::read_each(&pair, window()).unwrap();
    assert!(title_of(&batches[1]).contains("50 a second"));
    assert!(gaps(&batches[1]).contains("neither file says which machine it is of"));
}

#[test]
fn a_counter_that_fell_from_file_to_file_is_said() {
    let pair = [
        nfsstat("files/a", "", "2020-05-28T09:00:00Z", 90_000),
        nfsstat("files/b", "", "2020-05-28T09:20:00Z", 5_000),
    ];
    let batches = files::read_each(&pair, window()).unwrap();
    assert!(!title_of(&batches[1]).contains("a second"));
    assert!(
        gaps(&batches[1])
            .contains("counters of v4 fell between 2020-05-28T09:00:00Z and 2020-05-28T09:20:00Z"),
        "{}",
        gaps(&batches[1])
    );
}
