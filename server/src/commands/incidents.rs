//! `lineup list` and `lineup delete`: the incidents of the database.

use super::{CommandError, no_incident, print};
use model::{IncidentId, incident::IncidentState, words::printable};
use std::fmt::Write as _;
use store::Store;

/// One line an incident, the newest window first; nothing where there is none.
pub(super) async fn list(store: &dyn Store) -> Result<(), CommandError> {
    let mut out = String::new();
    for incident in store.incidents().await? {
        let state = match incident.state {
            IncidentState::Collecting => "collecting",
            IncidentState::Open => "open",
            IncidentState::Closed => "closed",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{}  {} to {}  {state:10}  {}",
            incident.id,
            incident.window.start.minute(),
            incident.window.end.minute(),
            printable(&incident.title)
        );
    }
    print(&out)
}

/// Deletes an incident and says which it was.
pub(super) async fn delete(store: &dyn Store, id: &str) -> Result<(), CommandError> {
    let incident = IncidentId(id.to_owned());
    let Some(there) = store.incident(&incident).await? else {
        return Err(no_incident(id));
    };
    if !store.delete_incident(&incident).await? {
        return Err(no_incident(id));
    }
    print(&format!("deleted {id} ({})\n", printable(&there.title)))
}
