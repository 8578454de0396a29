//! `lineup verify`: is every figure still what the evidence gives?

use super::{CommandError, print};
use crate::{
    cli::Format,
    verify::{
        self, Verdict, VerifyError,
        carrier::{self, Carrier},
        ends, touched,
    },
};
use model::words::count;
use sources::bundle::{BundleError, Found};
use std::{io::Cursor, path::Path};

/// What is said of evidence that nothing vouches for.
const NO_MANIFEST: &str = "manifest.json: every export has this file, and this one has none: changed \
                           bytes of its evidence cannot be told";

pub(super) fn run(file: &Path, evidence: Option<&Path>) -> Result<(), CommandError> {
    let bytes = if file.is_dir() {
        Vec::new()
    } else {
        std::fs::read(file).map_err(|source| CommandError::File {
            path: file.into(),
            source,
        })?
    };
    let verdict = if file.is_dir() {
        of_bundle(file)
    } else {
        match carrier::of(&bytes) {
            Some(Carrier::Bundle) => match ends::around_zip(&bytes) {
                Some(surplus) => Err(VerifyError::Damaged(surplus)),
                None => of_bundle(file),
            },
            Some(Carrier::Export(format)) => of_export(file, format, &bytes, evidence),
            None => Err(VerifyError::Unusable(
                "expected a bundle, or a report as HTML, PDF, JSON or Markdown".to_owned(),
            )),
        }
    };
    match verdict.map_err(|e| of_error(file, e)) {
        Ok(verdict) => told(&verdict),
        Err(CommandError::Differs(damage)) => {
            let evidence = evidence.or(file.is_dir().then_some(file));
            let touched = touched::figures(&damage, &bytes, evidence);
            told(&Verdict {
                differences: std::iter::once(damage).chain(touched).collect(),
                ..Verdict::default()
            })
        }
        Err(other) => Err(other),
    }
}

/// Reading checks the manifest: a file that was changed is named there.
fn of_bundle(path: &Path) -> Result<Verdict, VerifyError> {
    let found = sources::bundle::find(path)?;
    Ok(held(verify::bundle(&found.bundle)?, &found))
}

/// The verdict, and that there was no manifest to hold the evidence to.
fn held(mut verdict: Verdict, evidence: &Found) -> Verdict {
    if !evidence.has_manifest {
        verdict.differences.push(NO_MANIFEST.to_owned());
    }
    verdict
}

fn of_export(
    file: &Path,
    format: Format,
    bytes: &[u8],
    evidence: Option<&Path>,
) -> Result<Verdict, VerifyError> {
    let inside = carrier::bundle_in(format, bytes)?;
    let found = match (inside, evidence) {
        (_, Some(path)) => sources::bundle::find(path)?,
        // It was written whole: whatever is wrong with it was changed later.
        (Some(zip), None) => {
            let damaged =
                |what: String| VerifyError::Damaged(format!("the evidence inside: {what}"));
            if let Some(surplus) = ends::around_zip(&zip) {
                return Err(damaged(surplus));
            }
            sources::bundle::find_zip(Cursor::new(zip)).map_err(|e| damaged(e.to_string()))?
        }
        (None, None) => beside(file)?,
    };
    Ok(held(verify::export(format, bytes, &found.bundle)?, &found))
}

/// The bundle that a report accompanies: in its own folder, or as a zip there.
fn beside(file: &Path) -> Result<Found, VerifyError> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let zip = folder.join(report::BUNDLE_FILE);
    if folder.join("incident.json").is_file() {
        return Ok(sources::bundle::find(folder)?);
    }
    if zip.is_file() {
        return Ok(sources::bundle::find(&zip)?);
    }
    Err(VerifyError::Unusable(format!(
        "expected the evidence of this report inside it or beside it (as {}); name its bundle with \
         --evidence",
        report::BUNDLE_FILE
    )))
}

fn of_error(file: &Path, error: VerifyError) -> CommandError {
    match error {
        VerifyError::Bundle(e) => changed_or_unusable(e),
        VerifyError::Unusable(e) => CommandError::Input(format!("{}: {e}", file.display())),
        VerifyError::Damaged(e) => CommandError::Differs(e),
        VerifyError::Export(e) => CommandError::Export(e),
    }
}

fn changed_or_unusable(error: BundleError) -> CommandError {
    if is_change(&error) {
        CommandError::Differs(error.to_string())
    } else {
        CommandError::Bundle(error)
    }
}

/// Whether a file is not what was written (by the manifest, or by the sums of the zip), rather than a
/// manifest or a bundle that cannot be read.
fn is_change(error: &BundleError) -> bool {
    let BundleError::Malformed { file, expected, .. } = error else {
        return false;
    };
    let about_a_file = expected.starts_with("the file ")
        || expected.contains(" with SHA-256 ")
        || expected.contains(" bytes, found ");
    (file == "manifest.json" && about_a_file)
        || expected.starts_with("a line in manifest.json")
        || expected.starts_with("a file that unpacks")
}

fn told(verdict: &Verdict) -> Result<(), CommandError> {
    let mut text = String::new();
    for line in verdict.remarks.iter().chain(&verdict.differences) {
        text.push_str(line);
        text.push('\n');
    }
    match verdict.differences.as_slice() {
        [] => {
            text.push_str(&count(verdict.figures, "figure"));
            text.push_str(" verified\n");
            print(&text)
        }
        [only] => {
            print(&text)?;
            Err(CommandError::Differs(only.clone()))
        }
        [first, rest @ ..] => {
            print(&text)?;
            let n = count(rest.len(), "further difference");
            Err(CommandError::Differs(format!("{first}; {n}")))
        }
    }
}
