//! The corpora of the fuzz targets, replayed: hostile and ordinary inputs, those that once broke a
//! parser among them, go through the same entry functions as in `make fuzz`.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared with the fuzz targets, which are another workspace"
)]

#[path = "../../../fuzz/entries.rs"]
mod entries;

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn every_input_of_every_corpus_goes_through_its_parser() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut inputs = 0;
    for (name, entry) in entries::TARGETS {
        let folder = fs::read_dir(corpora.join(name))
            .unwrap_or_else(|e| panic!("the corpus of {name}: {e}"));
        let before = inputs;
        for input in folder {
            entry(&fs::read(input.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > before, "the corpus of {name} is empty");
    }
}

#[test]
fn every_target_has_its_file_and_every_file_its_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let files: BTreeSet<String> = fs::read_dir(targets)
        .unwrap()
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let names = entries::TARGETS.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), files);
}
