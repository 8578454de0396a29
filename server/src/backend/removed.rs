//! Notes that were removed a moment ago, so that their removal can be undone: with their author, their
//! time and their id. They are in memory alone; a server that was started anew knows them no more.

use model::{Annotation, IncidentId};
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// Notes that are kept.
const KEPT: usize = 200;

/// The notes, the last removed at the end.
#[derive(Default)]
pub(super) struct Removed(Mutex<VecDeque<(IncidentId, Annotation)>>);

impl Removed {
    /// Keeps a note that is removed.
    pub(super) fn keep(&self, id: &IncidentId, note: Annotation) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, old)| of != id || old.id != note.id);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((id.clone(), note));
    }

    /// A note of an incident that was removed.
    pub(super) fn find(&self, id: &IncidentId, note: &str) -> Option<Annotation> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(of, old)| of == id && old.id == note);
        found.map(|(_, note)| note.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_each_for_its_incident() {
        let removed = Removed::default();
        let note = |n: usize| Annotation {
            id: format!("n{n}"),
            text: format!("{n}"),
            ..Annotation::default()
        };
        let (a, b) = (IncidentId("a".into()), IncidentId("b".into()));
        for n in 0..=KEPT {
            removed.keep(&a, note(n));
        }
        assert_eq!(removed.find(&a, "n0"), None);
        assert_eq!(removed.find(&a, "n7").map(|n| n.text), Some("7".into()));
        assert_eq!(removed.find(&b, "n7"), None);
    }
}
