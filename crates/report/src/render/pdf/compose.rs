//! A report laid out on pages: head, contents, sections, and the figures with their evidence.

use super::sheet::{ACCENT, Goal, HEIGHT, Kind, Laid, MEASURE, MUTED, NOTICE, Node, SIDE};
use super::typeset::{Mark, Run, Setter};
use crate::export::Export;
use crate::render::picture;
use crate::render::typeface::{Typeface, printable};
use crate::render::{evidence_links, figures_by_id, value_of};
use chart::Size;
use model::Window;
use model::report::{Block, Figure, Inline, Report, Section};
use std::collections::BTreeMap;

/// Size of running text, points.
const BODY: f32 = 9.5;
/// Size of the table of figures, points.
const FINE: f32 = 5.6;
/// Size of text in tables and code, points.
const SMALL: f32 = 7.5;
/// Width in CSS pixels in which charts are drawn for print: their texts come out at 7.6 points.
const CHART: u32 = 712;

type Figures<'a> = BTreeMap<&'a str, (usize, &'a Figure)>;

/// What is written, and from what.
struct Composer<'a> {
    export: &'a Export<'a>,
    figures: Figures<'a>,
    set: Setter,
}

/// Lays the report out.
pub(super) fn lay_out(export: &Export<'_>, face: Typeface) -> Laid {
    let report = export.report;
    let mut composer = Composer {
        export,
        figures: figures_by_id(report),
        set: Setter::new(face),
    };
    let head = composer.head(report);
    composer.set.laid.tree.push(head);
    for section in &report.sections {
        let node = composer.section(section);
        composer.set.laid.tree.push(node);
    }
    let appendix = composer.appendix(report);
    composer.set.laid.tree.push(appendix);
    let width = MEASURE - 60.0;
    let footer = format!("Lineup {} · {}", report.engine, report.title);
    let footer = composer.set.fit(&footer, 8.0, width);
    composer.set.finish(&footer)
}

impl Composer<'_> {
    fn head(&mut self, report: &Report) -> Node {
        let set = &mut self.set;
        let mut nodes = Vec::new();
        if let Some(notice) = &report.notice {
            set.begin("the notice");
            let text = set.boxed(&[Run::plain(notice)], BODY, SIDE, MEASURE, NOTICE);
            nodes.push(Node::Group(Kind::Paragraph, text));
            set.skip(10.0);
        }
        set.begin("the title");
        let text = set.text(&[Run::plain(&report.title).bold()], 19.0, SIDE, MEASURE);
        nodes.push(Node::Group(
            Kind::Heading(1, printable(&report.title)),
            text,
        ));
        set.skip(2.0);
        set.begin("the window");
        let mut line = self.window();
        line.push(Run::plain(&format!("  ·  Lineup {}", report.engine)).ink(MUTED));
        let text = self.set.text(&line, BODY, SIDE, MEASURE);
        nodes.push(Node::Group(Kind::Paragraph, text));
        self.set.skip(8.0);
        self.set.begin("the contents");
        let mut entries = Vec::new();
        let titles = report.sections.iter();
        let titles = titles.map(|s| (s.title.as_str(), format!("section:{}", s.id)));
        for (title, place) in titles.chain([("Figures", "section:figures".to_owned())]) {
            let mut run = Run::plain(title).ink(ACCENT);
            run.goal = Some(Goal::Place(place));
            let text = self.set.text(&[run], BODY, SIDE, MEASURE);
            entries.push(Node::Group(Kind::ContentsEntry, text));
        }
        nodes.push(Node::Group(Kind::Contents, entries));
        Node::Group(Kind::Section, nodes)
    }

    /// From when to when the report looks, as the figures that a section states.
    fn window(&self) -> Vec<Run> {
        let mut line = Vec::new();
        for (word, id) in [("", "window.start"), (" to ", "window.end")] {
            line.push(Run::plain(word).ink(MUTED));
            line.push(self.figure(id));
        }
        line
    }

    fn heading(&mut self, level: u16, title: &str, place: String) -> Node {
        let size = if level == 2 { 13.5 } else { 10.5 };
        self.set.skip(if level == 2 { 18.0 } else { 9.0 });
        // A heading stands with what it heads.
        self.set.need(size * 1.4 + 40.0);
        self.set.place(place.clone());
        if level == 2 {
            self.set.laid.bookmarks.push((printable(title), place));
        }
        let text = self
            .set
            .text(&[Run::plain(title).bold()], size, SIDE, MEASURE);
        self.set.skip(4.0);
        Node::Group(Kind::Heading(level, printable(title)), text)
    }

    fn section(&mut self, section: &Section) -> Node {
        let mut nodes: Vec<Node> = Vec::new();
        // What is kept with what follows: its first node, and the state before it.
        let mut kept: Option<(usize, Mark)> = None;
        let mut moved = None;
        while nodes.len() <= section.blocks.len() {
            let n = nodes.len();
            let mark = self.set.mark();
            self.set.begin(&format!("section {}", section.id));
            let block = n.checked_sub(1).and_then(|n| section.blocks.get(n));
            nodes.push(match block {
                None => self.heading(2, &section.title, format!("section:{}", section.id)),
                Some(block) => self.block(block),
            });
            if block.is_some() {
                self.set.skip(6.0);
            }
            if keeps(block) {
                kept.get_or_insert((n, mark));
                continue;
            }
            let Some((first, mark)) = kept.take() else {
                continue;
            };
            let parted = nodes.get(first).and_then(page) < nodes.get(n).and_then(page);
            if parted && moved != Some(first) {
                moved = Some(first);
                self.set.back_to_a_new_page(&mark);
                nodes.truncate(first);
            }
        }
        Node::Group(Kind::Section, nodes)
    }

    fn block(&mut self, block: &Block) -> Node {
        match block {
            Block::Paragraph(line) => {
                let runs = self.inlines(line);
                let text = self.set.text(&runs, BODY, SIDE, MEASURE);
                Node::Group(Kind::Paragraph, text)
            }
            Block::List(items) => {
                let items = items.iter().map(|item| ("•".to_owned(), item.as_slice()));
                self.list(Kind::List, items)
            }
            Block::Ordered { start, items } => {
                let items = (*start..).zip(items);
                let items = items.map(|(n, item)| (format!("{n}."), item.as_slice()));
                self.list(Kind::Ordered, items)
            }
            Block::Heading { text, .. } => {
                let runs = self.inlines(text);
                self.part_heading(&runs)
            }
            Block::Quote(inner) => {
                let nodes = inner.iter().map(|block| {
                    let node = self.block(block);
                    self.set.skip(4.0);
                    node
                });
                Node::Group(Kind::Quote, nodes.collect())
            }
            Block::Table { head, rows } => {
                let rows: Vec<_> = rows
                    .iter()
                    .map(|row| (None, row.iter().map(|cell| self.inlines(cell)).collect()))
                    .collect();
                self.set.table(head, &rows, SMALL, MEASURE)
            }
            Block::Code { label, text } => {
                let title = self
                    .set
                    .text(&[Run::plain(label).bold()], BODY, SIDE, MEASURE);
                let mut nodes = vec![Node::Group(Kind::Paragraph, title)];
                nodes.push(Node::Group(
                    Kind::Code,
                    self.set.code(text, SMALL, SIDE, MEASURE),
                ));
                Node::Group(Kind::Section, nodes)
            }
            Block::Chart { id, summary, svg } => self.chart(id, summary, svg),
        }
    }

    /// A list whose items begin with a mark each.
    fn list<'i>(
        &mut self,
        kind: Kind,
        items: impl Iterator<Item = (String, &'i [Inline])>,
    ) -> Node {
        let mut entries = Vec::new();
        for (mark, item) in items {
            let mut runs = vec![Run::plain(&format!("{mark} ")).ink(MUTED)];
            runs.extend(self.inlines(item));
            let text = self.set.text(&runs, BODY, SIDE + 8.0, MEASURE - 8.0);
            self.set.skip(2.0);
            let mut text = text.into_iter();
            let label = Node::Group(Kind::Label, text.by_ref().take(1).collect());
            let body = Node::Group(Kind::Body, text.collect());
            entries.push(Node::Group(Kind::Entry, vec![label, body]));
        }
        Node::Group(kind, entries)
    }

    /// A heading that somebody wrote into a section. PDF/UA allows no level to be left out (ISO 14289-1,
    /// 7.4.2), and people do leave some out: they all have the one below the section's.
    fn part_heading(&mut self, words: &[Run]) -> Node {
        const SIZE: f32 = 10.5;
        self.set.skip(4.0);
        // A heading stands with what it heads.
        self.set.need(SIZE * 1.4 + 30.0);
        let said: String = words.iter().map(|run| run.text.as_str()).collect();
        let bold: Vec<Run> = words.iter().cloned().map(Run::bold).collect();
        let text = self.set.text(&bold, SIZE, SIDE, MEASURE);
        Node::Group(Kind::Heading(3, printable(&said)), text)
    }

    /// The lane drawn for this width where it is at hand, else the picture of the page.
    fn chart(&mut self, id: &str, summary: &str, svg: &str) -> Node {
        self.set.begin(&format!("chart {id}"));
        let lane = self.export.lanes.iter().find(|lane| lane.id == id);
        let drawn = lane.map(|lane| {
            let height = lane.height_at(CHART);
            let size = Size {
                width: CHART,
                height,
            };
            chart::svg(lane, self.export.report.window, size)
        });
        let read = picture::read(drawn.as_deref().unwrap_or(svg));
        let Some(read) = read.filter(|p| p.width > 0.0 && p.height > 0.0) else {
            return Node::Group(Kind::Paragraph, Vec::new());
        };
        // A tall lane may not be taller than a page with the headings that stand above it.
        let width = MEASURE.min(read.width / read.height * (HEIGHT - 190.0));
        let height = read.height * width / read.width;
        self.set.need(height);
        self.set.place(format!("chart:{id}"));
        let node = self.set.picture(read, width);
        Node::Group(Kind::Figure(printable(summary)), vec![node])
    }

    fn inlines(&self, line: &[Inline]) -> Vec<Run> {
        line.iter()
            .filter(|i| !matches!(i, Inline::Code(text) if text.is_empty()))
            .map(|inline| match inline {
                Inline::Text(text) => Run::plain(text),
                // One weight and no slope are bundled: what is said with another voice is heavier, too.
                Inline::Strong(text) | Inline::Emphasis(text) => Run::plain(text).bold(),
                Inline::Unresolved(id) => {
                    Run::plain(&format!("{id}: not in the evidence")).ink(NOTICE)
                }
                Inline::Code(text) => Run::plain(text).ink(CODE),
                Inline::Figure(id) => self.figure(id),
                Inline::Link { text, href } => {
                    let mut run = Run::plain(text);
                    if href.starts_with("https://") {
                        run.rgb = ACCENT;
                        run.goal = Some(Goal::Web(href.clone()));
                    }
                    run
                }
            })
            .collect()
    }

    /// A figure as it stands in the text, linked to its line in the appendix.
    fn figure(&self, id: &str) -> Run {
        let Some((n, figure)) = self.figures.get(id) else {
            return Run::plain("unknown");
        };
        let mut run = Run::plain(&figure.text);
        run.goal = Some(Goal::Place(format!("figure:{n}")));
        run.figure = Some(id.to_owned());
        run.whole = true;
        run
    }

    /// Every figure of the report with its evidence, which leads to the chart that shows it.
    fn appendix(&mut self, report: &Report) -> Node {
        self.set.begin("section figures");
        let heading = self.heading(2, "Figures", "section:figures".to_owned());
        let words = if self.export.bundle.is_empty() {
            "Every number and time above, with what it was made from."
        } else {
            "Every number and time above, with what it was made from. The evidence itself is attached to \
             this file as a bundle; `lineup verify` recomputes every figure from it."
        };
        let text = self.set.text(&[Run::plain(words)], BODY, SIDE, MEASURE);
        self.set.skip(6.0);
        let head = ["Figure", "In the text", "Value", "Unit", "Evidence"].map(str::to_owned);
        let charts = evidence_links(report);
        let mut rows = Vec::new();
        for (i, figure) in report.figures.iter().enumerate() {
            let stated = |text: &str| {
                let mut run = Run::plain(text);
                run.figure = Some(figure.id.clone());
                vec![run]
            };
            let value = value_of(figure);
            let mut said = stated(&figure.text);
            if let Some(run) = said.first_mut() {
                run.goal = Some(Goal::Place(format!("said:{}", figure.id)));
                run.rgb = ACCENT;
                run.whole = true;
            }
            let cells = vec![
                stated(&figure.id),
                said,
                stated(&value),
                stated(&figure.unit),
                evidence(figure, &charts, report.window),
            ];
            rows.push((Some(format!("figure:{}", i + 1)), cells));
        }
        self.set.tighten();
        let table = self.set.table(&head, &rows, FINE, MEASURE);
        let text = Node::Group(Kind::Paragraph, text);
        Node::Group(Kind::Section, vec![heading, text, table])
    }
}

/// Whether it stands with what follows: a heading, a lone title as over a chart, a line that ends in a
/// colon as over a list. `None` is the section's own heading.
fn keeps(block: Option<&Block>) -> bool {
    match block {
        None | Some(Block::Heading { .. }) => true,
        Some(Block::Paragraph(line)) => match line.as_slice() {
            [Inline::Strong(_)] => true,
            [.., Inline::Text(last)] => last.ends_with(':'),
            _ => false,
        },
        Some(_) => false,
    }
}

/// The page on which a node begins.
fn page(node: &Node) -> Option<usize> {
    match node {
        Node::Leaf(page, _) => Some(*page),
        Node::Group(_, nodes) => nodes.iter().find_map(page),
    }
}

/// Names of things.
const CODE: super::sheet::Rgb = (0x3d, 0x46, 0x51);

/// Most ids of evidence that a figure's line names.
const NAMED: usize = 3;

/// The evidence of a figure, each id linked to the chart that shows it.
fn evidence(figure: &Figure, charts: &BTreeMap<&str, &str>, window: Window) -> Vec<Run> {
    let mut out = Vec::new();
    for (i, id) in figure.evidence.iter().take(NAMED).enumerate() {
        if i > 0 {
            out.push(Run::plain(", "));
        }
        let mut run = Run::plain(id);
        run.figure = Some(figure.id.clone());
        if let Some(lane) = charts.get(id.as_str()) {
            run.goal = Some(Goal::Place(format!("chart:{lane}")));
            run.rgb = ACCENT;
        }
        out.push(run);
    }
    let more = figure.evidence.len().saturating_sub(NAMED);
    if more > 0 {
        out.push(Run::plain(&format!(" and {more} more")));
    }
    if let Some(span) = figure.span {
        let lead = if out.is_empty() { "" } else { "; " };
        let (start, end) = (span.start.minute(), span.end.minute());
        let words = if span == window {
            format!("{lead}whole window")
        } else {
            format!("{lead}{start} to {end} UTC")
        };
        let mut run = Run::plain(&words);
        run.figure = Some(figure.id.clone());
        out.push(run);
    }
    out
}
