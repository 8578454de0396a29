//! Text on pages: lines broken at words, pages at lines, and tables with columns that fit ([`tables`]).

mod tables;

use super::sheet::{
    Area, FOOT, Goal, HEIGHT, INK, Item, Laid, Node, Part, Rgb, SIDE, SOFT, Sheet, TOP,
};
use crate::render::typeface::{Typeface, printable};
use std::collections::BTreeMap;
use tables::AIR;

/// Line height over the size of the text.
const LEADING: f32 = 1.42;

/// A run of text of one look.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// What it says.
    pub(super) text: String,
    /// Whether it is heavier.
    pub(super) bold: bool,
    /// Colour.
    pub(super) rgb: Rgb,
    /// Where it leads.
    pub(super) goal: Option<Goal>,
    /// The figure that it states.
    pub(super) figure: Option<String>,
    /// Whether it stays on one line where there is room: a number with its unit, an instant.
    pub(super) whole: bool,
}

impl Run {
    /// Plain words.
    pub(super) fn plain(text: &str) -> Self {
        Self {
            text: printable(text),
            bold: false,
            rgb: INK,
            goal: None,
            figure: None,
            whole: false,
        }
    }

    /// What may not be parted.
    fn words(&self) -> impl Iterator<Item = &str> {
        let all = self.whole.then_some(self.text.as_str());
        let each = (!self.whole).then(|| self.text.split_inclusive(' '));
        all.into_iter().chain(each.into_iter().flatten())
    }

    /// The same, heavier.
    pub(super) fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    /// The same in another colour.
    pub(super) fn ink(mut self, rgb: Rgb) -> Self {
        self.rgb = rgb;
        self
    }
}

/// A piece of a line: a part of a run, with its width in points.
#[derive(Clone, Debug)]
struct Piece {
    run: usize,
    text: String,
    width: f32,
}

/// A text broken into lines.
#[derive(Debug, Default)]
struct Lines(Vec<Vec<Piece>>);

/// Sets text on pages.
pub(super) struct Setter {
    /// What is laid out so far.
    pub(super) laid: Laid,
    face: Typeface,
    y: f32,
    part: Part,
    /// Line height over the size of the text.
    leading: f32,
    /// Room that a row of a table has besides its lines.
    air: f32,
}

/// A state of the layout, to go back to.
pub(super) struct Mark {
    pages: usize,
    items: usize,
    y: f32,
    bookmarks: usize,
    places: BTreeMap<String, (usize, f32)>,
}

impl Setter {
    /// An empty document.
    pub(super) fn new(face: Typeface) -> Self {
        Self {
            laid: Laid {
                pages: vec![Sheet::default()],
                ..Laid::default()
            },
            face,
            y: TOP,
            part: Part::from("the head"),
            leading: LEADING,
            air: AIR,
        }
    }

    /// Sets what follows closer: a long table of reference, which nobody reads line by line.
    pub(super) fn tighten(&mut self) {
        (self.leading, self.air) = (1.18, 1.2);
    }

    /// The state as it is.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            pages: self.laid.pages.len(),
            items: self.laid.pages.last().map_or(0, |sheet| sheet.items.len()),
            y: self.y,
            bookmarks: self.laid.bookmarks.len(),
            places: self.laid.places.clone(),
        }
    }

    /// Undoes everything since a mark, and goes on with a new page.
    pub(super) fn back_to_a_new_page(&mut self, mark: &Mark) {
        self.laid.pages.truncate(mark.pages);
        if let Some(sheet) = self.laid.pages.last_mut() {
            sheet.items.truncate(mark.items);
        }
        self.laid.bookmarks.truncate(mark.bookmarks);
        self.laid.places.clone_from(&mark.places);
        self.y = mark.y;
        // More than any page has room for.
        self.need(HEIGHT);
    }

    /// What follows belongs to this part of the report.
    pub(super) fn begin(&mut self, part: &str) {
        self.part = Part::from(part);
    }

    /// Leaves room.
    pub(super) fn skip(&mut self, points: f32) {
        if self.y > TOP {
            self.y += points;
        }
    }

    /// Begins a page where less than this is left.
    pub(super) fn need(&mut self, points: f32) {
        if self.y + points > HEIGHT - FOOT && self.y > TOP {
            self.laid.pages.push(Sheet::default());
            self.y = TOP;
        }
    }

    fn page(&self) -> usize {
        self.laid.pages.len().saturating_sub(1)
    }

    /// Names the place that comes next.
    pub(super) fn place(&mut self, name: String) {
        let here = (self.page(), self.y);
        self.laid.places.entry(name).or_insert(here);
    }

    fn put(&mut self, item: Item, part: Part) -> Node {
        let page = self.page();
        let Some(sheet) = self.laid.pages.last_mut() else {
            return Node::Leaf(0, 0);
        };
        sheet.items.push((item, part));
        Node::Leaf(page, sheet.items.len() - 1)
    }

    /// A filled area behind what comes next.
    pub(super) fn ground(&mut self, (left, top, width, height): Area, rgb: Rgb) {
        let part = self.part.clone();
        self.put(Item::Ground((left, top, width, height), rgb), part);
    }

    /// A picture of that many points in width; its node.
    pub(super) fn picture(&mut self, picture: crate::render::picture::Picture, width: f32) -> Node {
        let scale = width / picture.width.max(1.0);
        let height = picture.height * scale;
        self.need(height);
        let part = self.part.clone();
        let at = (SIDE, self.y);
        let node = self.put(Item::Picture { at, scale, picture }, part);
        self.y += height;
        node
    }

    /// Text between two edges; the nodes of its pieces.
    pub(super) fn text(&mut self, runs: &[Run], size: f32, left: f32, width: f32) -> Vec<Node> {
        let lines = self.broken(runs, size, width);
        let mut nodes = Vec::new();
        for line in &lines.0 {
            self.need(size * self.leading);
            self.line(runs, line, size, left, &mut nodes);
            self.y += size * self.leading;
        }
        nodes
    }

    /// Lines of code on a ground of their own.
    pub(super) fn code(&mut self, text: &str, size: f32, left: f32, width: f32) -> Vec<Node> {
        let mut nodes = Vec::new();
        for line in text.lines() {
            // Leading spaces show the structure.
            let run = [Run::plain(&line.replace('\t', "    "))];
            for broken in &self.broken(&run, size, width - 12.0).0 {
                self.need(size * self.leading);
                let area = (left, self.y, width, size * self.leading);
                self.ground(area, SOFT);
                self.line(&run, broken, size, left + 6.0, &mut nodes);
                self.y += size * self.leading;
            }
        }
        nodes
    }

    /// Text beside a bar, on a ground of its own.
    pub(super) fn boxed(
        &mut self,
        runs: &[Run],
        size: f32,
        left: f32,
        width: f32,
        bar: Rgb,
    ) -> Vec<Node> {
        let lines = self.broken(runs, size, width - 20.0);
        let mut nodes = Vec::new();
        for line in &lines.0 {
            let height = size * self.leading + 2.0;
            self.need(height);
            let top = self.y;
            self.ground((left, top, width, height), SOFT);
            self.ground((left, top, 2.5, height), bar);
            self.y += 1.0;
            self.line(runs, line, size, left + 12.0, &mut nodes);
            self.y = top + height;
        }
        nodes
    }

    fn line(&mut self, runs: &[Run], line: &[Piece], size: f32, left: f32, nodes: &mut Vec<Node>) {
        let base = self.y + size * 1.05;
        let mut x = left;
        for piece in line {
            let Some(run) = runs.get(piece.run) else {
                continue;
            };
            // Where a figure is said first: its line in the appendix leads back here.
            if let (Some(Goal::Place(goal)), Some(id)) = (&run.goal, &run.figure)
                && goal.starts_with("figure:")
            {
                self.place(format!("said:{id}"));
            }
            let part = match &run.figure {
                Some(id) => Part::from(format!("figure {id}").as_str()),
                None => self.part.clone(),
            };
            let item = Item::Text {
                at: (x, base),
                size,
                bold: run.bold,
                rgb: run.rgb,
                text: piece.text.clone(),
                goal: run.goal.clone(),
            };
            let node = self.put(item, part);
            nodes.push(node);
            x += piece.width;
        }
    }

    fn broken(&mut self, runs: &[Run], size: f32, width: f32) -> Lines {
        let mut lines = Lines::default();
        let mut line: Vec<Piece> = Vec::new();
        let mut used = 0.0;
        for (n, run) in runs.iter().enumerate() {
            for word in run.words() {
                let bare = self.face.width(word.trim_end(), size);
                if used + bare > width && !line.is_empty() && !word.trim().is_empty() {
                    lines.0.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                for piece in self.cut(word, size, width) {
                    let full = self.face.width(&piece, size);
                    if used > 0.0 && used + self.face.width(piece.trim_end(), size) > width {
                        lines.0.push(std::mem::take(&mut line));
                        used = 0.0;
                    }
                    match line.last_mut().filter(|last| last.run == n) {
                        Some(last) => {
                            last.text.push_str(&piece);
                            last.width += full;
                        }
                        None => line.push(Piece {
                            run: n,
                            text: piece,
                            width: full,
                        }),
                    }
                    used += full;
                }
            }
        }
        if !line.is_empty() {
            lines.0.push(line);
        }
        lines
    }

    /// A word in pieces that fit: whole where it does, else cut where there is no more room.
    fn cut(&mut self, word: &str, size: f32, width: f32) -> Vec<String> {
        if self.face.width(word.trim_end(), size) <= width {
            return vec![word.to_owned()];
        }
        let mut out = vec![String::new()];
        let mut used = 0.0;
        for c in word.chars() {
            let advance = self.face.glyph(c).advance * size;
            if used + advance > width && used > 0.0 && c != ' ' {
                out.push(String::new());
                used = 0.0;
            }
            if let Some(last) = out.last_mut() {
                last.push(c);
            }
            used += advance;
        }
        out
    }

    /// The pages, with a footer on each.
    pub(super) fn finish(mut self, footer: &str) -> Laid {
        let n = self.laid.pages.len();
        for (i, sheet) in self.laid.pages.iter_mut().enumerate() {
            let number = format!("{} / {n}", i + 1);
            let right = super::sheet::WIDTH - SIDE - self.face.width(&number, 8.0);
            for (x, text) in [(SIDE, printable(footer)), (right, number)] {
                let item = Item::Aside {
                    at: (x, HEIGHT - 30.0),
                    size: 8.0,
                    text,
                    footer: true,
                };
                sheet.items.push((item, Part::from("the footer")));
            }
        }
        self.laid
    }

    /// The longest beginning of a text that fits, with an ellipsis where something is cut.
    pub(super) fn fit(&mut self, text: &str, size: f32, width: f32) -> String {
        let text = printable(text);
        if self.face.width(&text, size) <= width {
            return text;
        }
        let mut out = String::new();
        let mut used = self.face.width("…", size);
        for c in text.chars() {
            used += self.face.glyph(c).advance * size;
            if used > width {
                break;
            }
            out.push(c);
        }
        out + "…"
    }
}
