//! Where a file ends that is to be verified: whatever follows is none of it, however a browser or a
//! reader of zips passes over it.

use super::printed::find;
use crate::cli::Format;

/// Bytes of an end of central directory without its comment (APPNOTE.TXT 4.3.16).
const ZIP_END: usize = 22;
/// Bytes of the head of a file in a zip without its names (APPNOTE.TXT 4.3.7).
const ZIP_HEAD: usize = 30;

/// How many bytes belong to an export; all of them where no end can be told.
pub(super) fn of(format: Format, bytes: &[u8]) -> usize {
    let end = match format {
        Format::Html => end_of(bytes, &[b"</html>"]),
        // An update that is written behind has an end of its own: the first one counts.
        Format::Pdf => end_of(bytes, &[b"startxref", b"%%EOF"]),
        Format::MdZip => zip_end(bytes).map(|(_, end)| end),
        Format::Json => {
            let mut values =
                serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
            let read = values.next().is_some_and(|value| value.is_ok());
            read.then(|| with_line_end(bytes, values.byte_offset()))
        }
        Format::Md => None,
    };
    end.unwrap_or(bytes.len())
}

/// What a reader of zips passes over: bytes behind the archive, before it, or between its files; and
/// comments, which nothing vouches for.
pub fn around_zip(bytes: &[u8]) -> Option<String> {
    let (begin, end) = zip_end(bytes)?;
    if bytes.len() > end {
        return Some(after_the_end(bytes.len() - end));
    }
    let directory = begin.get(12..20)?;
    let size = number(directory.get(..4)?);
    let offset = number(directory.get(4..)?);
    let start = bytes.len() - begin.len();
    if begin.len() > ZIP_END {
        return Some("the archive itself: a comment, which nothing vouches for".to_owned());
    }
    let contiguous = offset + size == start && is_filled(bytes.get(..offset)?);
    (!contiguous).then(|| "the archive itself: bytes that belong to none of its files".to_owned())
}

/// One line that says how much there is too much.
pub(super) fn after_the_end(surplus: usize) -> String {
    let what = model::words::count(surplus, "byte");
    format!("after the end: {what} that the evidence does not give")
}

/// The end of the archive's directory with its comment, and where it ends. Of several the last: an
/// archive may hold others.
fn zip_end(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let mut until = bytes.len();
    while let Some(at) = bytes
        .get(..until)?
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")
    {
        let end = bytes.get(at..)?;
        if let Some(comment) = end.get(ZIP_END - 2..ZIP_END).map(number)
            && let Some(own) = end.get(..ZIP_END + comment)
        {
            return Some((own, at + own.len()));
        }
        until = at + 3;
    }
    None
}

/// Whether files stand one after another up to the end. Where their lengths stand behind them, as
/// programs write that cannot go back, nothing is said against it.
fn is_filled(files: &[u8]) -> bool {
    let mut rest = files;
    while !rest.is_empty() {
        let (Some(head), true) = (rest.get(..ZIP_HEAD), rest.starts_with(b"PK\x03\x04")) else {
            return false;
        };
        let at = |from: usize, to: usize| number(head.get(from..to).unwrap_or_default());
        if at(6, 8) & 8 != 0 {
            return true;
        }
        let length = ZIP_HEAD + at(26, 28) + at(28, 30) + at(18, 22);
        let Some(next) = rest.get(length..) else {
            return false;
        };
        rest = next;
    }
    true
}

fn number(bytes: &[u8]) -> usize {
    let digits = bytes.iter().rev();
    digits.fold(0, |n, byte| (n << 8) | usize::from(*byte))
}

/// Behind marks that follow each other, with the end of that line.
fn end_of(bytes: &[u8], marks: &[&[u8]]) -> Option<usize> {
    let mut at = 0;
    for mark in marks {
        at += find(bytes.get(at..)?, mark)? + mark.len();
    }
    Some(with_line_end(bytes, at))
}

fn with_line_end(bytes: &[u8], at: usize) -> usize {
    at + usize::from(bytes.get(at) == Some(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_file_ends_where_its_format_says() {
        for (format, own, surplus) in [
            (Format::Html, "<html></html>\n", "<script></script></html>"),
            (Format::Html, "<html></html>", " "),
            (
                Format::Pdf,
                "%PDF startxref\n7\n%%EOF",
                "\n1 0 obj startxref\n9\n%%EOF",
            ),
            (Format::Json, "{\"a\":[1]}\n", "{}"),
            (Format::Md, "# a\n", ""),
            (Format::Html, "<html>", ""),
            (Format::Json, "{\"a\":", ""),
        ] {
            let whole = format!("{own}{surplus}");
            let line = usize::from(format == Format::Pdf && surplus.starts_with('\n'));
            assert_eq!(of(format, whole.as_bytes()), own.len() + line, "{whole}");
        }
    }

    #[test]
    fn nothing_stands_around_the_files_of_a_zip() {
        let files = ["a.txt", "b.txt"].map(|name| (name.to_owned(), name.repeat(9).into_bytes()));
        let mut zip = Cursor::new(Vec::new());
        sources::bundle::write_files(&files.into(), &mut zip).unwrap();
        let zip = zip.into_inner();
        assert_eq!(around_zip(&zip), None);
        assert_eq!(of(Format::MdZip, &zip), zip.len());
        // More than a reader looks back for the end of an archive.
        for surplus in [1, 70_000] {
            let long = [zip.as_slice(), &vec![7; surplus]].concat();
            assert_eq!(of(Format::MdZip, &long), zip.len());
            assert!(around_zip(&long).unwrap().starts_with("after the end: "));
        }
        let mut comment = [zip.as_slice(), b"hello"].concat();
        comment[zip.len() - 2] = 5;
        assert!(around_zip(&comment).unwrap().contains("a comment"));
        let before = [b"PK".as_slice(), &zip].concat();
        assert!(around_zip(&before).unwrap().contains("none of its files"));
        assert_eq!(around_zip(b"PK\x03\x04 torn"), None);
    }
}
