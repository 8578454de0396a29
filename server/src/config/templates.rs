//! Templates of postmortems: those of the program, and those of a team's own folder.

use report::templates::{TEMPLATE_FILE, Template, TemplateError, embedded};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Largest file of a template, bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// Why a folder of templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any template is.
    #[error("{}: {found} bytes are too many for a template: at most {MAX_BYTES}", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// Its size.
        found: u64,
    },
    /// What it says cannot be used.
    #[error("{}/{error}", folder.display())]
    Template {
        /// The folder of templates.
        folder: PathBuf,
        /// The file, the key, and what was expected.
        error: TemplateError,
    },
    /// The name of a template of the program.
    #[error("{}/{id}: a template of this name comes with Lineup: give yours another", folder.display())]
    Taken {
        /// The folder of templates.
        folder: PathBuf,
        /// The name.
        id: String,
    },
}

/// The templates of the program, then those of a folder by name.
pub(super) fn choices(folder: Option<&Path>) -> Result<Vec<Template>, FolderError> {
    let mut all = embedded();
    let Some(folder) = folder else {
        return Ok(all);
    };
    for path in listed(folder)? {
        let main = path.join(TEMPLATE_FILE);
        if !path.is_dir() || !main.is_file() {
            continue;
        }
        let id = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let id = id.unwrap_or_default();
        if all.iter().any(|t| t.id == id) {
            let folder = folder.to_owned();
            return Err(FolderError::Taken { folder, id });
        }
        let template = Template::read(&id, &files(&path)?).map_err(|error| {
            let folder = folder.to_owned();
            FolderError::Template { folder, error }
        })?;
        all.push(template);
    }
    Ok(all)
}

/// What is in a folder, by name.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let file = |source| FolderError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(file)? {
        paths.push(entry.map_err(file)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn files(folder: &Path) -> Result<BTreeMap<String, String>, FolderError> {
    let mut out = BTreeMap::new();
    for path in listed(folder)? {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        let markdown = path.extension().is_some_and(|e| e == "md");
        if !path.is_file() || !(markdown || name == TEMPLATE_FILE) {
            continue;
        }
        let error = |source| FolderError::File {
            path: path.clone(),
            source,
        };
        let found = fs::metadata(&path).map_err(error)?.len();
        if found > MAX_BYTES {
            return Err(FolderError::TooLarge { path, found });
        }
        out.insert(name, fs::read_to_string(&path).map_err(error)?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    const GOOD: &str = "name = \"Payments\"\n[[section]]\nid = \"summary\"\n";

    #[test]
    fn a_teams_templates_stand_behind_those_of_the_program() {
        let dir = folder(&[
            ("payments/template.toml", GOOD),
            ("payments/summary.md", "Words."),
            ("notes/readme.md", "no template"),
            ("file.toml", "x"),
        ]);
        let all = choices(Some(dir.path())).unwrap();
        let ids: Vec<&str> = all.iter().map(|t| t.id.as_str()).collect();
        assert_eq!(ids, ["default", "short", "executive", "payments"]);
        assert_eq!(all[3].sections[0].guide, "Words.");
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_key() {
        for (files, parts) in [
            (
                vec![("ours/template.toml", "nome = \"x\"")],
                vec!["ours/template.toml", "nome"],
            ),
            (
                vec![("ours/template.toml", GOOD), ("ours/impact.md", "x")],
                vec!["ours/impact.md"],
            ),
            (
                vec![("short/template.toml", GOOD)],
                vec!["short", "another"],
            ),
            (
                vec![("Our Own/template.toml", GOOD)],
                vec!["Our Own", "a-z"],
            ),
        ] {
            let dir = folder(&files);
            let error = choices(Some(dir.path())).unwrap_err().to_string();
            for part in parts {
                assert!(error.contains(part), "{part}: {error}");
            }
        }
        let error = choices(Some(Path::new("/nowhere"))).unwrap_err();
        assert!(error.to_string().starts_with("/nowhere: "));
    }
}
