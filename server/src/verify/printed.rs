//! Where a PDF is not what the evidence gives: by the object of the changed byte, and where that is a
//! page, by the part of the report that stands there.

use flate2::read::ZlibDecoder;
use report::Printed;
use std::io::Read;
use std::ops::Range;

/// One line that names the first place where the bytes differ; none where they are the same.
pub(super) fn differences(written: &[u8], now: &Printed) -> Vec<String> {
    if written == now.bytes {
        return Vec::new();
    }
    if let Some(surplus) = super::behind(written, &now.bytes) {
        return vec![surplus];
    }
    let common = written.iter().zip(&now.bytes);
    let at = common.take_while(|(a, b)| a == b).count();
    vec![format!(
        "{}: is not what the evidence gives (byte {at})",
        name(written, now, at)
    )]
}

fn name(written: &[u8], now: &Printed, at: usize) -> String {
    let bytes = now.bytes.as_slice();
    let Some(object) = object_at(bytes, at) else {
        return "the frame of the PDF".to_owned();
    };
    let body = bytes.get(object.clone()).unwrap_or_default();
    let (head, stream) = parts(body);
    let head = String::from_utf8_lossy(head).into_owned();
    if head.contains("/EmbeddedFile") {
        return "the evidence inside".to_owned();
    }
    let number = number_of(bytes, object.start);
    if let (Some(page), Some(stream)) = (page_of(bytes, number), stream) {
        let theirs = written.get(object.clone()).map(parts).and_then(|(_, s)| s);
        let part = theirs.and_then(|theirs| part_of(now, page, stream, theirs));
        return match part {
            Some(part) => format!("{part} (page {})", page + 1),
            None => format!("page {}", page + 1),
        };
    }
    let what = [
        ("/FontFile", "a typeface"),
        ("/Type/Font", "a typeface"),
        ("/StructElem", "the structure"),
        ("/Annot", "a link"),
        ("/Outlines", "the bookmarks"),
        ("/Metadata", "the description of the document"),
        ("/Title", "a title or bookmark"),
        ("/Type/Page", "a page"),
    ];
    let dense: String = head.chars().filter(|c| !c.is_whitespace()).collect();
    let found = what.iter().find(|(mark, _)| dense.contains(mark));
    let what = found.map_or("an object", |(_, what)| what);
    format!("{what} of the PDF (object {number})")
}

/// The object that holds a byte: from its number to its end.
fn object_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let before = bytes.get(..at)?;
    let mark = b" 0 obj";
    let begin = rfind(before, mark)?;
    let line = bytes.get(..begin)?.iter().rposition(|b| *b == b'\n')? + 1;
    let end = line + find(bytes.get(line..)?, b"endobj")?;
    (end >= at).then_some(line..end)
}

fn number_of(bytes: &[u8], begin: usize) -> usize {
    let digits = bytes.get(begin..).unwrap_or_default();
    let digits = digits.iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n, b| n * 10 + usize::from(b - b'0'))
}

/// The dictionary of an object, and its stream.
fn parts(body: &[u8]) -> (&[u8], Option<&[u8]>) {
    match find(body, b"stream\n") {
        Some(at) => {
            let (head, stream) = body.split_at(at);
            (head, stream.get(b"stream\n".len()..))
        }
        None => (body, None),
    }
}

/// Which page an object is the content of, counted from 0. Pages stand in the file in their order.
fn page_of(bytes: &[u8], number: usize) -> Option<usize> {
    let mut rest = bytes;
    let mut page = 0;
    while let Some(at) = find(rest, b"/Contents ") {
        rest = rest.get(at + b"/Contents ".len()..)?;
        // Links have contents too: a text in brackets.
        if rest.first().is_some_and(u8::is_ascii_digit) {
            if number_of(rest, 0) == number {
                return Some(page);
            }
            page += 1;
        }
    }
    None
}

/// The part of the report at the first difference of a page's content. What is damaged beyond
/// unpacking is compared as far as it goes.
fn part_of(now: &Printed, page: usize, ours: &[u8], theirs: &[u8]) -> Option<String> {
    let (ours, theirs) = (unpacked(ours), unpacked(theirs));
    let common = ours.iter().zip(&theirs);
    let at = common.take_while(|(a, b)| a == b).count();
    let before = ours.get(..at)?;
    let mark = b"/MCID ";
    let found = rfind(before, mark)?;
    let number = number_of(before, found + mark.len());
    now.parts.get(page)?.get(number).cloned()
}

fn unpacked(stream: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    // An error ends it: what came before is there.
    let _ = ZlibDecoder::new(stream)
        .take(64 << 20)
        .read_to_end(&mut out);
    out
}

pub(super) fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|w| w == mark)
}

fn rfind(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).rposition(|w| w == mark)
}
