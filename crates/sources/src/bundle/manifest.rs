//! `manifest.json`: SHA-256 and length of every other file.

use super::{
    BundleError,
    lines::{line_with, syntax, text},
    path::is_dotted_samples,
    samples::shorten,
};
use model::bundle::sha256_hex;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

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
    #[serde(default)]
    schema: Value,
    files: Entries,
}

/// Entries in their order, a path that stands twice twice.
struct Entries(Vec<(String, Sum)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("'files' as a list of objects with path, length and sha256, or as an object by path")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Entries, A::Error> {
                let mut all = Vec::new();
                while let Some(ListEntry { path, sum }) = seq.next_element()? {
                    all.push((path, sum));
                }
                Ok(Entries(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Entries(all))
            }
        }
        d.deserialize_any(Either)
    }
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

/// Compares the other files with their manifest: each must be there, nothing else may be (what systems
/// leave behind is taken out), and length and SHA-256 must agree.
pub(crate) fn check(
    manifest: &[u8],
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), BundleError> {
    let json = text(FILE, manifest)?;
    let parsed: Manifest =
        serde_json::from_str(json).map_err(|e| syntax(FILE, 1, "a manifest", &e))?;
    if parsed.schema != SCHEMA {
        let found = match parsed.schema {
            Value::Null => "none".to_owned(),
            other => shorten(&other.to_string()),
        };
        let expected = format!("schema \"{SCHEMA}\", found {found}");
        return Err(BundleError::at(
            FILE,
            line_with(json, "\"schema\""),
            expected,
        ));
    }
    let line = |path: &str| line_with(json, path);
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for (path, sum) in parsed.files.0 {
        if sums.contains_key(&path) {
            let quoted = format!("\"{path}\"");
            let mut at = json
                .lines()
                .zip(1..)
                .filter(|(text, _)| text.contains(&quoted));
            let second = at.nth(1).map_or(line(&path), |(_, number)| number);
            let expected = format!("each file once, found {} twice", shorten(&path));
            return Err(BundleError::at(FILE, second, expected));
        }
        sums.insert(path, sum);
    }
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
    files.retain(|path, _| sums.contains_key(path) || !is_dotted_samples(path));
    match files.keys().find(|path| !sums.contains_key(*path)) {
        None => Ok(()),
        Some(path) => {
            let expected = "a line in manifest.json, which names every file and not this one";
            Err(BundleError::file(path, expected))
        }
    }
}
