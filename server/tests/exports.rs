//! Reports to take away: each is verified by the evidence that it carries, one changed byte makes it
//! fail, and tools that know nothing of Lineup find the PDF to be what it should be.

use crate::support::tool;
use server::{cli::Format, export::Package, verify};
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
};

/// The demonstration's return: it has raw files, stuck pods, notes and a forecast.
static PACKAGE: LazyLock<Package> =
    LazyLock::new(|| Package::of_bundle(&simulate::recurrence(1).bundle).unwrap());

fn path(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

/// Exit status of `lineup verify`, and all that it said.
fn verified(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_lineup"))
        .arg("verify")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn in_process(format: Format, bytes: &[u8]) -> Vec<String> {
    let inside = match verify::carrier::bundle_in(format, bytes) {
        Ok(inside) => inside.expect("the export carries its evidence"),
        Err(error) => return vec![error.to_string()],
    };
    // What is wrong with the evidence is told before anything is made anew.
    match sources::bundle::read_zip(std::io::Cursor::new(inside)) {
        Ok(bundle) => verify::export(format, bytes, &bundle).unwrap().differences,
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn every_export_is_verified_by_what_it_carries() {
    let dir = tempfile::tempdir().unwrap();
    let demo = path(dir.path(), "demo");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_lineup"))
            .args(args)
            .output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
    };
    run(&["demo", "-o", &demo]);
    for format in ["html", "md", "md-zip", "pdf", "json"] {
        let file = path(dir.path(), &format!("report.{format}"));
        run(&["report", &demo, "--format", format, "-o", &file]);
        if format == "md" {
            let (status, said) = verified(&[&file]);
            assert_eq!(status, Some(2), "{said}");
            assert!(said.contains("--evidence"), "{said}");
            let (status, said) = verified(&[&file, "--evidence", &demo]);
            assert_eq!(status, Some(0), "{said}");
            // In the bundle's own folder it needs no telling.
            std::fs::copy(&file, Path::new(&demo).join("report.md")).unwrap();
            let beside = path(Path::new(&demo), "report.md");
            assert_eq!(verified(&[&beside]).0, Some(0));
        } else {
            let (status, said) = verified(&[&file]);
            assert_eq!(status, Some(0), "{format}: {said}");
            assert!(said.contains(" figures verified"), "{format}: {said}");
        }
    }
}

#[test]
fn a_changed_figure_is_named_in_every_format() {
    let figure = |id: &str| PACKAGE.report.figure(id).expect(id).clone();
    let onset = figure("driver.onset");
    let json = String::from_utf8(PACKAGE.render(Format::Json).unwrap()).unwrap();
    let at = json.find("\"id\": \"driver.onset\"").unwrap();
    let at = at + json[at..].find(&onset.text).unwrap();
    let mut changed = json.clone();
    changed.replace_range(at..at + 4, "2021");
    let found = in_process(Format::Json, changed.as_bytes());
    assert!(
        found.iter().any(|d| d.starts_with("driver.onset:")),
        "{found:?}"
    );
    // A figure that stands in the text, written by hand over the evidence's.
    let html = String::from_utf8(PACKAGE.render(Format::Html).unwrap()).unwrap();
    let shown = format!("data-figure=\"{}\"", onset.id);
    let at = html.find(&shown).unwrap();
    let at = at + html[at..].find(&onset.text).unwrap();
    let mut changed = html.clone();
    changed.replace_range(at..at + 4, "2021");
    let found = in_process(Format::Html, changed.as_bytes());
    assert!(
        found.iter().any(|d| d.starts_with("figure driver.onset:")),
        "{found:?}"
    );
}

/// Bytes all over each export, and some in every part of it.
#[test]
fn one_changed_byte_makes_any_export_fail() {
    let dir = tempfile::tempdir().unwrap();
    let original = Package::of_bundle(&small()).unwrap();
    for format in [Format::Html, Format::Json, Format::MdZip, Format::Pdf] {
        let bytes = original.render(format).unwrap();
        assert_eq!(
            in_process(format, &bytes),
            Vec::<String>::new(),
            "{format:?}"
        );
        for n in 0..6 {
            let at = 16 + (bytes.len() - 32) / 6 * n + 7 * n;
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let found = in_process(format, &changed);
            assert!(!found.is_empty(), "{format:?}, byte {at}");
            // The program says so as well, and how it ends.
            if n == 1 {
                let file = path(dir.path(), "changed");
                std::fs::write(&file, &changed).unwrap();
                let (status, said) = verified(&[&file]);
                assert_eq!(status, Some(1), "{format:?}, byte {at}: {said}");
                assert!(said.contains(':'), "{format:?}, byte {at}: {said}");
            }
        }
    }
}

/// Evidence that no longer unpacks: the figures that rest on it are named all the same.
#[test]
fn damage_of_packed_evidence_names_the_figures_that_rest_on_it() {
    let dir = tempfile::tempdir().unwrap();
    let original = Package::of_bundle(&small()).unwrap();
    let at = |bytes: &[u8], mark: &[u8]| find(bytes, mark).unwrap();
    let series = &small().series[0].meta.id.clone();
    let entry = format!("series/{series}.csv");
    let spoilt = |mut bytes: Vec<u8>, at: usize| {
        bytes[at] ^= 1;
        let file = path(dir.path(), "spoilt");
        std::fs::write(&file, &bytes).unwrap();
        let (status, said) = verified(&[&file]);
        assert_eq!(status, Some(1), "{said}");
        said
    };
    // Behind the name of the entry in the zip stands what is packed.
    let zip = original.zip.clone();
    let said = spoilt(zip.clone(), at(&zip, entry.as_bytes()) + entry.len() + 40);
    let rests = format!(": rests on {series}, whose file is damaged");
    assert!(said.contains(&rests), "{said}");
    assert!(!said.contains("cannot be recomputed"), "{said}");
    let json = original.render(Format::Json).unwrap();
    let html = original.render(Format::Html).unwrap();
    let begin = at(&html, b"id=\"lineup-bundle\">") + 30;
    for (bytes, begin) in [(html, begin), (json.clone(), at(&json, b"UEsDB") + 4)] {
        let mut damaged = bytes;
        damaged[begin] = b'*';
        let said = spoilt(damaged, begin + 1);
        assert!(
            said.contains("driver.onset: cannot be recomputed"),
            "{said}"
        );
    }
}

/// Bytes behind the end, which programs that show the file pass over.
#[test]
fn what_follows_the_end_is_named_there() {
    let dir = tempfile::tempdir().unwrap();
    let original = Package::of_bundle(&small()).unwrap();
    let file = path(dir.path(), "longer");
    let surpluses: [&[u8]; 4] = [
        b"\n",
        b"<p>More</p>\n\n</html>",
        b"\xff\xfe",
        b"{}\n%%EOF\n",
    ];
    let exports = [Format::Html, Format::Json, Format::MdZip, Format::Pdf];
    let mut files: Vec<(String, Vec<u8>)> = exports
        .iter()
        .map(|format| (format!("{format:?}"), original.render(*format).unwrap()))
        .collect();
    files.push(("bundle".into(), original.zip.clone()));
    for (format, bytes) in files {
        std::fs::write(&file, &bytes).unwrap();
        assert_eq!(verified(&[&file]).0, Some(0), "{format}");
        for surplus in surpluses {
            std::fs::write(&file, [bytes.as_slice(), surplus].concat()).unwrap();
            let (status, said) = verified(&[&file]);
            assert_eq!(status, Some(1), "{format} {surplus:?}: {said}");
            let count = surplus.len();
            let expected = format!("after the end: {count} byte");
            assert!(said.contains(&expected), "{format} {surplus:?}: {said}");
            assert!(
                !said.contains("further difference"),
                "{format} {surplus:?}: {said}"
            );
        }
    }
}

/// Evidence that nothing vouches for: its figures are recomputed, and that is all that can be said.
#[test]
fn evidence_without_a_manifest_is_not_vouched_for() {
    let dir = tempfile::tempdir().unwrap();
    let original = Package::of_bundle(&small()).unwrap();
    let mut files =
        sources::bundle::read_files(std::io::Cursor::new(&original.zip), "zip").unwrap();
    files.remove("manifest.json").unwrap();
    let bare = dir.path().join("bare");
    for (name, content) in &files {
        let at = bare.join(name);
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, content).unwrap();
    }
    let zip = path(dir.path(), "bare.zip");
    let out = std::fs::File::create(&zip).unwrap();
    sources::bundle::write_files(&files, out).unwrap();
    let report = path(dir.path(), "report.md");
    std::fs::write(&report, original.render(Format::Md).unwrap()).unwrap();
    let bare = bare.to_str().unwrap();
    let cases: [&[&str]; 3] = [&[bare], &[&zip], &[&report, "--evidence", bare]];
    for args in cases {
        let (status, said) = verified(args);
        assert_eq!(status, Some(1), "{args:?}: {said}");
        assert!(said.contains("manifest.json: "), "{args:?}: {said}");
        assert!(said.contains("cannot be told"), "{args:?}: {said}");
        assert!(!said.contains("further difference"), "{args:?}: {said}");
    }
    // It is a bundle all the same.
    assert!(sources::bundle::read(Path::new(bare)).is_ok());
}

#[test]
fn a_change_of_the_printed_page_is_named_by_what_stands_there() {
    let package = Package::of_bundle(&small()).unwrap();
    let printed = package.export().pdf().unwrap();
    let bytes = printed.bytes;
    // A byte in the middle of the first page's content.
    let contents = find(&bytes, b"/Contents ").unwrap();
    let digits = bytes[contents + 10..]
        .iter()
        .take_while(|b| b.is_ascii_digit());
    let object = String::from_utf8(digits.copied().collect()).unwrap();
    let begin = find(&bytes, format!("\n{object} 0 obj").as_bytes()).unwrap();
    let stream = begin + find(&bytes[begin..], b"stream\n").unwrap();
    let length = find(&bytes[stream..], b"endstream").unwrap();
    let mut changed = bytes;
    changed[stream + length / 2] ^= 0x10;
    let found = in_process(Format::Pdf, &changed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("(page 1)") || found[0].contains("page 1:"),
        "{found:?}"
    );
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|w| w == mark)
}

/// An incident of a few series, quick to analyse.
fn small() -> model::Bundle {
    let mut bundle = simulate::recurrence(1).bundle;
    bundle.files.clear();
    bundle.header.symptom.clear();
    bundle.series.truncate(4);
    bundle.events.truncate(40);
    bundle
}

#[test]
fn the_pdf_is_what_other_tools_expect() {
    let dir = tempfile::tempdir().unwrap();
    let file = path(dir.path(), "report.pdf");
    std::fs::write(&file, PACKAGE.render(Format::Pdf).unwrap()).unwrap();
    let said = tool("qpdf", &["--check", &file]);
    assert!(
        said.contains("No syntax or stream encoding errors found"),
        "{said}"
    );

    let info = tool("pdfinfo", &[&file]);
    for line in [
        "Tagged:          yes",
        "Page size:       595.28 x 841.89 pts (A4)",
    ] {
        assert!(info.contains(line), "{line}: {info}");
    }
    assert!(info.contains(&PACKAGE.report.title), "{info}");
    let structure = tool("pdfinfo", &["-struct-text", &file]);
    for part in [
        "H1",
        "H2",
        "Table",
        "TH",
        "Figure",
        "L (block)",
        "Link",
        "TOC",
    ] {
        assert!(
            structure.contains(part),
            "{part} is no part of the structure"
        );
    }
    let places = tool("pdfinfo", &["-dests", &file]);
    assert!(places.lines().count() >= 1, "{places}");

    let fonts = tool("pdffonts", &[&file]);
    let fonts: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!fonts.is_empty());
    for font in fonts {
        // Name, type, encoding, embedded, subset, Unicode.
        assert!(
            font.contains("Inter") && font.contains("yes yes yes"),
            "{font}"
        );
    }

    let text = tool("pdftotext", &["-layout", &file, "-"]);
    assert!(text.contains(&PACKAGE.report.title));
    for section in &PACKAGE.report.sections {
        assert!(text.contains(&section.title), "{}", section.title);
    }
    let flat = |text: &str| text.split_whitespace().collect::<String>();
    let all = flat(&text);
    for id in [
        "driver.onset",
        "driver.before",
        "window.start",
        "window.end",
    ] {
        let figure = PACKAGE.report.figure(id).expect(id);
        assert!(all.contains(&flat(&figure.text)), "{id}: {}", figure.text);
        assert!(all.contains(id), "{id} is in the appendix");
    }

    tool(
        "pdfdetach",
        &["-saveall", "-o", dir.path().to_str().unwrap(), &file],
    );
    let inside = std::fs::read(dir.path().join(report::BUNDLE_FILE)).unwrap();
    assert!(inside == PACKAGE.zip, "the attached file is the bundle");

    // Bookmarks, links and charts as vectors, as qpdf sees them.
    let json = tool("qpdf", &["--json", "--json-key=outlines", &file]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let titles: Vec<&str> = json["outlines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles.len(),
        PACKAGE.report.sections.len() + 1,
        "{titles:?}"
    );
    let plain = path(dir.path(), "plain.pdf");
    tool(
        "qpdf",
        &["--qdf", "--object-streams=disable", &file, &plain],
    );
    let plain = std::fs::read(&plain).unwrap();
    let plain = String::from_utf8_lossy(&plain);
    assert!(plain.matches("/Subtype /Link").count() > 100);
    assert!(!plain.contains("/Subtype /Image"), "charts are vectors");
    assert!(
        plain.contains("pdfaid:part") || plain.contains("<pdfaid"),
        "it says that it is PDF/A"
    );
}
