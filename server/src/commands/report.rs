//! `lineup report`: the postmortem of a bundle, without a server.

use super::{CommandError, write_output};
use crate::{cli::Format, dossier::Dossier};
use std::path::Path;

pub(super) fn run(bundle: &Path, format: Format, output: &Path) -> Result<(), CommandError> {
    let report = Dossier::of_bundle(&super::read_bundle(bundle)?)?.report();
    write_output(output, render(&report, format).as_bytes())
}

/// The report in a format.
pub(crate) fn render(report: &model::Report, format: Format) -> String {
    match format {
        Format::Html => report::html(report),
        Format::Md => report::markdown(report),
        Format::Json => report::json(report),
    }
}
