//! What a file is that is to be verified, and the bundle that it carries.

use super::{VerifyError, ends, printed};
use crate::cli::Format;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use std::io::Cursor;

/// What the carrier of the evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A bundle as a zip.
    Bundle,
    /// An export.
    Export(Format),
}

/// What a file is, by its content; `None` where it is neither a bundle nor an export.
pub fn of(bytes: &[u8]) -> Option<Carrier> {
    let start = bytes.get(..4_096.min(bytes.len())).unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(b"PK") {
        let own = own(Format::MdZip, bytes);
        let files = sources::bundle::read_files(Cursor::new(own), "zip");
        let is_markdown = files.is_ok_and(|files| {
            files.contains_key(report::REPORT_FILE) && !files.contains_key("incident.json")
        });
        return Some(if is_markdown {
            Carrier::Export(Format::MdZip)
        } else {
            Carrier::Bundle
        });
    }
    if start.starts_with(b"%PDF-") {
        return Some(Carrier::Export(Format::Pdf));
    }
    let lower = text.get(..15.min(text.len())).unwrap_or_default();
    if lower.eq_ignore_ascii_case("<!doctype html>") || text.starts_with("<html") {
        return Some(Carrier::Export(Format::Html));
    }
    if text.starts_with('{') {
        return Some(Carrier::Export(Format::Json));
    }
    text.starts_with('#').then_some(Carrier::Export(Format::Md))
}

/// The bundle inside of an export, as a zip; `None` where it carries none.
///
/// # Errors
/// Where there is one that cannot be taken out.
pub fn bundle_in(format: Format, bytes: &[u8]) -> Result<Option<Vec<u8>>, VerifyError> {
    let bytes = own(format, bytes);
    match format {
        Format::Html => in_html(bytes),
        Format::Json => in_json(bytes),
        Format::Md => Ok(None),
        Format::MdZip => {
            let mut files = sources::bundle::read_files(Cursor::new(bytes), "export")?;
            Ok(files.remove(report::BUNDLE_FILE))
        }
        Format::Pdf => Ok(in_pdf(bytes)),
    }
}

/// The bytes up to the end of an export.
fn own(format: Format, bytes: &[u8]) -> &[u8] {
    bytes.get(..ends::of(format, bytes)).unwrap_or(bytes)
}

fn damaged(reason: &str) -> VerifyError {
    VerifyError::Damaged(format!(
        "the evidence inside: expected a bundle in base64, found damage ({reason})"
    ))
}

fn in_html(bytes: &[u8]) -> Result<Option<Vec<u8>>, VerifyError> {
    let mark = b"id=\"lineup-bundle\">";
    let Some(at) = printed::find(bytes, mark) else {
        return Ok(None);
    };
    let rest = bytes.get(at + mark.len()..).unwrap_or_default();
    let end = rest.iter().position(|b| *b == b'<').unwrap_or(rest.len());
    let text = rest.get(..end).unwrap_or_default();
    let decoded = BASE64_STANDARD.decode(text);
    decoded.map(Some).map_err(|e| damaged(&e.to_string()))
}

#[derive(Deserialize)]
struct WithBundle {
    #[serde(default)]
    bundle: Option<String>,
}

fn in_json(bytes: &[u8]) -> Result<Option<Vec<u8>>, VerifyError> {
    let found: WithBundle = serde_json::from_slice(bytes)
        .map_err(|e| VerifyError::Damaged(format!("the JSON: expected a report, found {e}")))?;
    let decoded = found.bundle.map(|text| BASE64_STANDARD.decode(text));
    decoded.transpose().map_err(|e| damaged(&e.to_string()))
}

/// The attached file, which stands in the PDF as it is. A PDF that another program wrote anew is no
/// longer the export, and may have packed it.
fn in_pdf(bytes: &[u8]) -> Option<Vec<u8>> {
    let at = printed::find(bytes, b"/EmbeddedFile")?;
    let rest = bytes.get(at..)?;
    let mark = b"stream\n";
    let begin = printed::find(rest, mark)? + mark.len();
    let rest = rest.get(begin..)?;
    let end = printed::find(rest, b"\nendstream")?;
    rest.get(..end).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_content() {
        for (bytes, what) in [
            (&b"%PDF-1.7\n"[..], Some(Carrier::Export(Format::Pdf))),
            (
                b"<!DOCTYPE html>\n<html>",
                Some(Carrier::Export(Format::Html)),
            ),
            (b"{\"title\":\"x\"}", Some(Carrier::Export(Format::Json))),
            (b"# Title\n", Some(Carrier::Export(Format::Md))),
            (b"PK\x03\x04 torn", Some(Carrier::Bundle)),
            (b"timestamp,value\n", None),
            (b"", None),
        ] {
            assert_eq!(of(bytes), what, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_is_inside_comes_out_and_damage_is_named() {
        let html = |data: &str| format!("<p></p><script id=\"lineup-bundle\">{data}</script>");
        let out = bundle_in(Format::Html, html("UEsDBA==").as_bytes()).unwrap();
        assert_eq!(out.as_deref(), Some(&b"PK\x03\x04"[..]));
        let torn = bundle_in(Format::Html, html("UEsDBA=*").as_bytes()).unwrap_err();
        assert!(
            torn.to_string().starts_with("the evidence inside:"),
            "{torn}"
        );
        assert_eq!(bundle_in(Format::Html, b"<p></p>").unwrap(), None);
        let out = bundle_in(Format::Json, b"{\"bundle\":\"UEsDBA==\"}").unwrap();
        assert_eq!(out.as_deref(), Some(&b"PK\x03\x04"[..]));
    }
}
