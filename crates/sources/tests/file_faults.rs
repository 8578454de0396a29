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

#[test]
fn broken_utf8_elsewhere_is_kept_and_named() {
    let batch = read(&file(
        "files/x.csv",
        &b"timestamp,value\n1590000000,\xff\n"[..],
    ));
    assert!(
        gaps(&batch).contains("bytes of unknown kind"),
        "{}",
        gaps(&batch)
    );
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
        gaps(&batch).contains("1 lines are longer than 64 KiB"),
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
        gaps.contains("3,000 lines are of more patterns than are told apart"),
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
    let batch = read(&RawFile {
        observed_at: None,
        ..file("files/touch.txt", touch)
    });
    assert_eq!(fields(&batch), [QuestionField::ObservedAt]);
    assert_eq!(
        batch.provenance.questions[0].proposal,
        window().end.to_string()
    );
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
}
