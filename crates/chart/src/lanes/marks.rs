//! What lies over all lanes: notes, impact, the onset.

use crate::lane::{Band, BandKind, Lane, Mark, MarkKind};
use model::{Analysis, Annotation, Evidence, Timestamp, Window};

/// Marks and bands of all lanes.
pub(super) struct Overlays {
    pub(super) marks: Vec<Mark>,
    pub(super) bands: Vec<Band>,
    /// The driving series and its onset.
    pub(super) onset: Option<(String, Timestamp)>,
    impact_label: &'static str,
}

impl Overlays {
    pub(super) fn new(
        evidence: &Evidence,
        analysis: &Analysis,
        annotations: &[Annotation],
    ) -> Self {
        let window = evidence.window;
        let said = evidence.impact.map(|i| (i.start, i.end, "impact"));
        let measured = analysis
            .impact
            .as_ref()
            .map(|i| (i.start, i.end, "impact, as measured"));
        let mut bands = Vec::new();
        let mut impact_label = "";
        if let Some((start, end, label)) = said.or(measured)
            && let Some(span) = Window::new(start, end.unwrap_or(window.end))
        {
            impact_label = label;
            bands.push(Band {
                span,
                kind: BandKind::Impact,
                label: String::new(),
            });
        }
        let mut marks = Vec::new();
        for (i, note) in in_order(annotations).into_iter().enumerate() {
            let label = (i + 1).to_string();
            marks.push(Mark {
                at: note.start,
                kind: MarkKind::Note,
                label,
                short: String::new(),
            });
            if let Some(span) = note.end.and_then(|end| Window::new(note.start, end)) {
                bands.push(Band {
                    span,
                    kind: BandKind::Note,
                    label: String::new(),
                });
            }
        }
        let onset = analysis
            .driver
            .as_ref()
            .map(|d| (d.series.clone(), d.onset));
        Self {
            marks,
            bands,
            onset,
            impact_label,
        }
    }

    /// Marks of a lane that shows these series: the onset is named where its series is.
    pub(super) fn marks_for(&self, series: &[String]) -> Vec<Mark> {
        let mut marks = self.marks.clone();
        if let Some((driver, at)) = &self.onset {
            let label = if series.contains(driver) { "onset" } else { "" };
            marks.push(Mark {
                at: *at,
                kind: MarkKind::Onset,
                label: label.to_owned(),
                short: String::new(),
            });
        }
        marks
    }

    /// Names the tints, once: in the first lane.
    pub(super) fn name_bands(&self, lane: &mut Lane) {
        for band in lane.bands.iter_mut().filter(|b| b.kind == BandKind::Impact) {
            self.impact_label.clone_into(&mut band.label);
        }
    }
}

/// Notes in the order of their numbers.
pub(super) fn in_order(annotations: &[Annotation]) -> Vec<&Annotation> {
    let mut notes: Vec<_> = annotations.iter().collect();
    notes.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    notes
}
