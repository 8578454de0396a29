//! Pages that are laid out, written by krilla.

use super::fitting::{LONGEST, fitting};
use super::sheet::{Goal, HEIGHT, Item, Kind, Laid, Node, Part, Rgb, WIDTH};
use super::{PdfError, Printed};
use crate::export::{BUNDLE_FILE, Export};
use crate::render::picture::{Anchor, Brush, Paint, Picture, Shape};
use crate::render::typeface::{Typeface, printable};
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::{Page, PageSettings};
use krilla::paint::{Fill, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag,
    TagGroup, TagKind, TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use model::Timestamp;
use model::bundle::sha256_hex;
use std::num::NonZeroU16;

/// What is needed to set a text: the font for the file, and its glyphs.
struct Pen {
    font: Font,
    face: Typeface,
}

/// Writes the document.
pub(super) fn write(export: &Export<'_>, laid: &Laid) -> Result<Printed, PdfError> {
    let font = Font::new(chart::TYPEFACE.into(), 0).ok_or(PdfError::Typeface)?;
    let face = Typeface::bundled().ok_or(PdfError::Typeface)?;
    let mut pen = Pen { font, face };
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|e| PdfError::Refused(format!("{e:?}")))?;
    let mut document = Document::new_with(SerializeSettings {
        configuration,
        ..SerializeSettings::default()
    });
    let settings = PageSettings::from_wh(WIDTH, HEIGHT)
        .ok_or_else(|| PdfError::Refused("a page without area".to_owned()))?;
    let mut marks: Vec<Vec<Marks>> = Vec::with_capacity(laid.pages.len());
    let mut parts = Vec::with_capacity(laid.pages.len());
    for sheet in &laid.pages {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        let mut written: Vec<Marks> = Vec::with_capacity(sheet.items.len());
        let mut names = Vec::new();
        for (item, part) in &sheet.items {
            written.push(draw(&mut surface, &mut pen, item, part, &mut names));
        }
        surface.finish();
        for ((item, _), marks) in sheet.items.iter().zip(&mut written) {
            marks.link = link(&mut page, &mut pen, item, laid);
        }
        page.finish();
        marks.push(written);
        parts.push(names);
    }
    document.set_tag_tree(tree(laid, &mut marks));
    document.set_outline(outline(laid));
    document.set_metadata(metadata(export));
    attach(&mut document, export)?;
    let bytes = document
        .finish()
        .map_err(|e| PdfError::Refused(format!("{e:?}").chars().take(400).collect()))?;
    Ok(Printed { bytes, parts })
}

/// What an item left in the page for the structure to refer to.
#[derive(Default)]
struct Marks {
    content: Option<Identifier>,
    link: Option<Identifier>,
}

fn draw(
    surface: &mut Surface<'_>,
    pen: &mut Pen,
    item: &Item,
    part: &Part,
    names: &mut Vec<String>,
) -> Marks {
    let content = match item {
        Item::Text {
            at,
            size,
            bold,
            rgb,
            text,
            ..
        } => {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            names.push(part.to_string());
            let paint = Paint {
                rgb: *rgb,
                alpha: 1.0,
            };
            pen.text(surface, text, *at, *size, paint, *bold);
            surface.end_tagged();
            Some(id)
        }
        Item::Picture { at, scale, picture } => {
            let id = surface.start_tagged(ContentTag::Other);
            names.push(part.to_string());
            surface.push_transform(&Transform::from_row(*scale, 0.0, 0.0, *scale, at.0, at.1));
            pen.picture(surface, picture);
            surface.pop();
            surface.end_tagged();
            Some(id)
        }
        Item::Ground((left, top, width, height), colour) => {
            surface.start_tagged(aside(ArtifactType::Other));
            if let Some(rect) = Rect::from_xywh(*left, *top, *width, *height) {
                let mut path = PathBuilder::new();
                path.push_rect(rect);
                fill(surface, path.finish(), *colour, 1.0);
            }
            surface.end_tagged();
            None
        }
        Item::Aside {
            at,
            size,
            text,
            footer,
        } => {
            surface.start_tagged(aside(if *footer {
                ArtifactType::Footer
            } else {
                ArtifactType::Other
            }));
            let paint = Paint {
                rgb: super::sheet::MUTED,
                alpha: 1.0,
            };
            pen.text(surface, text, *at, *size, paint, false);
            surface.end_tagged();
            None
        }
    };
    Marks {
        content,
        link: None,
    }
}

/// What is no content.
fn aside(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

fn solid(colour: Rgb, alpha: f32) -> Fill {
    Fill {
        paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
        opacity: NormalizedF32::new(alpha).unwrap_or(NormalizedF32::ONE),
        rule: krilla::paint::FillRule::NonZero,
    }
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>, colour: Rgb, alpha: f32) {
    if let Some(path) = path {
        surface.set_stroke(None);
        surface.set_fill(Some(solid(colour, alpha)));
        surface.draw_path(&path);
    }
}

fn stroke_of(paint: Paint, width: f32) -> Stroke {
    Stroke {
        paint: rgb::Color::new(paint.rgb.0, paint.rgb.1, paint.rgb.2).into(),
        width,
        opacity: NormalizedF32::new(paint.alpha).unwrap_or(NormalizedF32::ONE),
        line_join: LineJoin::Round,
        ..Stroke::default()
    }
}

impl Pen {
    fn text(
        &mut self,
        surface: &mut Surface<'_>,
        text: &str,
        (x, y): (f32, f32),
        size: f32,
        paint: Paint,
        bold: bool,
    ) {
        let text: &str = &fitting(text);
        surface.set_fill(Some(solid(paint.rgb, paint.alpha)));
        // One weight is bundled: a thin outline makes a heavier one.
        surface.set_stroke(bold.then(|| stroke_of(paint, size * 0.03)));
        let glyphs: Vec<KrillaGlyph> = text
            .char_indices()
            .map(|(at, c)| {
                let glyph = self.face.glyph(c);
                let range = at..at + c.len_utf8();
                let id = GlyphId::new(u32::from(glyph.id));
                KrillaGlyph::new(id, glyph.advance, 0.0, 0.0, 0.0, range, None)
            })
            .collect();
        let font = self.font.clone();
        surface.draw_glyphs(Point::from_xy(x, y), &glyphs, font, text, size, false);
    }

    fn picture(&mut self, surface: &mut Surface<'_>, picture: &Picture) {
        for shape in &picture.shapes {
            match shape {
                Shape::Lines {
                    lines,
                    closed,
                    brush,
                } => painted(surface, path_of(lines, *closed), *brush),
                Shape::Circle { at, radius, brush } => {
                    painted(surface, circle(*at, *radius), *brush);
                }
                Shape::Text {
                    at,
                    anchor,
                    size,
                    paint,
                    text,
                } => {
                    let text = printable(text);
                    let width = self.face.width(&text, *size);
                    let x = match anchor {
                        Anchor::Start => at.0,
                        Anchor::Middle => at.0 - width / 2.0,
                        Anchor::End => at.0 - width,
                    };
                    self.text(surface, &text, (x, at.1), *size, *paint, false);
                }
            }
        }
    }
}

fn painted(surface: &mut Surface<'_>, path: Option<Path>, brush: Brush) {
    match (path, brush) {
        (Some(path), Brush::Stroke(paint, width)) => {
            surface.set_fill(None);
            surface.set_stroke(Some(stroke_of(paint, width)));
            surface.draw_path(&path);
        }
        (path, Brush::Fill(paint)) => fill(surface, path, paint.rgb, paint.alpha),
        (None, Brush::Stroke(..)) => {}
    }
}

fn path_of(lines: &[Vec<(f32, f32)>], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for line in lines {
        for (i, (x, y)) in line.iter().enumerate() {
            if i == 0 {
                path.move_to(*x, *y);
            } else {
                path.line_to(*x, *y);
            }
        }
        if closed {
            path.close();
        }
    }
    path.finish()
}

/// A circle of four cubic curves; the constant keeps them within 0.03 % of the radius.
fn circle((x, y): (f32, f32), r: f32) -> Option<Path> {
    let k = r * 0.552_284_8;
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
    path.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
    path.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
    path.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
    path.close();
    path.finish()
}

/// The link of an item, where its goal is in the document or public.
fn link(page: &mut Page<'_>, pen: &mut Pen, item: &Item, laid: &Laid) -> Option<Identifier> {
    let Item::Text {
        at,
        size,
        text,
        goal: Some(goal),
        ..
    } = item
    else {
        return None;
    };
    let target = match goal {
        Goal::Place(name) => Target::Destination(destination(laid, name)?.into()),
        // Half an address leads to another place, or nowhere.
        Goal::Web(href) if href.len() > LONGEST => return None,
        Goal::Web(href) => Target::Action(Action::Link(LinkAction::new(href.clone()))),
    };
    let width = pen.face.width(text.trim_end(), *size).max(1.0);
    let rect = Rect::from_xywh(at.0, at.1 - size, width, size * 1.3)?;
    let said = fitting(text.trim()).into_owned();
    let annotation = Annotation::new_link(LinkAnnotation::new(rect, target), Some(said));
    Some(page.add_tagged_annotation(annotation))
}

fn destination(laid: &Laid, name: &str) -> Option<XyzDestination> {
    let (page, y) = laid.places.get(name)?;
    Some(XyzDestination::new(
        *page,
        Point::from_xy(0.0, (y - 8.0).max(0.0)),
    ))
}

fn outline(laid: &Laid) -> Outline {
    let mut outline = Outline::new();
    for (text, place) in &laid.bookmarks {
        if let Some(goal) = destination(laid, place) {
            outline.push_child(OutlineNode::new(fitting(text).into_owned(), goal));
        }
    }
    outline
}

fn tree(laid: &Laid, marks: &mut [Vec<Marks>]) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for node in &laid.tree {
        for child in nodes(node, marks) {
            tree.push(child);
        }
    }
    tree
}

/// The groups and leaves of a node. Each mark of a page is taken once.
fn nodes(node: &Node, marks: &mut [Vec<Marks>]) -> Vec<krilla::tagging::Node> {
    match node {
        Node::Leaf(page, item) => {
            let Some(marks) = marks.get_mut(*page).and_then(|p| p.get_mut(*item)) else {
                return Vec::new();
            };
            match (marks.content.take(), marks.link.take()) {
                (Some(content), Some(link)) => {
                    let children = vec![content.into(), link.into()];
                    vec![TagGroup::with_children(Tag::Link, children).into()]
                }
                (Some(content), None) => vec![content.into()],
                (None, _) => Vec::new(),
            }
        }
        Node::Group(kind, children) => {
            let children: Vec<_> = children.iter().flat_map(|c| nodes(c, marks)).collect();
            // An empty cell keeps its place in the row; any other empty group says nothing.
            if children.is_empty() && !matches!(kind, Kind::Cell | Kind::Head) {
                return Vec::new();
            }
            vec![TagGroup::with_children(tag(kind), children).into()]
        }
    }
}

fn tag(kind: &Kind) -> TagKind {
    match kind {
        Kind::Section => Tag::Section.into(),
        Kind::Heading(level, title) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(fitting(title).into_owned())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::List => Tag::L(ListNumbering::Disc).into(),
        Kind::Ordered => Tag::L(ListNumbering::Decimal).into(),
        Kind::Quote => Tag::BlockQuote.into(),
        Kind::Entry => Tag::LI.into(),
        Kind::Label => Tag::Lbl.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::Head => Tag::TH(TableHeaderScope::Column).into(),
        Kind::Cell => Tag::TD.into(),
        Kind::Figure(alt) => Tag::Figure(Some(fitting(alt).into_owned())).into(),
        Kind::Code => Tag::Code.into(),
        Kind::Contents => Tag::TOC.into(),
        Kind::ContentsEntry => Tag::TOCI.into(),
    }
}

fn metadata(export: &Export<'_>) -> Metadata {
    let report = export.report;
    let id = sha256_hex(format!("{}{}", report.engine, sha256_hex(export.bundle)).as_bytes());
    let mut words = format!(
        "{} to {} UTC",
        report.window.start.minute(),
        report.window.end.minute()
    );
    if let Some(notice) = &report.notice {
        words = format!("{words}. {notice}");
    }
    Metadata::new()
        .title(fitting(&printable(&report.title)).into_owned())
        .description(fitting(&printable(&words)).into_owned())
        .language("en".to_owned())
        .creator(format!("Lineup {}", report.engine))
        .producer(format!("Lineup {}", report.engine))
        .creation_date(date(report.window.end))
        .document_id(id)
}

/// A report says the same whenever it is printed: its date is the end of its window.
fn date(at: Timestamp) -> DateTime {
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<u16>().ok());
    let small = |range| u8::try_from(part(range).unwrap_or(0)).unwrap_or(0);
    DateTime::new(part(0..4).unwrap_or(1970))
        .month(small(5..7))
        .day(small(8..10))
        .hour(small(11..13))
        .minute(small(14..16))
        .second(small(17..19))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// The evidence, as it is: a zip is packed already, and who looks for it finds its bytes.
fn attach(document: &mut Document, export: &Export<'_>) -> Result<(), PdfError> {
    if export.bundle.is_empty() {
        return Ok(());
    }
    let file = EmbeddedFile {
        path: BUNDLE_FILE.to_owned(),
        mime_type: MimeType::new("application/zip"),
        description: Some("The evidence of this report, as a bundle of Lineup".to_owned()),
        association_kind: AssociationKind::Source,
        data: export.bundle.to_vec().into(),
        modification_date: Some(date(export.report.window.end)),
        compress: Some(false),
        location: None,
    };
    document
        .embed_file(file)
        .ok_or_else(|| PdfError::Refused(format!("two files are called {BUNDLE_FILE}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Report;
    use model::report::{Block, Inline, Section};

    #[test]
    fn a_report_of_very_long_texts_is_printed() {
        for long in ["a long title ".repeat(3_000), "é".repeat(20_000)] {
            let link = Inline::Link {
                text: "there".to_owned(),
                href: format!("https://test/{}", "a".repeat(40_000)),
            };
            let chart = Block::Chart {
                id: "lane".to_owned(),
                summary: long.clone(),
                svg: "<svg viewBox=\"0 0 712 100\"></svg>".to_owned(),
            };
            let report = Report {
                title: long.clone(),
                notice: Some(long.clone()),
                sections: vec![Section {
                    id: "summary".to_owned(),
                    title: long.clone(),
                    blocks: vec![Block::Paragraph(vec![link]), chart],
                }],
                ..Report::default()
            };
            let export = Export {
                report: &report,
                lanes: &[],
                bundle: &[],
            };
            let printed = super::super::print(&export).unwrap();
            assert!(printed.bytes.starts_with(b"%PDF"));
        }
    }
}
