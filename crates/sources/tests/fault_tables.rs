//! The tables of faults in `docs/faults/` name tests that exist: each row is a test.

#![expect(
    clippy::unwrap_used,
    reason = "a folder that cannot be read is a failed test, in helpers as well"
)]

use std::{collections::BTreeMap, fs, path::Path};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Every Rust file below a folder, by its path from the root.
fn rust_files(folder: &str, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            rust_files(&path, into);
        } else if is_rust(&path) {
            into.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "rs")
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// Whether a file has a test of that name; `…` before it stands for the beginning of the name.
fn has_test(text: &str, name: &str) -> bool {
    let end = name.trim_start_matches(['…', '_']);
    let whole = end == name;
    let name = end.rsplit("::").next().unwrap_or(end);
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        // A function, or a name that is handed to the macro which makes one.
        let begins = if whole {
            text[..at].ends_with("fn ") || text[..at].ends_with("    ")
        } else {
            before == Some('_')
        };
        let after = text[at + name.len()..].chars().next();
        begins && matches!(after, Some('(' | ':'))
    })
}

#[test]
fn every_row_of_every_table_of_faults_names_a_test_that_exists() {
    let mut files = BTreeMap::new();
    for folder in [
        "crates/sources/src",
        "crates/sources/tests",
        "crates/store/src",
        "crates/store/tests",
        "server/src",
        "server/tests",
    ] {
        rust_files(folder, &mut files);
    }
    let mut rows = 0;
    for table in fs::read_dir(root().join("docs/faults")).unwrap() {
        let table = table.unwrap().path();
        let shown = table.file_name().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(&table).unwrap().lines() {
            let is_row = line.starts_with("| ") && !line.starts_with("| ---");
            let Some(cell) = line.trim_end_matches([' ', '|']).rsplit('|').next() else {
                continue;
            };
            if !is_row || cell.trim() == "test" {
                continue;
            }
            let (paths, names): (Vec<&str>, Vec<&str>) =
                quoted(cell).into_iter().partition(|word| is_rust(word));
            assert!(!names.is_empty(), "{shown}: no test in the row {line}");
            for path in &paths {
                let known = files.keys().any(|file| file.ends_with(path));
                assert!(known, "{shown}: no file {path}, in the row {line}");
            }
            for name in names {
                let found = files.values().any(|text| has_test(text, name));
                assert!(found, "{shown}: no test {name}, in the row {line}");
            }
            rows += 1;
        }
    }
    assert!(rows > 120, "only {rows} rows were read");
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    let text = "    #[test]\n    fn it_works() {}\n    part_8: 1..2;\n    // it_fails(\n";
    assert!(has_test(text, "it_works") && has_test(text, "module::it_works"));
    assert!(has_test(text, "…_works") && has_test(text, "_8"));
    assert!(!has_test(text, "it_fails") && !has_test(text, "works"));
}
