//! `manifest.json`: SHA-256 and length of every other file.

use super::{
    BundleError,
    lines::{line_with, syntax, text},
};
use model::bundle::sha256_hex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name of the manifest.
pub(crate) const FILE: &str = "manifest.json";
const SCHEMA: &str = "lineup.manifest/1";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    files: Vec<WrittenEntry<'a>>,
}

#[derive(Serialize)]
struct WrittenEntry<'a> {
    path: &'a str,
    length: u64,
    sha256: String,
}

/// What is accepted: entries as a list with paths, or as an object by path.
#[derive(Deserialize)]
struct Manifest {
    files: Entries,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entries {
    List(Vec<ListEntry>),
    Map(BTreeMap<String, Sum>),
}

#[derive(Deserialize)]
struct ListEntry {
    path: String,
    #[serde(flatten)]
    sum: Sum,
}

#[derive(Deserialize)]
struct Sum {
    sha256: String,
    length: u64,
}

/// The manifest of some files.
pub(crate) fn of(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, BundleError> {
    let manifest = Written {
        schema: SCHEMA,
        files: files
            .iter()
            .filter(|(path, _)| *path != FILE)
            .map(|(path, content)| WrittenEntry {
                path,
                length: content.len() as u64,
                sha256: sha256_hex(content),
            })
            .collect(),
    };
    let mut json = serde_json::to_vec_pretty(&manifest)
        .map_err(|e| BundleError::file(FILE, format!("a manifest that can be written ({e})")))?;
    json.push(b'\n');
    Ok(json)
}

/// Compares files with their manifest: each must be there, nothing else may be, and length and
/// SHA-256 must agree.
pub(crate) fn check(manifest: &[u8], files: &BTreeMap<String, Vec<u8>>) -> Result<(), BundleError> {
    let json = text(FILE, manifest)?;
    let parsed: Manifest =
        serde_json::from_str(json).map_err(|e| syntax(FILE, 1, "a manifest", &e))?;
    let sums: BTreeMap<String, Sum> = match parsed.files {
        Entries::List(list) => list.into_iter().map(|e| (e.path, e.sum)).collect(),
        Entries::Map(map) => map,
    };
    let line = |path: &str| line_with(json, path);
    for (path, sum) in &sums {
        let at = |expected: String| Err(BundleError::at(FILE, line(path), expected));
        let Some(content) = files.get(path) else {
            return at(format!("the file {path}, which is not in the bundle"));
        };
        if content.len() as u64 != sum.length {
            let (want, have) = (sum.length, content.len());
            return at(format!("{path} with {want} bytes, found {have}"));
        }
        let have = sha256_hex(content);
        if !have.eq_ignore_ascii_case(&sum.sha256) {
            let want: String = sum.sha256.chars().take(64).collect();
            return at(format!("{path} with SHA-256 {want}, found {have}"));
        }
    }
    match files
        .keys()
        .find(|path| *path != FILE && !sums.contains_key(*path))
    {
        None => Ok(()),
        Some(path) => {
            let expected = "a line in manifest.json, which names every file and not this one";
            Err(BundleError::file(path, expected))
        }
    }
}
