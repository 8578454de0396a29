//! A chart as PNG, by tiny-skia: the very picture of the page, at twice its size.

use super::picture::{Anchor, Brush, Paint as Ink, Picture, Shape, read};
use super::typeface::{Typeface, printable};
use tiny_skia::{
    Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};
use ttf_parser::OutlineBuilder;

/// Pixels of the image to a unit of the picture, of which four make a CSS pixel.
const SCALE: f32 = 0.5;

/// The first picture in a chart's markup as PNG on white. `None` where there is none.
pub(crate) fn png(markup: &str) -> Option<Vec<u8>> {
    let picture = read(markup)?;
    draw(&picture)?.encode_png().ok()
}

fn draw(picture: &Picture) -> Option<Pixmap> {
    let (width, height) = (picture.width * SCALE, picture.height * SCALE);
    let mut image = Pixmap::new(width.ceil() as u32, height.ceil() as u32)?;
    image.fill(Color::WHITE);
    let mut face = Typeface::bundled()?;
    let scale = Transform::from_scale(SCALE, SCALE);
    for shape in &picture.shapes {
        match shape {
            Shape::Lines {
                lines,
                closed,
                brush,
            } => paint(&mut image, path_of(lines, *closed), *brush, scale),
            Shape::Circle { at, radius, brush } => {
                let path = PathBuilder::from_circle(at.0, at.1, *radius);
                paint(&mut image, path, *brush, scale);
            }
            Shape::Text {
                at,
                anchor,
                size,
                paint: ink,
                text,
            } => {
                let text = printable(text);
                let width = face.width(&text, *size);
                let left = match anchor {
                    Anchor::Start => at.0,
                    Anchor::Middle => at.0 - width / 2.0,
                    Anchor::End => at.0 - width,
                };
                let path = written(&mut face, &text, (left, at.1), *size);
                paint(&mut image, path, Brush::Fill(*ink), scale);
            }
        }
    }
    Some(image)
}

fn colour(ink: Ink) -> Paint<'static> {
    let (r, g, b) = ink.rgb;
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, (ink.alpha * 255.0).round() as u8);
    paint
}

fn paint(image: &mut Pixmap, path: Option<Path>, brush: Brush, scale: Transform) {
    let Some(path) = path else {
        return;
    };
    match brush {
        Brush::Fill(ink) => image.fill_path(&path, &colour(ink), FillRule::Winding, scale, None),
        Brush::Stroke(ink, width) => {
            let stroke = Stroke {
                width,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            image.stroke_path(&path, &colour(ink), &stroke, scale, None);
        }
    }
}

fn path_of(lines: &[Vec<(f32, f32)>], closed: bool) -> Option<Path> {
    // Upright rectangles are by far the most frequent areas.
    if closed
        && let [line] = lines
        && let [(left, top), _, (right, bottom), _] = line.as_slice()
        && let Some(rect) = Rect::from_ltrb(*left, *top, *right, *bottom)
        && line.get(1) == Some(&(*right, *top))
        && line.get(3) == Some(&(*left, *bottom))
    {
        return Some(PathBuilder::from_rect(rect));
    }
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

/// The outlines of a text.
fn written(face: &mut Typeface, text: &str, (left, base): (f32, f32), size: f32) -> Option<Path> {
    let unit = size / face.em();
    let mut outline = Outline {
        path: PathBuilder::new(),
        left,
        base,
        unit,
    };
    for c in text.chars() {
        let glyph = face.glyph(c);
        face.outline(glyph, &mut outline);
        outline.left += glyph.advance * size;
    }
    outline.path.finish()
}

/// Glyphs' outlines on a base line: their y points up, that of a picture down.
struct Outline {
    path: PathBuilder,
    left: f32,
    base: f32,
    unit: f32,
}

impl Outline {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.left + x * self.unit, self.base - y * self.unit)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_colours_where_they_belong() {
        let svg = "<svg viewBox=\"0 0 80 40\" width=\"100%\">\
                   <rect x=\"0\" y=\"0\" width=\"40\" height=\"40\" fill=\"var(--chart-s1,#006bab)\"/>\n\
                   <text x=\"44\" y=\"36\" font-size=\"40\" fill=\"#000000\">■</text>\n</svg>";
        let picture = read(svg).unwrap();
        let image = draw(&picture).unwrap();
        assert_eq!((image.width(), image.height()), (40, 20));
        let at = |x, y| {
            let p = image.pixel(x, y).unwrap();
            (p.red(), p.green(), p.blue())
        };
        assert_eq!(at(5, 10), (0, 0x6b, 0xab));
        let dark = (20..40).flat_map(|x| (0..20).map(move |y| (x, y)));
        let dark = dark.filter(|(x, y)| at(*x, *y).0 < 100).count();
        assert!(dark > 20, "a text is drawn: {dark}");
        assert_eq!(at(21, 1), (255, 255, 255));
        let bytes = png(svg).unwrap();
        assert!(bytes.starts_with(b"\x89PNG"));
        assert_eq!(bytes, png(svg).unwrap());
    }
}
