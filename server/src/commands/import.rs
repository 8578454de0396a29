//! `lineup import`: a bundle, or raw files, into the database.

use super::{CommandError, print, regular, time_of, title_of};
use crate::{
    case,
    cli::ImportArgs,
    clock::SystemClock,
    loose::{self, Said},
};
use model::{Bundle, Evidence, Gap, Provenance, Window, words::printable};
use sources::bundle::limits::{MAX_FILE_BYTES, MAX_TOTAL_BYTES, MAX_ZIP_BYTES};
use std::{
    io::{Cursor, Read},
    path::{Path, PathBuf},
};
use store::Store;

/// Who it is in the activity log that brings something in from here.
const COMMAND_LINE: &str = "command line";

pub(super) async fn run(store: &dyn Store, args: &ImportArgs) -> Result<(), CommandError> {
    let bundle = match &args.title {
        Some(title) => of_files(title, args)?,
        None => match args.files.as_slice() {
            [path] => of_bundle(path)?,
            _ => {
                return Err(CommandError::Input(
                    "one bundle is imported at a time; to make an incident of raw files, add \
                     --title, --start and --end"
                        .into(),
                ));
            }
        },
    };
    let imported = case::import_by(COMMAND_LINE, store, &bundle, &SystemClock).await?;
    print(&format!("{}\n", imported.id))?;
    if let Some(evidence) = store.evidence(&imported.id).await? {
        for question in evidence.provenance.iter().flat_map(|p| &p.questions) {
            tracing::warn!(
                "{} waits for an answer on the incident's page: {}",
                printable(&question.path),
                printable(&question.why)
            );
        }
        say_missing(&evidence);
    }
    Ok(())
}

/// Gaps of raw files that are said here; the incident's page has them all.
const GAPS_SAID: usize = 50;

/// Says what of the raw files was not read and what they lack, in the words of the incident's page.
fn say_missing(evidence: &Evidence) {
    let of_files = |p: &&Provenance| p.query.starts_with("files/");
    let gaps: Vec<(&str, &Gap)> = evidence
        .provenance
        .iter()
        .filter(of_files)
        .flat_map(|p| p.gaps.iter().map(move |gap| (p.query.as_str(), gap)))
        .collect();
    for (file, gap) in gaps.iter().take(GAPS_SAID) {
        tracing::warn!("{}", printable(&remark(file, gap)));
    }
    if let Some(more) = gaps.len().checked_sub(GAPS_SAID).filter(|more| *more > 0) {
        tracing::warn!("{more} more remarks on raw files are on the incident's page");
    }
}

/// What is missing from a file, and of what in it: a listing names kinds of objects.
fn remark(file: &str, gap: &Gap) -> String {
    let Gap { what, reason, .. } = gap;
    if what.is_empty() || what == file {
        format!("{file}: {reason}")
    } else {
        format!("{file}: {what}: {reason}")
    }
}

fn of_bundle(path: &Path) -> Result<Bundle, CommandError> {
    if path != Path::new("-") {
        return super::read_bundle(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_ZIP_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| CommandError::File {
            path: path.into(),
            source,
        })?;
    Ok(sources::bundle::read_zip(Cursor::new(bytes))?)
}

/// A bundle of raw files, as the upload page makes it.
fn of_files(title: &str, args: &ImportArgs) -> Result<Bundle, CommandError> {
    let title = title_of(title)?;
    let time = |option, text: &Option<String>| {
        text.as_deref()
            .map(|text| time_of(option, text))
            .transpose()
    };
    let window = time("start", &args.start)?
        .zip(time("end", &args.end)?)
        .and_then(|(start, end)| Window::new(start, end))
        .ok_or_else(|| CommandError::Input("--end: the end must be later than the start".into()))?;
    if let Some(zone) = args
        .timezone
        .as_deref()
        .filter(|z| !sources::files::is_zone(z))
    {
        return Err(CommandError::Input(format!(
            "--timezone: '{}' is no time zone: write UTC, +02:00 or Europe/Berlin",
            printable(zone)
        )));
    }
    let said = Said {
        observed_at: time("observed-at", &args.observed_at)?,
        timezone: args.timezone.clone(),
    };
    let mut room = MAX_TOTAL_BYTES;
    let files = args.files.iter();
    let named = files.map(|path| named(path, &mut room));
    let named = named.collect::<Result<_, _>>()?;
    Ok(loose::bundle(
        &title,
        window,
        loose::raw_files(named, &said),
    ))
}

/// A file with its name; `room` is what all of them together may still have.
fn named(path: &PathBuf, room: &mut u64) -> Result<(String, Vec<u8>), CommandError> {
    let file = |source| CommandError::File {
        path: path.clone(),
        source,
    };
    let size = regular(path)?.len();
    if size > MAX_FILE_BYTES || size > *room {
        return Err(CommandError::Input(format!(
            "{}: {size} bytes are too many: a file may have {MAX_FILE_BYTES}, all together \
             {MAX_TOTAL_BYTES}",
            path.display()
        )));
    }
    *room -= size;
    let content = std::fs::read(path).map_err(file)?;
    Ok((loose::clean_name(&path.to_string_lossy()), content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remark_names_its_file() {
        let gap = |what: &str| Gap {
            what: what.to_owned(),
            window: None,
            reason: "not read".to_owned(),
        };
        for (what, said) in [
            ("", "files/pods.json: not read"),
            ("files/pods.json", "files/pods.json: not read"),
            ("Secret", "files/pods.json: Secret: not read"),
        ] {
            assert_eq!(remark("files/pods.json", &gap(what)), said);
        }
    }
}
