//! `lineup report`: the postmortem of a bundle, without a server.

use super::{CommandError, write_output};
use crate::{cli::Format, export::Package};
use std::path::Path;

pub(super) fn run(bundle: &Path, format: Format, output: &Path) -> Result<(), CommandError> {
    let package = Package::of_bundle(&super::read_bundle(bundle)?)?;
    write_output(output, &package.render(format)?)
}
