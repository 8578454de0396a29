//! How wide texts are: by a table of the advance widths of the bundled Inter, never by what a
//! backend measures. So the server's SVG and the browser's canvas lay the same text out in the
//! same place. The viewer's own sans-serif may draw it, so every width gets some room on top
//! ([`ROOM`]).

mod widths;

use widths::{EM, WIDTHS};

/// Family that styles name. Backends of Lineup write the page's own.
pub(crate) const FAMILY: &str = "sans-serif";

/// Widths are multiplied by this: `DejaVu` Sans, the widest common fallback, is a ninth wider than
/// Inter over the labels of a chart.
const ROOM: f64 = 1.12;

/// Width of a text of `size` CSS pixels, in CSS pixels, with room for other typefaces.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let units: f64 = text.chars().map(advance).sum();
    units / f64::from(EM) * size * ROOM
}

/// The text, cut with an ellipsis where it is wider than `most` CSS pixels.
pub(crate) fn fit(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let room = most - width("…", size);
    let mut out = String::new();
    let mut used = 0.0;
    for c in text.chars() {
        used += advance(c) / f64::from(EM) * size * ROOM;
        if used > room {
            break;
        }
        out.push(c);
    }
    format!("{}…", out.trim_end())
}

/// Advance width of a character in units of the font. What Inter has not is taken for as wide as
/// it is high where scripts of square characters lie, and for a wide letter elsewhere.
fn advance(c: char) -> f64 {
    let code = c as u32;
    let run = WIDTHS.partition_point(|(first, _)| *first <= code);
    let known = run
        .checked_sub(1)
        .and_then(|run| WIDTHS.get(run))
        .and_then(|(first, widths)| widths.get((code - first) as usize));
    match known {
        Some(width) => f64::from(*width),
        None if c.is_control() => 0.0,
        None if code >= 0x1100 => f64::from(EM),
        None => f64::from(EM) * 0.65,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// The table as it follows from the font; where the test fails, this is the file to write.
    fn table() -> String {
        let font = include_bytes!("../assets/Inter-Regular-subset.otf");
        let face = ttf_parser::Face::parse(font, 0).unwrap();
        let mut runs: Vec<(u32, Vec<u16>)> = Vec::new();
        for c in '\u{20}'..'\u{ffff}' {
            let Some(glyph) = face.glyph_index(c) else {
                continue;
            };
            let width = face.glyph_hor_advance(glyph).unwrap();
            let code = c as u32;
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() as u32 == code => run.push(width),
                _ => runs.push((code, vec![width])),
            }
        }
        let mut out = String::from(
            "//! Advance widths of `assets/Inter-Regular-subset.otf`; a test of [`super`] makes and \
             compares them.\n\n/// Units of the font in an em.\n",
        );
        let em = face.units_per_em();
        let _ = writeln!(out, "pub(super) const EM: u16 = {em};\n");
        out.push_str("/// Runs of characters: the first one's code, and the widths from it on.\n");
        out.push_str("#[rustfmt::skip]\npub(super) const WIDTHS: &[(u32, &[u16])] = &[\n");
        for (first, run) in runs {
            let _ = writeln!(out, "    (0x{first:x}, &[");
            for line in run.chunks(16) {
                let line: Vec<String> = line.iter().map(u16::to_string).collect();
                let _ = writeln!(out, "        {},", line.join(", "));
            }
            out.push_str("    ]),\n");
        }
        out.push_str("];\n");
        out
    }

    #[test]
    fn the_table_is_that_of_the_bundled_typeface() {
        let table = table();
        assert!(table == include_str!("font/widths.rs"), "write:\n{table}");
    }

    #[test]
    fn texts_are_as_wide_as_their_letters_and_cut_where_there_is_no_room() {
        assert!(width("MMMM", 11.0) > 2.0 * width("iiii", 11.0));
        assert!((width("10", 22.0) - 2.0 * width("10", 11.0)).abs() < 1e-9);
        assert!(width("日本", 10.0) >= 20.0);
        let cut = fit("a rather long label", 11.0, 60.0);
        assert!(cut.ends_with('…') && width(&cut, 11.0) <= 60.0, "{cut}");
        assert_eq!(fit("short", 11.0, 60.0), "short");
        assert_eq!(fit("short", 11.0, 0.0), "…");
    }
}
