//! The bundle: the portable form of an incident (format and limits: `docs/bundle.md`).
//!
//! Whatever comes in is checked whole before anything of it is used; an error is one line that
//! names the file, the line and what was expected. What goes out is the same to the byte for equal
//! bundles, and reads back as an equal bundle.

mod archive;
mod check;
mod error;
mod evidence;
mod fields;
pub mod limits;
mod lines;
mod manifest;
mod merged;
mod path;
mod read;
mod salvage;
mod samples;
mod tree;
mod write;

pub use error::BundleError;
pub use evidence::{
    evidence_of, sharing_events, take_in, with_file, without_derived, without_events_of,
};
pub(crate) use lines::text;
pub(crate) use path::is_id;
pub use salvage::Salvaged;
pub(crate) use samples::{is_header, parse as parse_samples};

use model::{Bundle, Event, Samples};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Seek, Write},
    path::Path,
};
use tree::Tree;

/// Files by their path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads one `timestamp,value` file; `name` is what errors call it. A last line that breaks off is
/// left out.
///
/// # Errors
/// Names the line and what was expected.
pub fn read_samples(name: &str, content: &[u8]) -> Result<Samples, BundleError> {
    Ok(parse_samples(name, text(name, content)?, limits::MAX_SAMPLES)?.samples)
}

/// Reads an `events.jsonl` that stands alone.
///
/// # Errors
/// Names the line and what was expected; nothing is read unless all of it is good.
pub fn read_events(content: &[u8]) -> Result<Vec<Event>, BundleError> {
    read::events(&mut read::Files::from([(
        "events.jsonl".to_owned(),
        content.to_vec(),
    )]))
}

/// A bundle as it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The bundle.
    pub bundle: Bundle,
    /// Whether a manifest vouches for each of its files. Every export has one; what is made by hand may
    /// have none, and then nobody can tell that a byte of it was changed.
    pub has_manifest: bool,
}

impl Found {
    fn of(tree: Tree) -> Result<Self, BundleError> {
        Ok(Self {
            has_manifest: tree.files.contains_key(manifest::FILE),
            bundle: read::bundle(tree)?,
        })
    }
}

/// Reads a bundle from a folder or a zip.
pub fn read(path: &Path) -> Result<Bundle, BundleError> {
    find(path).map(|found| found.bundle)
}

/// Reads a bundle from a zip.
pub fn read_zip<R: Read + Seek>(reader: R) -> Result<Bundle, BundleError> {
    find_zip(reader).map(|found| found.bundle)
}

/// Like [`read()`]; says whether there was a manifest to hold it to.
///
/// # Errors
/// As [`read()`].
pub fn find(path: &Path) -> Result<Found, BundleError> {
    let shown = path.display().to_string();
    let meta = fs::metadata(path).map_err(|e| BundleError::io(&shown, e))?;
    if meta.is_dir() {
        return Found::of(Tree::from_dir(path)?);
    }
    let file = fs::File::open(path).map_err(|e| BundleError::io(&shown, e))?;
    Found::of(archive::read_tree(file, &shown)?)
}

/// Like [`read_zip`]; says whether there was a manifest to hold it to.
///
/// # Errors
/// As [`read_zip`].
pub fn find_zip<R: Read + Seek>(reader: R) -> Result<Found, BundleError> {
    Found::of(archive::read_tree(reader, "zip")?)
}

/// Reads the files of any zip under the limits of a bundle's; `name` is what errors call it.
///
/// # Errors
/// Says what is damaged, hostile or too large.
pub fn read_files<R: Read + Seek>(reader: R, name: &str) -> Result<Files, BundleError> {
    Ok(archive::read_tree(reader, name)?.files)
}

/// Writes files as a zip. Equal files give equal bytes.
///
/// # Errors
/// Only what `out` reports.
pub fn write_files<W: Write + Seek>(files: &Files, out: W) -> Result<(), BundleError> {
    archive::write_tree(files, out)
}

/// Writes a bundle as a zip, `manifest.json` included. Equal bundles give equal bytes.
pub fn write_zip<W: Write + Seek>(bundle: &Bundle, out: W) -> Result<(), BundleError> {
    archive::write_tree(&write::files(bundle)?, out)
}

/// Writes a bundle as a folder, `manifest.json` included. The folder is made where it is missing;
/// one that holds other files than this bundle's is refused, since it would be another bundle.
pub fn write_dir(bundle: &Bundle, dir: &Path) -> Result<(), BundleError> {
    let files = write::files(bundle)?;
    fs::create_dir_all(dir).map_err(|e| BundleError::io(dir.display().to_string(), e))?;
    let skipped = |p: &str| path::is_litter(p) || path::is_dotted_samples(p);
    if let Some(other) = tree::list_dir(dir)?
        .keys()
        .find(|p| !files.contains_key(*p) && !skipped(p))
    {
        let expected = "an empty folder or an earlier copy of this bundle, found this file";
        let shown = dir.join(other).display().to_string();
        return Err(BundleError::file(&shown, expected));
    }
    for (path, content) in &files {
        let full = dir.join(path);
        let io = |e| BundleError::io(full.display().to_string(), e);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(io)?;
        }
        fs::write(&full, content).map_err(io)?;
    }
    Ok(())
}
