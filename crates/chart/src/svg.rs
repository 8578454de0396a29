//! The SVG backend. plotters' own writes hex colours, some nine bytes a point and an element for
//! every stroke; pages need custom properties for their themes, and a lane must stay small.

use crate::draw::{Focus, Style, draw_focused};
use crate::lane::{Lane, Size};
use crate::palette::paint;
use model::Window;
use plotters::prelude::IntoDrawingArea;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::convert::Infallible;
use std::fmt::Write;

/// Backend units in a CSS pixel: plotters' coordinates are integers, and a quarter of a pixel is
/// fine enough for smooth curves on any screen.
const SCALE: f64 = 4.0;

/// What plotters divides a font's height by to get its size (see `plotters-svg`).
const HEIGHT_OF_EM: f64 = 1.24;

/// Height of capitals over the base line in ems, in most sans-serif faces.
pub(crate) const CAPITALS: f64 = 0.72;

/// The typefaces that draw texts.
pub(crate) const FAMILIES: &str = "Inter,system-ui,sans-serif";

/// The size of a font in ems, from plotters' height.
pub(crate) fn em(height: f64) -> f64 {
    height / HEIGHT_OF_EM
}

/// A lane as SVG: an element with `role="img"`, title and description, a `viewBox` of its own
/// and the width of its container; no scripts, no style attributes (fit for a strict content
/// security policy), nothing loaded. Ids in it begin with `chart-<lane id>-<width>`. Equal input
/// gives equal bytes.
pub fn svg(lane: &Lane, window: Window, size: Size) -> String {
    svg_focused(lane, window, size, &Focus::default())
}

/// As [`svg`], with some of its series and events in focus and the rest faint.
pub fn svg_focused(lane: &Lane, window: Window, size: Size, focus: &Focus) -> String {
    let (w, h) = (size.width.clamp(160, 8_000), size.height.clamp(40, 8_000));
    let pixels = ((f64::from(w) * SCALE) as u32, (f64::from(h) * SCALE) as u32);
    let mut body = String::new();
    let root = Backend {
        out: &mut body,
        size: pixels,
        stroke: None,
    }
    .into_drawing_area();
    let style = Style {
        scale: SCALE,
        ..Style::default()
    };
    // The backend writes to memory and cannot fail.
    let _ = draw_focused(lane, window, &root, style, focus);
    let _ = root.present();
    drop(root);

    let id: String = lane
        .id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let id = format!("chart-{id}-{w}");
    let mut out = String::with_capacity(body.len() + 600);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {} {}\" \
         width=\"100%\" role=\"img\" aria-labelledby=\"{id}-t\" aria-describedby=\"{id}-d\" \
         font-family=\"{FAMILIES}\" stroke-linejoin=\"round\">",
        pixels.0, pixels.1
    );
    let _ = write!(out, "<title id=\"{id}-t\">");
    escape(&mut out, &lane.title);
    let _ = write!(out, "</title><desc id=\"{id}-d\">");
    escape(&mut out, &lane.summary);
    out.push_str("</desc>\n");
    out.push_str(&body);
    out.push_str("</svg>");
    out
}

/// Text as it may stand in XML and HTML, in elements and quoted attributes. Characters that XML
/// has no place for are left out.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => out.push(c),
        }
    }
}

/// A stroke that may still grow: neighbours of one style become one element.
struct Stroke {
    colour: BackendColor,
    width: u32,
    path: String,
}

struct Backend<'a> {
    out: &'a mut String,
    size: (u32, u32),
    stroke: Option<Stroke>,
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl Backend<'_> {
    fn flush(&mut self) {
        if let Some(s) = self.stroke.take() {
            let _ = write!(self.out, "<path d=\"{}\" fill=\"none\"", s.path);
            self.colour("stroke", s.colour);
            let _ = writeln!(self.out, " stroke-width=\"{}\"/>", s.width);
        }
    }

    fn colour(&mut self, what: &str, colour: BackendColor) {
        let _ = write!(self.out, " {what}=\"{}\"", paint(colour.rgb));
        if colour.alpha < 1.0 {
            let _ = write!(self.out, " {what}-opacity=\"{}\"", colour.alpha);
        }
    }

    /// Fill or stroke of a closed shape, and the end of its element.
    fn finish<S: BackendStyle>(&mut self, style: &S, fill: bool) {
        if fill {
            self.colour("fill", style.color());
        } else {
            self.out.push_str(" fill=\"none\"");
            self.colour("stroke", style.color());
            let _ = write!(self.out, " stroke-width=\"{}\"", style.stroke_width());
        }
        self.out.push_str("/>\n");
    }

    fn stroke<S: BackendStyle>(&mut self, points: impl Iterator<Item = BackendCoord>, style: &S) {
        let (colour, width) = (style.color(), style.stroke_width());
        let same = |s: &Stroke| {
            s.width == width
                && s.colour.rgb == colour.rgb
                && s.colour.alpha.total_cmp(&colour.alpha).is_eq()
        };
        if !self.stroke.as_ref().is_some_and(same) {
            self.flush();
        }
        let stroke = self.stroke.get_or_insert_with(|| Stroke {
            colour,
            width,
            path: String::new(),
        });
        path(&mut stroke.path, points);
    }
}

/// Appends a line as path data: an absolute start, then steps. Level steps that follow each other
/// become one.
fn path(out: &mut String, points: impl Iterator<Item = BackendCoord>) {
    let mut last: Option<BackendCoord> = None;
    let mut steps: Vec<BackendCoord> = Vec::new();
    for (x, y) in points {
        let step = last.map(|(px, py)| (x - px, y - py));
        last = Some((x, y));
        match (step, steps.last_mut()) {
            (None, _) => {
                let _ = write!(out, "M{x} {y}");
            }
            (Some((0, 0)), _) => {}
            (Some((dx, 0)), Some((before, 0))) if (dx > 0) == (*before > 0) => *before += dx,
            (Some(step), _) => steps.push(step),
        }
    }
    for (i, (dx, dy)) in steps.into_iter().enumerate() {
        let lead = match (i, dx < 0) {
            (0, _) => "l",
            (_, true) => "",
            (_, false) => " ",
        };
        let between = if dy < 0 { "" } else { " " };
        let _ = write!(out, "{lead}{dx}{between}{dy}");
    }
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        self.flush();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Done {
        self.flush();
        let _ = write!(
            self.out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\""
        );
        self.colour("fill", colour);
        self.out.push_str("/>\n");
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Done {
        self.stroke([from, to].into_iter(), style);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x0, y0): BackendCoord,
        (x1, y1): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        self.flush();
        let (w, h) = ((x1 - x0).max(0), (y1 - y0).max(0));
        let _ = write!(
            self.out,
            "<rect x=\"{x0}\" y=\"{y0}\" width=\"{w}\" height=\"{h}\""
        );
        self.finish(style, fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done {
        self.stroke(points.into_iter(), style);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        self.flush();
        let _ = write!(self.out, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"");
        self.finish(style, fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> Done {
        self.flush();
        self.out.push_str("<path d=\"");
        path(self.out, points.into_iter());
        self.out.push_str("z\"");
        self.finish(style, true);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Done {
        self.flush();
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let size = em(style.size());
        let drop = match style.anchor().v_pos {
            VPos::Top => CAPITALS,
            VPos::Center => CAPITALS / 2.0,
            VPos::Bottom => 0.0,
        };
        let y = y + (size * drop).round() as i32;
        let _ = write!(
            self.out,
            "<text x=\"{x}\" y=\"{y}\"{anchor} font-size=\"{size:.0}\""
        );
        self.colour("fill", style.color());
        self.out.push('>');
        escape(self.out, text);
        self.out.push_str("</text>\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short_and_lossless() {
        let mut out = String::new();
        path(
            &mut out,
            [(10, 20), (12, -5), (12, -5), (11, 3), (15, 3), (20, 3)].into_iter(),
        );
        assert_eq!(out, "M10 20l2-25-1 8 9 0");
    }

    #[test]
    fn hostile_text_is_only_text() {
        let mut out = String::new();
        escape(
            &mut out,
            "</title><script>alert('1')</script>\u{0}\u{1b}&\"",
        );
        assert_eq!(
            out,
            "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"
        );
    }
}
