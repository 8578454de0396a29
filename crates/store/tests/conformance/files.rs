//! Stories of raw files that are read again.

use super::{
    place::{Place, stories},
    sample::{batch, edge, event, id, incident, provenance, series},
};
use model::{Batch, bundle::RawFile};
use store::StoreError;

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
        .replace_file(&id(1), "files/a.log", &new)
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
        .replace_file(&id(1), "files/a.log", &new)
        .await
        .unwrap();
    assert_eq!(store.evidence(&id(1)).await.unwrap().unwrap(), now);
}

async fn nothing_goes_unless_the_new_comes(place: &Place) {
    let store = place.open().await;
    let new = reading(None, &["new"], &[1]);
    let refused = store.replace_file(&id(1), "files/a.log", &new).await;
    assert!(
        matches!(refused, Err(StoreError::Missing { .. })),
        "{refused:?}"
    );
    store.create_incident(&incident(1)).await.unwrap();
    store.add_batch(&id(1), &new).await.unwrap();
    let before = store.evidence(&id(1)).await.unwrap();
    let mut bad = reading(None, &["other"], &[2]);
    bad.events.push(event("", "without an id"));
    let refused = store.replace_file(&id(1), "files/a.log", &bad).await;
    assert!(
        matches!(refused, Err(StoreError::Invalid { .. })),
        "{refused:?}"
    );
    assert_eq!(store.evidence(&id(1)).await.unwrap(), before);
}

stories!(
    a_file_that_is_read_again_takes_its_own_place,
    nothing_goes_unless_the_new_comes,
);
