//! Every text of a report, of a lane and of evidence.

use super::Redaction;
use chart::{Content, Lane};
use model::{
    Annotation, Event, Evidence, Extra, Provenance, Report, Series, SeriesMeta,
    report::{Block, Figure, Section},
};
use serde_json::Value;
use std::collections::BTreeMap;

impl Redaction {
    /// A report with its names replaced, pictures included. Names that are told by their looks are
    /// replaced as well where they stand in this report alone.
    pub fn report(&self, report: &Report) -> Report {
        self.report_with(report, &[])
    }

    /// Like [`Redaction::report`]; pictures of lanes that are given (as they were composed, with their
    /// names) are drawn anew, so that every text has the room that it needs. Lanes that the report
    /// shows otherwise are left as they were drawn.
    pub fn report_with(&self, report: &Report, lanes: &[Lane]) -> Report {
        if self.is_empty() {
            return report.clone();
        }
        self.knowing_report(report).walked(report, lanes)
    }

    /// [`Redaction::knowing`] of every text of a report.
    #[must_use]
    pub fn knowing_report(&self, report: &Report) -> Self {
        let texts = texts_of(report);
        self.knowing(texts.iter().map(String::as_str))
    }

    fn walked(&self, report: &Report, lanes: &[Lane]) -> Report {
        let figures = report.figures.iter();
        let source = Source {
            window: report.window,
            lanes,
            figures: figures.map(|f| (f.id.as_str(), f.text.as_str())).collect(),
        };
        Report {
            title: self.text(&report.title),
            window: report.window,
            notice: report.notice.as_deref().map(|n| self.text(n)),
            engine: report.engine.clone(),
            sections: report
                .sections
                .iter()
                .map(|section| self.section(section, &source))
                .collect(),
            figures: report.figures.iter().map(|f| self.figure(f)).collect(),
        }
    }

    fn section(&self, section: &Section, source: &Source<'_>) -> Section {
        Section {
            id: self.text(&section.id),
            title: self.text(&section.title),
            blocks: section
                .blocks
                .iter()
                .map(|block| self.block(block, source))
                .collect(),
        }
    }

    fn block(&self, block: &Block, source: &Source<'_>) -> Block {
        if let Block::Chart { id, summary, svg } = block {
            let mut lanes = source.lanes.iter();
            let lane = lanes.find(|l| l.id == *id && l.summary == *summary);
            return Block::Chart {
                id: self.text(id),
                summary: self.text(summary),
                svg: match lane {
                    Some(lane) => crate::sections::picture(&self.lane(lane), source.window),
                    None => self.picture(svg),
                },
            };
        }
        if let Block::Quote(inner) = block {
            return Block::Quote(inner.iter().map(|b| self.block(b, source)).collect());
        }
        // Whatever a block holds: every text of it. Names of fields and kinds are keys, and stay.
        let told = serde_json::to_value(block).map(|mut value| {
            self.join_lines(&mut value, source);
            self.value(&value)
        });
        let told = told.and_then(serde_json::from_value);
        // A block that could not be read back would be one that this version does not know.
        told.unwrap_or(Block::Paragraph(Vec::new()))
    }

    fn figure(&self, figure: &Figure) -> Figure {
        Figure {
            id: self.text(&figure.id),
            value: self.value(&figure.value),
            unit: figure.unit.clone(),
            evidence: figure.evidence.iter().map(|e| self.text(e)).collect(),
            span: figure.span,
            text: self.text(&figure.text),
        }
    }

    /// A lane with its names replaced.
    pub fn lane(&self, lane: &Lane) -> Lane {
        let mut lane = lane.clone();
        let texts = [&mut lane.id, &mut lane.title, &mut lane.summary];
        for text in texts
            .into_iter()
            .chain(&mut lane.series)
            .chain(&mut lane.events)
        {
            self.change(text);
        }
        match &mut lane.content {
            Content::Metric(plot) => {
                for curve in plot.curves.iter_mut().chain(&mut plot.ghosts) {
                    self.change(&mut curve.series);
                    self.change(&mut curve.label);
                }
                for level in &mut plot.levels {
                    self.change(&mut level.series);
                }
            }
            Content::Events { items, .. } => {
                for item in items {
                    for text in [&mut item.event, &mut item.group, &mut item.label] {
                        self.change(text);
                    }
                    item.members.iter_mut().for_each(|m| self.change(m));
                }
            }
        }
        for mark in &mut lane.marks {
            for text in [&mut mark.about, &mut mark.label, &mut mark.short] {
                self.change(text);
            }
        }
        for band in &mut lane.bands {
            self.change(&mut band.label);
        }
        lane
    }

    /// Evidence with its names replaced; what was measured, and when, stays.
    pub fn evidence(&self, evidence: &Evidence) -> Evidence {
        let texts = |list: &[String]| list.iter().map(|t| self.text(t)).collect();
        let mut told = Evidence {
            window: evidence.window,
            impact: evidence.impact,
            symptom: texts(&evidence.symptom),
            series: evidence
                .series
                .iter()
                .map(|s| Series {
                    meta: self.meta(&s.meta),
                    samples: s.samples.clone(),
                })
                .collect(),
            events: evidence.events.iter().map(|e| self.event(e)).collect(),
            topology: evidence
                .topology
                .iter()
                .map(|edge| model::Edge {
                    from: self.text(&edge.from),
                    to: self.text(&edge.to),
                    kind: edge.kind.clone(),
                    extra: self.extra(&edge.extra),
                })
                .collect(),
            provenance: evidence
                .provenance
                .iter()
                .map(|p| self.provenance(p))
                .collect(),
        };
        told.sort();
        told
    }

    /// A note with its names replaced.
    pub fn annotation(&self, note: &Annotation) -> Annotation {
        let texts = |list: &[String]| list.iter().map(|t| self.text(t)).collect();
        Annotation {
            id: self.text(&note.id),
            author: self.text(&note.author),
            start: note.start,
            end: note.end,
            text: self.text(&note.text),
            series: texts(&note.series),
            events: texts(&note.events),
            created_at: note.created_at,
            extra: self.extra(&note.extra),
        }
    }

    fn meta(&self, meta: &SeriesMeta) -> SeriesMeta {
        let told = |(key, value): (&String, &String)| (key.clone(), self.text(value));
        SeriesMeta {
            id: self.text(&meta.id),
            name: self.text(&meta.name),
            dimensions: meta.dimensions.iter().map(told).collect(),
            resource: meta.resource.as_deref().map(|r| self.text(r)),
            extra: self.extra(&meta.extra),
            ..meta.clone()
        }
    }

    fn event(&self, event: &Event) -> Event {
        Event {
            id: self.text(&event.id),
            title: self.text(&event.title),
            cluster: self.text(&event.cluster),
            namespace: self.text(&event.namespace),
            object: model::ObjectRef {
                kind: event.object.kind.clone(),
                name: self.text(&event.object.name),
            },
            node: self.text(&event.node),
            attributes: self.extra(&event.attributes),
            extra: self.extra(&event.extra),
            ..event.clone()
        }
    }

    fn provenance(&self, provenance: &Provenance) -> Provenance {
        let mut told = provenance.clone();
        for text in [&mut told.name, &mut told.query] {
            self.change(text);
        }
        for gap in &mut told.gaps {
            self.change(&mut gap.what);
            self.change(&mut gap.reason);
        }
        for text in told.absent.iter_mut().chain(&mut told.series) {
            self.change(text);
        }
        // What is asked about raw files names them, and they stay behind.
        told.questions.clear();
        told
    }

    fn extra(&self, extra: &Extra) -> Extra {
        extra
            .iter()
            .map(|(key, value)| (key.clone(), self.value(value)))
            .collect()
    }

    /// Every text in a value. A number that is a name, such as an account's id that somebody wrote
    /// into a sentence, becomes its stand-in.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|v| self.value(v)).collect(),
            Value::Object(fields) => {
                let told = |(key, v): (&String, &Value)| (key.clone(), self.value(v));
                Value::Object(fields.iter().map(told).collect())
            }
            Value::Number(number) => {
                let written = number.to_string();
                let whole = written.strip_suffix(".0").unwrap_or(&written);
                match self.matcher.apply(whole) {
                    told if told == whole => value.clone(),
                    told => Value::String(told.into_owned()),
                }
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn change(&self, text: &mut String) {
        if let std::borrow::Cow::Owned(told) = self.matcher.apply(text) {
            *text = told;
        }
    }
}

/// What the blocks of a report are read with.
struct Source<'a> {
    window: model::Window,
    lanes: &'a [Lane],
    /// Texts of the figures, by their ids.
    figures: BTreeMap<&'a str, &'a str>,
}

impl Redaction {
    /// Makes one piece of the pieces of a line over which a name is spread: half of it emphasised, or a
    /// number in it taken for a figure.
    fn join_lines(&self, value: &mut Value, source: &Source<'_>) {
        match value {
            Value::Array(pieces) => {
                let said: Option<Vec<String>> = pieces.iter().map(|p| said(p, source)).collect();
                match said {
                    Some(said) => self.join(pieces, &said),
                    None => pieces.iter_mut().for_each(|p| self.join_lines(p, source)),
                }
            }
            Value::Object(fields) => fields.values_mut().for_each(|v| self.join_lines(v, source)),
            _ => {}
        }
    }

    fn join(&self, pieces: &mut Vec<Value>, said: &[String]) {
        let line = said.concat();
        let places = self.matcher.places(&line);
        let mut begin = 0;
        // For each piece, whether a name goes on from it into the next.
        let goes_on: Vec<bool> = said
            .iter()
            .map(|piece| {
                begin += piece.len();
                places.iter().any(|p| p.start < begin && begin < p.end)
            })
            .collect();
        if !goes_on.contains(&true) {
            return;
        }
        let mut out: Vec<Value> = Vec::new();
        let mut open: Option<String> = None;
        for ((piece, text), goes_on) in pieces.drain(..).zip(said).zip(goes_on) {
            match (open.take(), goes_on) {
                (None, false) => out.push(piece),
                (before, true) => open = Some(before.unwrap_or_default() + text),
                (Some(before), false) => {
                    out.push(serde_json::json!({ "text": before + text }));
                }
            }
        }
        *pieces = out;
    }
}

/// What a piece of a line says; `None` where it is none.
fn said(piece: &Value, source: &Source<'_>) -> Option<String> {
    let fields = piece.as_object().filter(|fields| fields.len() == 1)?;
    let (kind, value) = fields.iter().next()?;
    match kind.as_str() {
        "figure" => {
            let text = source.figures.get(value.as_str()?);
            Some(text.copied().unwrap_or_default().to_owned())
        }
        "link" => Some(value.get("text")?.as_str()?.to_owned()),
        "text" | "strong" | "emphasis" | "code" | "unresolved" => Some(value.as_str()?.to_owned()),
        _ => None,
    }
}

/// Every text of a report but for its pictures, which say the same.
fn texts_of(report: &Report) -> Vec<String> {
    let mut out = vec![report.title.clone()];
    out.extend(report.notice.clone());
    for section in &report.sections {
        out.extend([section.id.clone(), section.title.clone()]);
        for block in &section.blocks {
            match block {
                Block::Chart { id, summary, .. } => out.extend([id.clone(), summary.clone()]),
                other => {
                    if let Ok(value) = serde_json::to_value(other) {
                        strings(&value, &mut out);
                    }
                }
            }
        }
    }
    for figure in &report.figures {
        out.push(figure.id.clone());
        out.extend(figure.evidence.iter().cloned());
    }
    out
}

fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|v| strings(v, out)),
        Value::Object(fields) => fields.values().for_each(|v| strings(v, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
