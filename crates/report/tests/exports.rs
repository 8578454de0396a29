//! Reports to take away: what they carry, that they are the same to the byte, and that nothing in
//! them runs or is loaded.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests too")]

#[path = "report_of/story.rs"]
mod story;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::Report;
use report::{Export, Input, Said, build, lanes};

const BUNDLE: &[u8] = b"PK not really a zip \x00\xff";

struct Case {
    report: Report,
    lanes: Vec<chart::Lane>,
}

impl Case {
    fn export(&self) -> Export<'_> {
        Export {
            report: &self.report,
            lanes: &self.lanes,
            bundle: BUNDLE,
        }
    }
}

fn case() -> Case {
    let (evidence, analysis, notes) = (story::evidence(), story::analysis(), story::notes());
    let title = format!("Slow sites {}", story::HOSTILE);
    let input = Input {
        title: &title,
        notice: Some("Simulated data."),
        evidence: &evidence,
        analysis: &analysis,
        annotations: &notes,
        said: Said::default(),
        document: None,
    };
    Case {
        report: build(&input),
        lanes: lanes(&input),
    }
}

#[test]
fn the_html_file_carries_its_evidence_and_runs_only_its_own_script() {
    let case = case();
    let html = case.export().html();
    assert_eq!(html, case.export().html());
    let blocks: Vec<&str> = html
        .match_indices("<script")
        .map(|(i, _)| &html[i..i + 40])
        .collect();
    assert_eq!(
        blocks.len(),
        3,
        "the bundle, the lanes and the script: {blocks:?}"
    );
    let data = html.split("id=\"lineup-bundle\">").nth(1).unwrap();
    let data = data.split("</script>").next().unwrap();
    assert_eq!(BASE64_STANDARD.decode(data).unwrap(), BUNDLE);
    let policy = html
        .split("Content-Security-Policy\" content=\"")
        .nth(1)
        .unwrap();
    let policy = policy.split('"').next().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    );
    assert!(!policy.contains("'unsafe-eval'") && !policy.contains("http"));
    let lanes = html.split("id=\"lineup-lanes\">").nth(1).unwrap();
    let lanes: serde_json::Value =
        serde_json::from_str(lanes.split("</script>").next().unwrap()).unwrap();
    let shown = case.report.sections.iter().flat_map(|s| &s.blocks);
    let shown = shown
        .filter(|b| matches!(b, model::report::Block::Chart { .. }))
        .count();
    assert!(shown > 3);
    assert_eq!(lanes["lanes"].as_array().unwrap().len(), shown);
    for text in [" src=", " srcset=", "url(http", "@import", "javascript:"] {
        assert!(!html.contains(text), "{text} loads something");
    }
}

#[test]
fn evidence_in_the_appendix_leads_to_its_chart() {
    let case = case();
    let html = case.export().html();
    let links: Vec<&str> = html
        .match_indices("href=\"#report-chart-")
        .map(|(i, found)| html[i + found.len()..].split('"').next().unwrap())
        .collect();
    assert!(links.len() > 20, "{links:?}");
    for lane in links {
        assert!(
            html.contains(&format!("id=\"report-chart-{lane}\"")),
            "{lane}"
        );
    }
}

#[test]
fn markdown_with_images_has_every_image_that_it_names() {
    let case = case();
    let files = case.export().markdown_files();
    assert_eq!(files, case.export().markdown_files());
    assert_eq!(files[report::BUNDLE_FILE], BUNDLE);
    let text = String::from_utf8(files[report::REPORT_FILE].clone()).unwrap();
    let mut named = 0;
    for part in text.split("](charts/").skip(1) {
        let path = format!("charts/{}", part.split(')').next().unwrap());
        let image = files.get(&path).unwrap_or_else(|| panic!("{path}"));
        let is_png = path.rsplit('.').next() == Some("png");
        assert_eq!(image.starts_with(b"\x89PNG"), is_png, "{path}");
        if !is_png {
            let svg = std::str::from_utf8(image).unwrap();
            assert!(
                svg.starts_with("<svg xmlns=") && !svg.contains("var("),
                "{path}"
            );
        }
        named += 1;
    }
    assert_eq!(named + 2, files.len(), "every file is named");
}

#[test]
fn json_is_the_report_with_its_evidence() {
    let case = case();
    let text = case.export().json();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bundle = value["bundle"].as_str().unwrap();
    assert_eq!(BASE64_STANDARD.decode(bundle).unwrap(), BUNDLE);
    let report: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(report, case.report);
}

#[test]
fn the_pdf_is_the_same_to_the_byte_and_knows_its_parts() {
    let case = case();
    let printed = case.export().pdf().unwrap();
    assert_eq!(printed.bytes, case.export().pdf().unwrap().bytes);
    assert!(printed.bytes.starts_with(b"%PDF-1.7"));
    let found = printed
        .bytes
        .windows(BUNDLE.len())
        .filter(|w| *w == BUNDLE)
        .count();
    assert_eq!(found, 1, "the bundle is inside as it is");
    let parts: std::collections::BTreeSet<&str> =
        printed.parts.iter().flatten().map(String::as_str).collect();
    for figure in &case.report.figures {
        let name = format!("figure {}", figure.id);
        assert!(parts.contains(name.as_str()), "{name}");
    }
    for section in &case.report.sections {
        assert!(parts.contains(format!("section {}", section.id).as_str()));
    }
    assert!(parts.iter().any(|p| p.starts_with("chart ")));
}
