//! What can still be read of a bundle that is damaged: so much that somebody can say which figures the
//! damage touches.

use super::{limits::MAX_JSON_BYTES, tree::list_dir};
use model::report::Figures;
use std::{
    collections::BTreeSet,
    fs::File,
    io::{Read, Seek},
    path::Path,
};
use zip::ZipArchive;

/// The name of the figures' file.
const FIGURES: &str = "figures.json";

/// The names of a damaged bundle's files, and its figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Salvaged {
    /// Paths of the files that it lists.
    pub files: BTreeSet<String>,
    /// The figures as they were written; `None` where they cannot be read.
    pub figures: Option<Figures>,
}

impl Salvaged {
    /// Of a folder, or of a zip in a file; nothing where it is neither.
    pub fn of(path: &Path) -> Self {
        if !path.is_dir() {
            return File::open(path).map(Self::of_zip).unwrap_or_default();
        }
        let files = list_dir(path).unwrap_or_default();
        let figures = files.get(FIGURES).and_then(|full| File::open(full).ok());
        Self {
            files: files.into_keys().collect(),
            figures: figures.and_then(figures_in),
        }
    }

    /// Of a zip; nothing where even its list of files is damaged.
    pub fn of_zip<R: Read + Seek>(reader: R) -> Self {
        let Ok(mut archive) = ZipArchive::new(reader) else {
            return Self::default();
        };
        let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
        let inner = |name: &str| name == FIGURES || name.ends_with("/figures.json");
        let figures = names.iter().find(|name| inner(name));
        let figures = figures.and_then(|name| archive.by_name(name).ok().and_then(figures_in));
        Self {
            files: names.into_iter().collect(),
            figures,
        }
    }
}

fn figures_in(from: impl Read) -> Option<Figures> {
    serde_json::from_reader(from.take(MAX_JSON_BYTES)).ok()
}
