//! Zip archives: hostile ones in, deterministic ones out.

use super::{
    BundleError,
    limits::{MAX_FILES, MAX_RATIO, MAX_ZIP_BYTES, RATIO_FREE_BYTES},
    path::{check_path, is_litter_below_top},
    tree::{Tree, too_large},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Reads the files of a zip; `name` is what the archive is called in messages.
pub(crate) fn read_tree<R: Read + Seek>(mut reader: R, name: &str) -> Result<Tree, BundleError> {
    let io = |e| BundleError::io(name, e);
    let size = reader.seek(SeekFrom::End(0)).map_err(io)?;
    if size > MAX_ZIP_BYTES {
        return Err(too_large(
            name,
            format!("{} MiB of zip", MAX_ZIP_BYTES >> 20),
        ));
    }
    if declared_entries(&mut reader, size).map_err(io)? > MAX_FILES as u64 * 2 {
        return Err(too_large(name, format!("{MAX_FILES} files in a bundle")));
    }
    reader.seek(SeekFrom::Start(0)).map_err(io)?;
    let broken = |e: &dyn std::fmt::Display| {
        BundleError::file(name, format!("a zip archive, found damage ({e})"))
    };
    let mut archive = ZipArchive::new(reader).map_err(|e| broken(&e))?;
    let start = archive.central_directory_start();
    let mut tree = Tree::default();
    for index in 0..archive.len() {
        let raw = archive.by_index_raw(index).map_err(|e| broken(&e))?;
        let Ok(path) = std::str::from_utf8(raw.name_raw()).map(str::to_owned) else {
            let shown = raw.name().to_owned();
            return Err(BundleError::file(&shown, "a file name in UTF-8"));
        };
        check_path(path.trim_end_matches('/'))?;
        if let Some(found) = raw.unix_mode().and_then(special) {
            let expected = format!("a file or a folder, found {found}");
            return Err(BundleError::file(&path, expected));
        }
        if raw.encrypted() {
            return Err(BundleError::file(&path, "a file without encryption"));
        }
        if path.ends_with('/') {
            continue;
        }
        let packed = raw.compressed_size();
        drop(raw);
        if is_litter_below_top(&path) {
            continue;
        }
        let entry = archive
            .by_index(index)
            .map_err(|e| BundleError::file(&path, format!("a file that unpacks ({e})")))?;
        tree.take_in(&path, Bounded::new(entry, packed))?;
    }
    // The zip library keeps the last of several entries of one name: look for that ourselves.
    let mut reader = archive.into_inner();
    if let Some(twice) = repeated_name(&mut reader, start).map_err(io)? {
        return Err(BundleError::file(&twice, "each name once, found it twice"));
    }
    tree.settle();
    Ok(tree)
}

/// What an entry is by its Unix mode (`st_mode` of POSIX), where that is neither a file nor a folder;
/// a mode without a type is a file's.
fn special(mode: u32) -> Option<&'static str> {
    match mode & 0o170_000 {
        0 | 0o100_000 | 0o040_000 => None,
        0o120_000 => Some("a link"),
        0o010_000 => Some("a pipe"),
        0o020_000 | 0o060_000 => Some("a device"),
        0o140_000 => Some("a socket"),
        _ => Some("neither"),
    }
}

/// A reader that ends with an error once a file has unpacked to more than the ratio allows.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R> Bounded<R> {
    fn new(inner: R, packed: u64) -> Self {
        let left = packed.saturating_mul(MAX_RATIO).max(RATIO_FREE_BYTES);
        Self { inner, left }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            let text = format!("{MAX_RATIO} times the packed size");
            io::Error::new(io::ErrorKind::FileTooLarge, text)
        })?;
        Ok(n)
    }
}

/// Number of entries that the end of the archive declares. Archives in the zip64 form declare
/// theirs elsewhere and count as too many: nothing within the limits needs that form.
fn declared_entries<R: Read + Seek>(reader: &mut R, size: u64) -> io::Result<u64> {
    const END: [u8; 4] = [0x50, 0x4b, 5, 6];
    let tail_len = size.min(65_557);
    reader.seek(SeekFrom::Start(size - tail_len))?;
    let mut tail = Vec::new();
    reader.by_ref().take(tail_len).read_to_end(&mut tail)?;
    // APPNOTE.TXT 4.3.16: the total number of entries is 10 bytes after the signature.
    let found = tail.windows(12).rev().find_map(|w| w.strip_prefix(&END));
    Ok(match found {
        Some(&[_, _, _, _, _, _, low, high]) => {
            let count = u64::from(u16::from_le_bytes([low, high]));
            if count == 0xffff { u64::MAX } else { count }
        }
        // No end at all: the zip library will say so.
        _ => 0,
    })
}

/// Walks the central directory (APPNOTE.TXT 4.3.12) and returns a name that stands there twice.
fn repeated_name<R: Read + Seek>(reader: &mut R, start: u64) -> io::Result<Option<String>> {
    const ENTRY: [u8; 4] = [0x50, 0x4b, 1, 2];
    reader.seek(SeekFrom::Start(start))?;
    let mut directory = io::BufReader::new(reader);
    let mut seen = BTreeSet::new();
    let mut head = [0_u8; 46];
    loop {
        match directory.read_exact(&mut head) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        if !head.starts_with(&ENTRY) {
            return Ok(None);
        }
        let length = |at: usize| match head.get(at..at + 2) {
            Some(&[low, high]) => u64::from(u16::from_le_bytes([low, high])),
            _ => 0,
        };
        let mut name = Vec::new();
        directory.by_ref().take(length(28)).read_to_end(&mut name)?;
        let rest = length(30) + length(32);
        io::copy(&mut directory.by_ref().take(rest), &mut io::sink())?;
        let shown = String::from_utf8_lossy(&name).into_owned();
        if !seen.insert(name) {
            return Ok(Some(shown));
        }
    }
}

/// Writes files as a zip: names in order, the same times, modes and compression always, so that
/// equal bundles are equal to the byte.
pub(crate) fn write_tree<W: Write + Seek>(
    files: &BTreeMap<String, Vec<u8>>,
    out: W,
) -> Result<(), BundleError> {
    let mut zip = ZipWriter::new(out);
    for (path, content) in files {
        add(&mut zip, path, content, method_for(path, content)?)?;
    }
    zip.finish()
        .map_err(|e| BundleError::io("zip", e.into()))?
        .flush()
        .map_err(|e| BundleError::io("zip", e))
}

fn add<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    path: &str,
    content: &[u8],
    method: CompressionMethod,
) -> Result<(), BundleError> {
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .compression_level(matches!(method, CompressionMethod::Deflated).then_some(6))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    zip.start_file(path, options)
        .map_err(|e| BundleError::io(path, e.into()))?;
    zip.write_all(content).map_err(|e| BundleError::io(path, e))
}

/// Deflated, unless that packs so well that the ratio limit would refuse it on the way back.
fn method_for(path: &str, content: &[u8]) -> Result<CompressionMethod, BundleError> {
    if content.len() as u64 <= RATIO_FREE_BYTES {
        return Ok(CompressionMethod::Deflated);
    }
    let mut trial = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut trial, path, content, CompressionMethod::Deflated)?;
    let packed = trial
        .finish()
        .map_err(|e| BundleError::io(path, e.into()))?
        .into_inner();
    let overhead = 2 * path.len() as u64 + 200;
    let packed = (packed.len() as u64).saturating_sub(overhead);
    Ok(if packed.saturating_mul(MAX_RATIO) < content.len() as u64 {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    })
}
