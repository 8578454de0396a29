//! Pages before they are written: what stands where, what it is, and where links lead.
//!
//! Laying out comes first and writing second, since a link needs the page of its goal.

use crate::render::picture::Picture;
use std::collections::BTreeMap;

/// Width of a page in points: ISO 216 A4.
pub(super) const WIDTH: f32 = 595.28;
/// Height of a page in points.
pub(super) const HEIGHT: f32 = 841.89;
/// Room on the left and on the right.
pub(super) const SIDE: f32 = 51.0;
/// Room above.
pub(super) const TOP: f32 = 56.0;
/// Room below, which holds the footer.
pub(super) const FOOT: f32 = 58.0;
/// Width of what is written.
pub(super) const MEASURE: f32 = WIDTH - 2.0 * SIDE;

/// Red, green, blue.
pub(super) type Rgb = (u8, u8, u8);

/// Text.
pub(super) const INK: Rgb = (0x1f, 0x24, 0x2b);
/// Text of less weight.
pub(super) const MUTED: Rgb = (0x59, 0x63, 0x6e);
/// Links.
pub(super) const ACCENT: Rgb = (0x0b, 0x63, 0xa5);
/// Ground of code and notices.
pub(super) const SOFT: Rgb = (0xf2, 0xf4, 0xf6);
/// Rules.
pub(super) const LINE: Rgb = (0xdf, 0xe3, 0xe8);
/// The bar beside a notice.
pub(super) const NOTICE: Rgb = (0x8a, 0x5a, 0x00);

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Goal {
    /// To a place of this document, by its name.
    Place(String),
    /// To a public page.
    Web(String),
}

/// A rectangle: left, top, width, height, in points from the upper left corner.
pub(super) type Area = (f32, f32, f32, f32);

/// What stands on a page.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A piece of a line of text.
    Text {
        /// Left end of its base line.
        at: (f32, f32),
        /// Size of an em.
        size: f32,
        /// Whether it is heavier.
        bold: bool,
        /// Colour.
        rgb: Rgb,
        /// What it says.
        text: String,
        /// Where it leads.
        goal: Option<Goal>,
    },
    /// A picture, scaled.
    Picture {
        /// Its upper left corner.
        at: (f32, f32),
        /// Points to a unit of the picture.
        scale: f32,
        /// The picture.
        picture: Picture,
    },
    /// A filled area; no content, only decoration.
    Ground(Area, Rgb),
    /// Text that is no content: repeated headings, the footer.
    Aside {
        /// Left end of its base line.
        at: (f32, f32),
        /// Size of an em.
        size: f32,
        /// What it says.
        text: String,
        /// Whether it belongs to the page and not to what is on it.
        footer: bool,
    },
}

/// What an item belongs to, by the name that `lineup verify` gives it.
pub(super) type Part = std::rc::Rc<str>;

/// A page.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// What stands on it, in the order of reading, with the part of the report that it belongs to.
    pub(super) items: Vec<(Item, Part)>,
}

/// What a group of content is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A section.
    Section,
    /// A heading of a level, counted from 1, with its text.
    Heading(u16, String),
    /// A paragraph.
    Paragraph,
    /// A list.
    List,
    /// A list whose items are counted.
    Ordered,
    /// What somebody else said.
    Quote,
    /// An entry of a list.
    Entry,
    /// What an entry says.
    Body,
    /// What stands before an entry.
    Label,
    /// A table.
    Table,
    /// A row.
    Row,
    /// The heading of a column.
    Head,
    /// A cell.
    Cell,
    /// A figure with its description.
    Figure(String),
    /// Text for a machine.
    Code,
    /// A table of contents.
    Contents,
    /// An entry of it.
    ContentsEntry,
}

/// The structure of the document: groups down to the items of its pages.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A group.
    Group(Kind, Vec<Node>),
    /// An item: page and number on it.
    Leaf(usize, usize),
}

/// A document that is laid out.
#[derive(Debug, Default)]
pub(super) struct Laid {
    /// Its pages.
    pub(super) pages: Vec<Sheet>,
    /// Its structure.
    pub(super) tree: Vec<Node>,
    /// Goals of links: page, and points from the top.
    pub(super) places: BTreeMap<String, (usize, f32)>,
    /// Bookmarks: text and place.
    pub(super) bookmarks: Vec<(String, String)>,
}
