//! Markdown into blocks. Whatever a report has no form for stays there as words.

use super::{
    conflicts::{Piece, pieces},
    references::{Marked, Part},
};
use crate::sections::text as words;
use model::report::{Block, Inline};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Deepest quote in a quote. What is deeper is said at this depth: a text of nothing but `>` must not
/// exhaust the stack.
const DEEPEST: usize = 8;

/// What a text may refer to.
pub(crate) trait Known {
    /// The id of the figure that a reference means; `None` where there is none.
    fn figure(&self, reference: &str) -> Option<String>;

    /// The charts that a reference means; `None` where it means one that there is not.
    fn charts(&self, reference: &str) -> Option<Vec<Block>>;
}

/// The blocks of a text.
pub(crate) fn parse(text: &str, known: &dyn Known) -> Vec<Block> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(text) => out.extend(blocks(&text, known)),
            Piece::Several(several) => {
                out.push(Block::Paragraph(vec![Inline::Strong(
                    "Written at the same time, and both kept. Somebody has to decide:".to_owned(),
                )]));
                for (author, text) in several {
                    let mut inner = Vec::new();
                    if !author.is_empty() {
                        let line = format!("{author}:");
                        inner.push(Block::Paragraph(vec![Inline::Emphasis(line)]));
                    }
                    inner.extend(blocks(&text, known));
                    out.push(Block::Quote(inner));
                }
            }
        }
    }
    level_headings(&mut out);
    out
}

/// A text of one line, such as a row of a table has.
pub(crate) fn inlines(text: &str, known: &dyn Known) -> Vec<Inline> {
    let mut out = Vec::new();
    for block in blocks(text, known) {
        let lines = match block {
            Block::Paragraph(line) | Block::Heading { text: line, .. } => vec![line],
            Block::List(items) | Block::Ordered { items, .. } => items,
            _ => Vec::new(),
        };
        for line in lines {
            if !out.is_empty() {
                out.push(words(" "));
            }
            out.extend(line);
        }
    }
    if out.is_empty() && !text.trim().is_empty() {
        out.push(words(text.trim()));
    }
    out
}

fn blocks(text: &str, known: &dyn Known) -> Vec<Block> {
    let marked = Marked::of(text);
    let parser = Parser::new_ext(&marked.text, Options::ENABLE_TABLES);
    let mut reader = Reader {
        events: parser,
        marked: &marked,
        known,
    };
    reader.blocks(0, &|_| false)
}

struct Reader<'a> {
    events: Parser<'a>,
    marked: &'a Marked,
    known: &'a dyn Known,
}

impl<'a> Reader<'a> {
    /// Blocks until their container ends.
    fn blocks(&mut self, depth: usize, ends: &dyn Fn(&TagEnd) -> bool) -> Vec<Block> {
        let mut out = Vec::new();
        // Containers that are not opened, because they would be too deep, and have to end too.
        let mut unopened = 0_usize;
        while let Some(event) = self.events.next() {
            match event {
                Event::End(TagEnd::BlockQuote(_)) if unopened > 0 => unopened -= 1,
                Event::End(end) if ends(&end) => break,
                Event::Start(Tag::BlockQuote(_)) if depth >= DEEPEST => unopened += 1,
                Event::Start(tag) => self.block(tag, depth, &mut out),
                // Nothing else stands outside of a block.
                _ => {}
            }
        }
        out
    }

    fn block(&mut self, tag: Tag<'a>, depth: usize, out: &mut Vec<Block>) {
        match tag {
            Tag::Paragraph => {
                let line = self.line(&|end| *end == TagEnd::Paragraph);
                self.paragraph(line, out);
            }
            Tag::Heading { level, .. } => {
                let line = self.line(&|end| matches!(end, TagEnd::Heading(_)));
                let text = line.inlines(self.known);
                out.push(Block::Heading {
                    level: level_of(level),
                    text,
                });
            }
            Tag::BlockQuote(_) => {
                let inner = self.blocks(depth + 1, &|end| matches!(end, TagEnd::BlockQuote(_)));
                out.push(Block::Quote(inner));
            }
            Tag::CodeBlock(kind) => out.push(self.code(&kind)),
            Tag::HtmlBlock => {
                let line = self.line(&|end| *end == TagEnd::HtmlBlock);
                self.paragraph(line, out);
            }
            Tag::List(start) => self.list(start, depth, out),
            Tag::Table(_) => out.push(self.table()),
            _ => {}
        }
    }

    /// Charts stand between paragraphs, wherever they are referred to.
    fn paragraph(&self, line: Line, out: &mut Vec<Block>) {
        let mut words = Line::default();
        for piece in line.pieces {
            let charts = match &piece {
                Piecewise::Reference(id) => self.known.charts(id),
                Piecewise::Inline(_) => None,
            };
            match charts {
                Some(charts) => {
                    push_paragraph(std::mem::take(&mut words).inlines(self.known), out);
                    out.extend(charts);
                }
                None => words.pieces.push(piece),
            }
        }
        push_paragraph(words.inlines(self.known), out);
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>) -> Block {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::Text(piece) => text.push_str(&self.marked.restored(&piece)),
                Event::End(TagEnd::CodeBlock) => break,
                _ => {}
            }
        }
        let label = match kind {
            CodeBlockKind::Fenced(info) => self.marked.restored(info.trim()),
            CodeBlockKind::Indented => String::new(),
        };
        Block::Code {
            label: if label.is_empty() {
                "Code".to_owned()
            } else {
                label
            },
            text,
        }
    }

    /// A list, flat: lists in it become items of it, with a dash for each level.
    fn list(&mut self, start: Option<u64>, depth: usize, out: &mut Vec<Block>) {
        let mut items: Vec<Vec<Inline>> = Vec::new();
        let mut after: Vec<Block> = Vec::new();
        let mut line = Line::default();
        let mut level = 0_usize;
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::List(_)) => {
                    flush(&mut line, level, self.known, &mut items);
                    level += 1;
                }
                Event::End(TagEnd::List(_)) => {
                    flush(&mut line, level, self.known, &mut items);
                    if level == 0 {
                        break;
                    }
                    level -= 1;
                }
                Event::Start(Tag::Item) | Event::End(TagEnd::Item) => {
                    flush(&mut line, level, self.known, &mut items);
                }
                Event::Start(Tag::Paragraph) => {
                    if !line.pieces.is_empty() {
                        line.words(" ");
                    }
                }
                Event::End(TagEnd::Paragraph) => {}
                Event::Start(
                    tag @ (Tag::BlockQuote(_)
                    | Tag::CodeBlock(_)
                    | Tag::HtmlBlock
                    | Tag::Heading { .. }
                    | Tag::Table(_)),
                ) => {
                    if depth < DEEPEST || !matches!(tag, Tag::BlockQuote(_)) {
                        self.block(tag, depth + 1, &mut after);
                    }
                }
                event => line.take(event, self.marked),
            }
        }
        items.retain(|item| !item.is_empty());
        if !items.is_empty() {
            out.push(match start {
                Some(start) => Block::Ordered { start, items },
                None => Block::List(items),
            });
        }
        out.append(&mut after);
    }

    fn table(&mut self) -> Block {
        let mut head = Vec::new();
        let mut rows: Vec<Vec<Vec<Inline>>> = Vec::new();
        let mut in_head = false;
        while let Some(event) = self.events.next() {
            match event {
                Event::Start(Tag::TableHead) => in_head = true,
                Event::End(TagEnd::TableHead) => in_head = false,
                Event::Start(Tag::TableRow) => rows.push(Vec::new()),
                Event::Start(Tag::TableCell) => {
                    let line = self.line(&|end| *end == TagEnd::TableCell);
                    if in_head {
                        head.push(line.plain());
                    } else if let Some(row) = rows.last_mut() {
                        row.push(line.inlines(self.known));
                    }
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        Block::Table { head, rows }
    }

    /// Running text until its block ends.
    fn line(&mut self, ends: &dyn Fn(&TagEnd) -> bool) -> Line {
        let mut line = Line::default();
        for event in self.events.by_ref() {
            match event {
                Event::End(end) if ends(&end) => break,
                event => line.take(event, self.marked),
            }
        }
        line
    }
}

fn flush(line: &mut Line, level: usize, known: &dyn Known, items: &mut Vec<Vec<Inline>>) {
    let mut inlines = std::mem::take(line).inlines(known);
    if inlines.is_empty() {
        return;
    }
    if level > 0 {
        let dashes = format!("{} ", "–".repeat(level.min(DEEPEST)));
        inlines.insert(0, Inline::Text(dashes));
    }
    items.push(inlines);
}

fn push_paragraph(line: Vec<Inline>, out: &mut Vec<Block>) {
    let blank = |i: &Inline| matches!(i, Inline::Text(text) if text.trim().is_empty());
    if !line.iter().all(blank) {
        out.push(Block::Paragraph(line));
    }
}

/// Running text before its references are looked up.
#[derive(Default)]
struct Line {
    pieces: Vec<Piecewise>,
    strong: usize,
    emphasis: usize,
    /// Links that are open: where they go, and what they say so far.
    links: Vec<(String, String)>,
}

enum Piecewise {
    Inline(Inline),
    Reference(String),
}

impl Line {
    fn take(&mut self, event: Event<'_>, marked: &Marked) {
        match event {
            Event::Text(text) => self.text(&text, marked),
            Event::Code(text) => {
                let text = marked.restored(&text);
                match self.links.last_mut() {
                    Some((_, said)) => said.push_str(&text),
                    None => self.pieces.push(Piecewise::Inline(Inline::Code(text))),
                }
            }
            // Markup is text: nothing that somebody types becomes an element.
            Event::Html(text) | Event::InlineHtml(text) => self.words(&marked.restored(&text)),
            Event::SoftBreak | Event::HardBreak => self.words(" "),
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.emphasis += 1,
            Event::End(TagEnd::Emphasis) => self.emphasis = self.emphasis.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.links.push((marked.restored(&dest_url), String::new()));
            }
            Event::End(TagEnd::Link) => self.link(true),
            Event::End(TagEnd::Image) => self.link(false),
            _ => {}
        }
    }

    fn text(&mut self, text: &CowStr<'_>, marked: &Marked) {
        for part in marked.split(text) {
            match part {
                Part::Words(words) => self.words(words),
                Part::Reference(id) => self.pieces.push(Piecewise::Reference(id.to_owned())),
            }
        }
    }

    fn words(&mut self, words: &str) {
        if let Some((_, said)) = self.links.last_mut() {
            said.push_str(words);
            return;
        }
        let last = self.pieces.last_mut();
        if let Some(Piecewise::Inline(last)) = last {
            let before = match last {
                Inline::Strong(text) if self.strong > 0 => Some(text),
                Inline::Emphasis(text) if self.strong == 0 && self.emphasis > 0 => Some(text),
                Inline::Text(text) if self.strong == 0 && self.emphasis == 0 => Some(text),
                _ => None,
            };
            if let Some(before) = before {
                before.push_str(words);
                return;
            }
        }
        let words = words.to_owned();
        self.pieces.push(Piecewise::Inline(if self.strong > 0 {
            Inline::Strong(words)
        } else if self.emphasis > 0 {
            Inline::Emphasis(words)
        } else {
            Inline::Text(words)
        }));
    }

    /// Ends a link. One that a reader must not follow is its words and its address.
    fn link(&mut self, is_link: bool) {
        let Some((href, text)) = self.links.pop() else {
            return;
        };
        let plain = href.starts_with("https://") && !href.contains(char::is_control);
        if is_link && plain && self.links.is_empty() && !text.trim().is_empty() {
            self.pieces
                .push(Piecewise::Inline(Inline::Link { text, href }));
        } else if text == href || href.is_empty() {
            self.words(&text);
        } else {
            self.words(&format!("{text} ({href})"));
        }
    }

    /// The line with its references looked up.
    fn inlines(self, known: &dyn Known) -> Vec<Inline> {
        let mut out: Vec<Inline> = Vec::new();
        for piece in self.pieces {
            out.push(match piece {
                Piecewise::Inline(inline) => inline,
                Piecewise::Reference(id) => match known.figure(&id) {
                    Some(id) => Inline::Figure(id),
                    None => Inline::Unresolved(id),
                },
            });
        }
        out
    }

    /// The line in words, as a table's head has them.
    fn plain(self) -> String {
        let piece = |piece| match piece {
            Piecewise::Reference(id) => format!("{{{{{id}}}}}"),
            Piecewise::Inline(
                Inline::Text(text)
                | Inline::Strong(text)
                | Inline::Emphasis(text)
                | Inline::Code(text)
                | Inline::Link { text, .. }
                | Inline::Unresolved(text)
                | Inline::Figure(text),
            ) => text,
        };
        self.pieces.into_iter().map(piece).collect()
    }
}

fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Headings of a section begin at level 3 and leave no level out on their way down, whatever somebody
/// typed: readers find their way by them.
fn level_headings(blocks: &mut [Block]) {
    let mut open: Vec<u8> = Vec::new();
    for block in blocks {
        if let Block::Heading { level, .. } = block {
            while open.last().is_some_and(|last| last >= level) {
                open.pop();
            }
            open.push(*level);
            *level = (open.len() as u8 + 2).min(6);
        }
    }
}
