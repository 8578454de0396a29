//! Saved output of kubectl, read by [`crate::kubernetes`].

use super::moments;
use crate::{
    BundleError,
    bundle::text,
    kubernetes::{self, Listing},
};
use model::{
    Batch, Gap, Window,
    bundle::{Question, QuestionField, RawFile},
};

fn listing(file: &RawFile) -> Listing {
    Listing {
        path: file.path.clone(),
        observed_at: file.observed_at,
        cluster: String::new(),
    }
}

/// JSON of objects.
pub(super) fn json(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let mut batch = kubernetes::from_json(&file.content, &listing(file))?;
    if file.observed_at.is_none() {
        batch.provenance.gaps.push(Gap {
            what: file.path.clone(),
            window: None,
            reason: "when the listing was taken is not known: say when (\"Taken at\", observed_at in a bundle)".into(),
        });
    }
    ask(file, &mut batch, window);
    Ok(batch)
}

/// Plain tables.
pub(super) fn table(file: &RawFile, window: Window) -> Result<Batch, BundleError> {
    let mut batch = kubernetes::from_table(text(&file.path, &file.content)?, &listing(file))?;
    ask(file, &mut batch, window);
    Ok(batch)
}

/// Ages count back from the listing: it is asked when that was. The proposal is that of what was
/// measured by hand, inside the window.
fn ask(file: &RawFile, batch: &mut Batch, window: Window) {
    if file.observed_at.is_none() {
        batch.provenance.questions.push(Question {
            path: file.path.clone(),
            field: QuestionField::ObservedAt,
            why: "ages in it count back from the moment at which it was taken: when was that?"
                .into(),
            proposal: moments::proposed(window).to_string(),
        });
    }
}
