//! The files of a bundle by their path, taken from a folder or a zip under the limits.

use super::{
    BundleError,
    limits::{MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES},
    path::{check_path, is_litter, is_litter_below_top},
};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};

/// Files by path, and what has been spent of the limits.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    bytes: u64,
}

impl Tree {
    /// Takes a file in, reading no more of it than the limits leave.
    pub(crate) fn take_in(&mut self, path: &str, from: impl Read) -> Result<(), BundleError> {
        if self.files.len() >= MAX_FILES {
            return Err(too_large(path, format!("{MAX_FILES} files in a bundle")));
        }
        let left = MAX_TOTAL_BYTES.saturating_sub(self.bytes);
        let mut content = Vec::new();
        from.take(MAX_FILE_BYTES.min(left) + 1)
            .read_to_end(&mut content)
            .map_err(|e| unreadable(path, e))?;
        let size = content.len() as u64;
        if size > MAX_FILE_BYTES {
            return Err(too_large(path, mebibytes(MAX_FILE_BYTES, "a file")));
        }
        if size > left {
            return Err(too_large(path, mebibytes(MAX_TOTAL_BYTES, "a bundle")));
        }
        self.bytes += size;
        if self.files.insert(path.to_owned(), content).is_some() {
            return Err(BundleError::file(path, "each name once, found it twice"));
        }
        Ok(())
    }

    /// Removes one common top folder, where `incident.json` lies below it, and what turns out to be
    /// litter without it.
    pub(crate) fn settle(&mut self) {
        self.strip_top();
        self.files.retain(|path, _| !is_litter(path));
    }

    fn strip_top(&mut self) {
        if self.files.contains_key("incident.json") {
            return;
        }
        let Some(top) = self
            .files
            .keys()
            .next()
            .and_then(|path| path.split_once('/'))
            .map(|(top, _)| format!("{top}/"))
        else {
            return;
        };
        if self.files.contains_key(&format!("{top}incident.json"))
            && self.files.keys().all(|path| path.starts_with(&top))
        {
            self.files = std::mem::take(&mut self.files)
                .into_iter()
                .map(|(path, content)| (path.get(top.len()..).unwrap_or("").to_owned(), content))
                .collect();
        }
    }

    /// A folder with everything below it. Links are refused: they lead out of the bundle.
    pub(crate) fn from_dir(dir: &Path) -> Result<Self, BundleError> {
        let mut tree = Self::default();
        for (path, full) in list_dir(dir)? {
            let file = fs::File::open(&full).map_err(|e| BundleError::io(&path, e))?;
            tree.take_in(&path, file)?;
        }
        tree.settle();
        Ok(tree)
    }
}

/// Paths of the regular files below a folder, in order, litter left out.
pub(crate) fn list_dir(dir: &Path) -> Result<BTreeMap<String, std::path::PathBuf>, BundleError> {
    let mut found = BTreeMap::new();
    let mut todo = vec![(String::new(), dir.to_owned(), 0_usize)];
    while let Some((prefix, folder, depth)) = todo.pop() {
        let shown = folder.display().to_string();
        for entry in fs::read_dir(&folder).map_err(|e| BundleError::io(&shown, e))? {
            let entry = entry.map_err(|e| BundleError::io(&shown, e))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let name = name.to_string_lossy();
                return Err(BundleError::file(&name, "a file name in UTF-8"));
            };
            let path = format!("{prefix}{name}");
            if is_litter_below_top(&path) {
                continue;
            }
            check_path(&path)?;
            let kind = entry.file_type().map_err(|e| BundleError::io(&path, e))?;
            if kind.is_dir() {
                if depth >= MAX_DEPTH {
                    return Err(too_large(&path, format!("{MAX_DEPTH} folders deep")));
                }
                todo.push((format!("{path}/"), entry.path(), depth + 1));
            } else if kind.is_file() {
                found.insert(path.clone(), entry.path());
            } else {
                let found = if kind.is_symlink() {
                    "a link"
                } else {
                    "a pipe, a socket or a device"
                };
                let expected = format!("a file or a folder, found {found}");
                return Err(BundleError::file(&path, expected));
            }
            if found.len() + todo.len() > MAX_FILES {
                return Err(too_large(&path, format!("{MAX_FILES} files in a bundle")));
            }
        }
    }
    Ok(found)
}

pub(crate) fn too_large(file: &str, limit: String) -> BundleError {
    BundleError::TooLarge {
        file: file.to_owned(),
        line: None,
        limit,
    }
}

fn mebibytes(bytes: u64, of: &str) -> String {
    format!("{} MiB in {of}", bytes >> 20)
}

/// An error while unpacking: content that is not what the archive promised, or the disk.
fn unreadable(path: &str, error: io::Error) -> BundleError {
    match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => {
            BundleError::file(path, format!("a file that unpacks, found damage ({error})"))
        }
        io::ErrorKind::FileTooLarge => too_large(path, error.to_string()),
        _ => BundleError::io(path, error),
    }
}
