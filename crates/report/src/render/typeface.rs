//! The bundled typeface for renderings without a browser: glyphs, their widths and their outlines.

use std::collections::BTreeMap;
use ttf_parser::{Face, GlyphId};

/// What stands where the typeface has no glyph.
const MISSING: char = '□';

/// The bundled Inter.
pub(crate) struct Typeface {
    face: Face<'static>,
    em: f32,
    known: BTreeMap<char, Glyph>,
}

/// A glyph and how far it leads on, in ems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Glyph {
    /// Its number in the font.
    pub(crate) id: u16,
    /// Its advance width.
    pub(crate) advance: f32,
}

impl Typeface {
    /// `None` only where the bundled file is no font.
    pub(crate) fn bundled() -> Option<Self> {
        let face = Face::parse(chart::TYPEFACE, 0).ok()?;
        let em = f32::from(face.units_per_em());
        Some(Self {
            face,
            em,
            known: BTreeMap::new(),
        })
    }

    /// The glyph of a character; a hollow square for what the typeface has not.
    pub(crate) fn glyph(&mut self, c: char) -> Glyph {
        if let Some(glyph) = self.known.get(&c) {
            return *glyph;
        }
        let id = self
            .face
            .glyph_index(c)
            .or_else(|| self.face.glyph_index(MISSING))
            .unwrap_or(GlyphId(0));
        let advance = f32::from(self.face.glyph_hor_advance(id).unwrap_or(0)) / self.em;
        let glyph = Glyph { id: id.0, advance };
        self.known.insert(c, glyph);
        glyph
    }

    /// Width of a text in the unit of `size`.
    pub(crate) fn width(&mut self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.glyph(c).advance).sum::<f32>() * size
    }

    /// The outline of a glyph, in units of which [`Typeface::em`] make an em; y points up.
    pub(crate) fn outline(&self, glyph: Glyph, to: &mut dyn ttf_parser::OutlineBuilder) {
        self.face.outline_glyph(GlyphId(glyph.id), to);
    }

    /// Units in an em.
    pub(crate) fn em(&self) -> f32 {
        self.em
    }
}

/// Text as a typeset page can carry it: one line, circled numbers in brackets, and nothing that has no
/// meaning on paper (control characters, marks of the byte order, private use).
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2460}'..='\u{2473}' => {
                out.push('(');
                out.push_str(&(c as u32 - 0x245f).to_string());
                out.push(')');
            }
            '\u{a0}' | '\u{202f}' => out.push(' '),
            '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{ad}' => {}
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fff0}'..='\u{ffff}' => {
                out.push(MISSING);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_typeface_has_not_takes_room_and_is_seen() {
        let mut face = Typeface::bundled().unwrap();
        let square = face.glyph(MISSING);
        assert_eq!(face.glyph('語'), square);
        assert!(square.advance > 0.3);
        assert_ne!(face.glyph('a'), square);
        assert!(face.width("WW", 10.0) > face.width("ii", 10.0));
    }

    #[test]
    fn nothing_unprintable_stays() {
        assert_eq!(printable("a\nb\u{202e}c\u{2460}\u{e000}"), "a bc(1)□");
    }
}
