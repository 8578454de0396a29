//! What lies over all lanes: notes, impact, the onset.

use crate::lane::{Band, BandKind, Lane, Mark, MarkKind};
use model::time::SECOND;
use model::{Analysis, Annotation, Evidence, Window};

/// Marks and bands of all lanes.
pub(super) struct Overlays {
    pub(super) marks: Vec<Mark>,
    pub(super) bands: Vec<Band>,
    /// The onset of the driving series.
    onset: Option<Mark>,
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
                uncertainty_ms: 0,
                about: note.id.clone(),
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
        let onset = analysis.driver.as_ref().map(|driver| Mark {
            at: driver.onset,
            uncertainty_ms: driver.uncertainty_s.max(0).saturating_mul(SECOND),
            about: driver.series.clone(),
            kind: MarkKind::Onset,
            label: String::new(),
            short: String::new(),
        });
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
        marks.extend(self.onset.clone().map(|mut onset| {
            if series.contains(&onset.about) {
                "onset".clone_into(&mut onset.label);
            }
            onset
        }));
        marks
    }

    /// Names the tints, once: in the first lane.
    pub(super) fn name_bands(&self, lane: &mut Lane) {
        for band in lane.bands.iter_mut().filter(|b| b.kind == BandKind::Impact) {
            self.impact_label.clone_into(&mut band.label);
        }
    }
}

impl Lane {
    /// Leaves of the notes' marks and tints those whose numbers are wanted; the lane of notes itself
    /// stays as it is.
    pub fn keep_notes(&mut self, wanted: impl Fn(&str) -> bool) {
        let is_note = |m: &Mark| m.kind == MarkKind::Note;
        self.marks.retain(|m| !is_note(m) || wanted(&m.label));
        let begins = |at| self.marks.iter().any(|m| is_note(m) && m.at == at);
        let bands = &mut self.bands;
        bands.retain(|b| b.kind != BandKind::Note || begins(b.span.start));
    }
}

/// Notes in the order of their numbers.
pub(super) fn in_order(annotations: &[Annotation]) -> Vec<&Annotation> {
    let mut notes: Vec<_> = annotations.iter().collect();
    notes.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    notes
}
