//! `lineup export`, `demo` and `convert`: bundles out.

use super::{CommandError, no_incident, print, write_output};
use crate::{
    case,
    cli::{Convert, DemoIncident},
    dossier::Dossier,
    export::zip,
};
use model::{Bundle, IncidentId};
use sources::petshop::{self, EventChoice};
use std::path::Path;
use store::Store;

pub(super) async fn export(
    store: &dyn Store,
    incident: &str,
    output: &Path,
) -> Result<(), CommandError> {
    let id = IncidentId(incident.to_owned());
    let Some(bundle) = case::export(store, &id).await? else {
        return Err(no_incident(incident));
    };
    write_output(output, &zip(&bundle)?)
}

pub(super) fn demo(seed: u64, which: DemoIncident, output: &Path) -> Result<(), CommandError> {
    let simulated = match which {
        DemoIncident::ZombiePods => simulate::zombie_pods(seed),
        DemoIncident::Recurrence => simulate::recurrence(seed),
    };
    let bundle = with_report(simulated.bundle)?;
    sources::bundle::write_dir(&bundle, output)?;
    print(&format!("{}\n", output.display()))
}

/// The bundle with report and figures made from it.
fn with_report(mut bundle: Bundle) -> Result<Bundle, CommandError> {
    let dossier = Dossier::of_bundle(&bundle)?;
    let report = dossier.report();
    bundle.report_md = Some(report::markdown(&report));
    let figures = report::figures_over(&report, &dossier.evidence, &dossier.annotations);
    bundle.figures = serde_json::to_value(figures).ok();
    Ok(bundle)
}

pub(super) fn convert(convert: &Convert) -> Result<(), CommandError> {
    let Convert::Petshop {
        case,
        graph,
        labels,
        all_candidates,
        output,
    } = convert;
    let events = match (labels, all_candidates) {
        (Some(labels), _) => EventChoice::TrueOnly(labels.clone()),
        (None, true) => EventChoice::All,
        (None, false) => EventChoice::None,
    };
    let bundle = petshop::convert(case, graph, &events)?;
    write_output(output, &zip(&bundle)?)?;
    print(&format!("{}\n", output.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_is_the_same_to_the_byte() {
        let bytes = || zip(&with_report(simulate::zombie_pods(1).bundle).unwrap()).unwrap();
        assert!(bytes() == bytes());
        assert_ne!(
            simulate::zombie_pods(1).bundle.digest(),
            simulate::zombie_pods(2).bundle.digest()
        );
    }

    #[test]
    fn dossier_of_a_demonstration_names_the_rollout() {
        let simulated = simulate::zombie_pods(1);
        let dossier = Dossier::of_bundle(&simulated.bundle).unwrap();
        let first = dossier.analysis.suspects.first().expect("a suspect");
        assert!(
            simulated.truth.culprit.contains(&first.events[0]),
            "{first:?}"
        );
    }
}
