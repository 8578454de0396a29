use super::*;
use proptest::prelude::*;

fn print(features: &[(&str, &str)]) -> Fingerprint {
    let mut out = Fingerprint::default();
    for (kind, name) in features {
        let slot = out.features.entry((*kind).to_owned()).or_default();
        slot.insert((*name).to_owned(), 1.0);
    }
    out
}

#[test]
fn the_same_is_the_same_and_nothing_in_common_is_nothing() {
    let a = print(&[("driver", "metadataiobytes"), ("event", "rollout")]);
    let b = print(&[("driver", "requests"), ("event", "job run")]);
    let out = similar(&a, &[b, a.clone()]);
    assert_eq!((out[0].index, out[1].index), (1, 0));
    assert!((out[0].score - 1.0).abs() < 1e-12 && out[1].score == 0.0);
    assert_eq!(
        out[0].reasons[0],
        "driven by the same metric: metadataiobytes"
    );
    assert!(out[0].differences.is_empty());
    assert!(
        out[1]
            .differences
            .contains(&"only then: requests".to_owned())
    );
}

#[test]
fn what_every_incident_has_says_little() {
    let this = print(&[("event", "alert"), ("event", "pod terminating")]);
    let common = print(&[("event", "alert")]);
    let rare = print(&[("event", "pod terminating")]);
    let mut others = vec![common.clone(); 30];
    others.push(rare);
    let out = similar(&this, &others);
    assert_eq!(out[0].index, 30);
    assert!(
        out[0].score > 2.0 * out[1].score,
        "{} {}",
        out[0].score,
        out[1].score
    );
}

#[test]
fn incidents_of_which_nothing_is_known_are_not_alike() {
    let empty = Fingerprint::default();
    let out = similar(&empty, std::slice::from_ref(&empty));
    assert!(out[0].score <= 0.0);
}

proptest! {
    #[test]
    fn scores_are_shares_and_the_same_both_ways(
        a in prop::collection::vec((0_usize..6, 0_u8..5), 0..12),
        b in prop::collection::vec((0_usize..6, 0_u8..5), 0..12),
    ) {
        let make = |features: &[(usize, u8)]| {
            let mut out = Fingerprint::default();
            for (kind, name) in features {
                let slot = out.features.entry(KINDS[*kind].0.to_owned()).or_default();
                slot.insert(name.to_string(), f64::from(*name + 1) / 5.0);
            }
            out
        };
        let (a, b) = (make(&a), make(&b));
        let there = similar(&a, std::slice::from_ref(&b))[0].score;
        let back = similar(&b, std::slice::from_ref(&a))[0].score;
        prop_assert!((0.0..=1.0 + 1e-12).contains(&there));
        prop_assert!((there - back).abs() < 1e-12);
    }
}
