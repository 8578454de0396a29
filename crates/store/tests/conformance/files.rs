//! Stories of raw files that are read again.

use super::{
    place::{Place, stories},
    sample::{batch, edge, event, id, incident, provenance, series},
};
use model::{Batch, bundle::RawFile};
use store::{Said, StoreError};

fn file(timezone: Option<&str>) -> RawFile {
    RawFile {
        path: "files/a.log".into(),
        timezone: timezone.map(str::to_owned),
        content: vec![1, 2, 3],
        ..RawFile::default()
    }
}

/// What a reading of the file gave.
fn reading(timezone: Option<&str>, names: &[&str], lines: &[u32]) -> Batch {
    let mut provenance = provenance("files/a.log");
    provenance.query = "files/a.log".into();
    provenance.series = names.iter().map(|n| (*n).to_owned()).collect();
    let lines = lines
        .iter()
        .map(|n| event(&format!("files/a.log#{n}"), "line"));
    Batch {
        provenance,
        series: names
            .iter()
            .map(|n| series(n, &[(0, 1.0), (1_500, 2.0)]))
            .collect(),
        events: lines.collect(),
        topology: vec![edge("pod", "fs")],
        files: vec![file(timezone)],
    }
}

/// Bytes that are different wherever a piece of a file may begin.
fn bytes(seed: u8, n: usize) -> Vec<u8> {
    let byte = |i: usize| (i.wrapping_mul(2_654_435_761) >> 16) as u8 ^ seed;
    (0..n).map(byte).collect()
}

async fn a_file_of_any_size_comes_back_byte_for_byte(place: &Place) {
    const MIB: usize = 1 << 20;
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    let sizes = [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB, 5 * MIB / 2];
    let mut files: Vec<RawFile> = Vec::new();
    for (seed, size) in (1_u8..).zip(sizes) {
        files.push(RawFile {
            path: format!("files/{seed}"),
            content: bytes(seed, size),
            ..RawFile::default()
        });
    }
    let whole = Batch {
        files: files.clone(),
        ..Batch::default()
    };
    store.add_batch(&id(1), &whole).await.unwrap();
    // Not `assert_eq!`: nobody reads megabytes of bytes.
    assert!(store.files(&id(1)).await.unwrap() == files);
    let list = store.file_list(&id(1)).await.unwrap();
    let told: Vec<u64> = list.iter().map(|(_, bytes)| *bytes).collect();
    assert_eq!(told, sizes.map(|size| size as u64));

    for file in &files {
        let one = store.file(&id(1), &file.path).await.unwrap();
        assert!(one.as_ref() == Some(file), "{}", file.path);
    }
    assert!(store.file(&id(1), "files/none").await.unwrap().is_none());
    assert!(store.file(&id(2), "files/1").await.unwrap().is_none());

    // A shorter one in the place of a longer one leaves nothing of it behind.
    files[5].content = bytes(99, MIB + 7);
    files[6].content = bytes(98, 3);
    let again = Batch {
        files: files[5..].to_vec(),
        ..Batch::default()
    };
    store.add_batch(&id(1), &again).await.unwrap();
    assert!(store.files(&id(1)).await.unwrap() == files);

    let said = Said {
        files: &files,
        ..Said::default()
    };
    store
        .import_whole(&incident(2), &[Batch::default()], said)
        .await
        .unwrap();
    assert!(store.files(&id(2)).await.unwrap() == files);
    assert!(store.delete_incident(&id(2)).await.unwrap());
    let parts = place.number("SELECT COUNT(*) FROM file_parts").await;
    assert_eq!(parts, 2);
}

async fn a_file_that_is_read_again_takes_its_own_place(place: &Place) {
    let store = place.open().await;
    store.create_incident(&incident(1)).await.unwrap();
    store.add_batch(&id(1), &batch()).await.unwrap();
    let others = store.evidence(&id(1)).await.unwrap().unwrap();
    let mut alike = reading(None, &["both", "old"], &[1, 2]);
    alike
        .events
        .push(event("files/a.log#b#7", "another file's"));
    alike.events.push(event("files/a-log#7", "a third's"));
    store.add_batch(&id(1), &alike).await.unwrap();
    let mut elsewhere = provenance("elsewhere");
    elsewhere.series = vec!["both".into()];
    let shared = Batch {
        provenance: elsewhere,
        ..Batch::default()
    };
    store.add_batch(&id(1), &shared).await.unwrap();

    let new = reading(Some("UTC"), &["new"], &[2, 3]);
    store
        .replace_files(&id(1), &[("files/a.log", &new)])
        .await
        .unwrap();
    let now = store.evidence(&id(1)).await.unwrap().unwrap();
    let names: Vec<_> = now.series.iter().map(|s| s.meta.id.as_str()).collect();
    assert!(names.contains(&"new") && names.contains(&"both") && !names.contains(&"old"));
    for kept in &others.series {
        assert!(now.series.contains(kept), "{}", kept.meta.id);
    }
    for (gone, id) in [
        (true, "files/a.log#1"),
        (false, "files/a.log#2"),
        (false, "files/a.log#3"),
        (false, "files/a.log#b#7"),
        (false, "files/a-log#7"),
        (false, "e1"),
    ] {
        assert_eq!(now.event(id).is_none(), gone, "{id}");
    }
    let of_file = now.provenance.iter().filter(|p| p.query == "files/a.log");
    assert_eq!(of_file.collect::<Vec<_>>(), [&new.provenance]);
    // No chunk outlives its series.
    let chunks = "SELECT COUNT(*) FROM chunks WHERE series NOT IN (SELECT id FROM series)";
    assert_eq!(place.number(chunks).await, 0);

    let list = store.file_list(&id(1)).await.unwrap();
    let listed = RawFile {
        content: Vec::new(),
        ..file(Some("UTC"))
    };
    assert!(list.contains(&(listed, 3)));
    assert_eq!(list.len(), 2);
    // The same again changes nothing.
    store
        .replace_files(&id(1), &[("files/a.log", &new)])
        .await
        .unwrap();
    assert_eq!(store.evidence(&id(1)).await.unwrap().unwrap(), now);
}

async fn nothing_goes_unless_the_new_comes(place: &Place) {
    let store = place.open().await;
    let new = reading(None, &["new"], &[1]);
    let refused = store.replace_files(&id(1), &[("files/a.log", &new)]).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    store.add_batch(&id(1), &new).await.unwrap();
    let before = store.evidence(&id(1)).await.unwrap();
    let mut bad = reading(None, &["other"], &[2]);
    bad.events.push(event("", "without an id"));
    let refused = store
        .replace_files(&id(1), &[("files/b.log", &new), ("files/a.log", &bad)])
        .await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.evidence(&id(1)).await.unwrap(), before);
}

stories!(
    a_file_of_any_size_comes_back_byte_for_byte,
    a_file_that_is_read_again_takes_its_own_place,
    nothing_goes_unless_the_new_comes,
);
