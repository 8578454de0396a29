//! Our own SVG read back, so that print and images draw the very picture that the page shows.
//!
//! Only what [`chart::svg()`] writes is understood: paths of straight lines, rectangles, circles and
//! texts, each with one paint. Anything else is left out.

/// A picture: shapes in the order in which they are drawn, in its own units.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Picture {
    /// Width.
    pub(crate) width: f32,
    /// Height.
    pub(crate) height: f32,
    /// What is drawn.
    pub(crate) shapes: Vec<Shape>,
}

/// A colour and how much of it covers the ground, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Paint {
    /// Red, green, blue.
    pub(crate) rgb: (u8, u8, u8),
    /// Opacity.
    pub(crate) alpha: f32,
}

/// How a shape is painted: inside, or along its outline in a width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Brush {
    /// Inside.
    Fill(Paint),
    /// Along the outline.
    Stroke(Paint, f32),
}

/// Where a text stands to its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Lines, each from point to point; closed ones are areas.
    Lines {
        /// The lines.
        lines: Vec<Vec<(f32, f32)>>,
        /// Whether each ends where it began.
        closed: bool,
        /// How.
        brush: Brush,
    },
    /// A circle.
    Circle {
        /// Its middle.
        at: (f32, f32),
        /// Its radius.
        radius: f32,
        /// How.
        brush: Brush,
    },
    /// A text on its base line.
    Text {
        /// Where.
        at: (f32, f32),
        /// Which part of it stands there.
        anchor: Anchor,
        /// Size of an em.
        size: f32,
        /// Its colour.
        paint: Paint,
        /// What it says.
        text: String,
    },
}

/// The first SVG element in a piece of markup (a page has a wide and a narrow one); `None` where there
/// is none.
pub(crate) fn read(markup: &str) -> Option<Picture> {
    let svg = first_svg(markup)?;
    let (head, body) = svg.split_once('>')?;
    let mut size = attribute(head, "viewBox")?.split(' ').skip(2);
    let mut picture = Picture {
        width: size.next()?.parse().ok()?,
        height: size.next()?.parse().ok()?,
        shapes: Vec::new(),
    };
    let mut rest = body;
    while let Some((_, tag)) = rest.split_once('<') {
        let (head, after) = tag.split_once('>')?;
        rest = after;
        let (name, attributes) = head.split_once(' ').unwrap_or((head, ""));
        let shape = match name {
            "path" => lines(attributes),
            "rect" => rectangle(attributes),
            "circle" => circle(attributes),
            "text" => text(attributes, after.split('<').next().unwrap_or_default()),
            _ => None,
        };
        picture.shapes.extend(shape);
    }
    Some(picture)
}

/// The first SVG element, whole.
pub(crate) fn first_svg(markup: &str) -> Option<&str> {
    let from = markup.get(markup.find("<svg ")?..)?;
    from.get(..from.find("</svg>")? + "</svg>".len())
}

fn attribute<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let begin = head.find(&format!("{name}=\""))?;
    // `fill` is not the end of another name.
    if begin > 0 && head.as_bytes().get(begin - 1) != Some(&b' ') {
        return None;
    }
    head.get(begin + name.len() + 2..)?.split('"').next()
}

fn number(head: &str, name: &str) -> Option<f32> {
    attribute(head, name)?.parse().ok()
}

/// `var(--chart-s1,#006bab)` or `#006bab`.
fn paint(head: &str, name: &str) -> Option<Paint> {
    let value = attribute(head, name)?;
    let hex = value.get(value.find('#')? + 1..)?.get(..6)?;
    let rgb = u32::from_str_radix(hex, 16).ok()?;
    Some(Paint {
        rgb: ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8),
        alpha: number(head, &format!("{name}-opacity"))
            .unwrap_or(1.0)
            .clamp(0.0, 1.0),
    })
}

fn brush(head: &str) -> Option<Brush> {
    if let Some(fill) = paint(head, "fill") {
        return Some(Brush::Fill(fill));
    }
    Some(Brush::Stroke(
        paint(head, "stroke")?,
        number(head, "stroke-width")?,
    ))
}

fn lines(head: &str) -> Option<Shape> {
    let (lines, closed) = path(attribute(head, "d")?);
    Some(Shape::Lines {
        lines,
        closed,
        brush: brush(head)?,
    })
}

fn rectangle(head: &str) -> Option<Shape> {
    let (x, y) = (number(head, "x")?, number(head, "y")?);
    let (right, bottom) = (x + number(head, "width")?, y + number(head, "height")?);
    Some(Shape::Lines {
        lines: vec![vec![(x, y), (right, y), (right, bottom), (x, bottom)]],
        closed: true,
        brush: brush(head)?,
    })
}

fn circle(head: &str) -> Option<Shape> {
    Some(Shape::Circle {
        at: (number(head, "cx")?, number(head, "cy")?),
        radius: number(head, "r")?,
        brush: brush(head)?,
    })
}

fn text(head: &str, content: &str) -> Option<Shape> {
    Some(Shape::Text {
        at: (number(head, "x")?, number(head, "y")?),
        anchor: match attribute(head, "text-anchor") {
            Some("middle") => Anchor::Middle,
            Some("end") => Anchor::End,
            _ => Anchor::Start,
        },
        size: number(head, "font-size")?,
        paint: paint(head, "fill")?,
        text: unescape(content),
    })
}

/// Path data of absolute starts and relative steps.
fn path(data: &str) -> (Vec<Vec<(f32, f32)>>, bool) {
    let mut lines: Vec<Vec<(f32, f32)>> = Vec::new();
    let mut pending: Option<f32> = None;
    let mut steps = false;
    let mut at = 0;
    let bytes = data.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'M' => (steps, pending) = (false, None),
            b'l' => steps = true,
            b'-' | b'0'..=b'9' => {
                let end = bytes
                    .iter()
                    .skip(at + 1)
                    .position(|b| !b.is_ascii_digit())
                    .map_or(bytes.len(), |n| at + 1 + n);
                let value: f32 = data
                    .get(at..end)
                    .and_then(|t| t.parse().ok())
                    .unwrap_or_default();
                at = end;
                match (pending.take(), steps) {
                    (None, _) => pending = Some(value),
                    (Some(x), false) => lines.push(vec![(x, value)]),
                    (Some(dx), true) => {
                        if let Some(line) = lines.last_mut()
                            && let Some(&(x, y)) = line.last()
                        {
                            line.push((x + dx, y + value));
                        }
                    }
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    (lines, data.ends_with('z'))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shapes_of_our_drawing_come_back() {
        let svg = concat!(
            "<div><svg xmlns=\"x\" viewBox=\"0 0 400 200\" width=\"100%\">",
            "<title>a > b</title>\n",
            "<path d=\"M10 20l2-25-1 8 9 0M1 2l3 4\" fill=\"none\" ",
            "stroke=\"var(--chart-s1,#006bab)\" stroke-width=\"6\"/>\n",
            "<path d=\"M0 0l4 0 0 4z\" fill=\"#ff0000\" fill-opacity=\"0.5\"/>\n",
            "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\" fill=\"#00ff00\"/>\n",
            "<circle cx=\"5\" cy=\"6\" r=\"7\" fill=\"#0000ff\"/>\n",
            "<text x=\"8\" y=\"9\" text-anchor=\"end\" font-size=\"44\" fill=\"#010203\">a &lt; &amp;lt;</text>\n",
            "</svg></div><svg viewBox=\"0 0 1 1\"></svg>"
        );
        let picture = read(svg).unwrap();
        assert_eq!((picture.width, picture.height), (400.0, 200.0));
        assert_eq!(picture.shapes.len(), 5);
        let Shape::Lines {
            lines,
            closed,
            brush,
        } = &picture.shapes[0]
        else {
            panic!("{:?}", picture.shapes[0]);
        };
        assert_eq!(
            lines[0],
            [(10.0, 20.0), (12.0, -5.0), (11.0, 3.0), (20.0, 3.0)]
        );
        assert_eq!(lines[1], [(1.0, 2.0), (4.0, 6.0)]);
        let blue = Paint {
            rgb: (0, 0x6b, 0xab),
            alpha: 1.0,
        };
        assert!(!closed && *brush == Brush::Stroke(blue, 6.0));
        let Shape::Text { text, anchor, .. } = &picture.shapes[4] else {
            panic!("{:?}", picture.shapes[4]);
        };
        assert_eq!((text.as_str(), *anchor), ("a < &lt;", Anchor::End));
    }

    /// Every shape that the drawing code writes is read, whatever the lane.
    #[test]
    fn nothing_is_left_out_of_a_real_drawing() {
        let svg = chart::svg(
            &chart::Lane {
                id: "l".into(),
                title: "Latency".into(),
                unit: "Seconds".into(),
                kind: chart::LaneKind::Metric,
                summary: String::new(),
                series: vec![],
                events: vec![],
                content: chart::Content::Metric(chart::Plot {
                    curves: vec![chart::Curve {
                        points: (0..50)
                            .map(|i| (model::Timestamp::from_seconds(i * 60), i as f64))
                            .collect(),
                        gap_ms: 600_000,
                        ..chart::Curve::default()
                    }],
                    ..chart::Plot::default()
                }),
                marks: vec![],
                bands: vec![],
            },
            model::Window {
                start: model::Timestamp::from_seconds(0),
                end: model::Timestamp::from_seconds(3_000),
            },
            chart::Size {
                width: 960,
                height: 180,
            },
        );
        let drawn = ["<path ", "<rect ", "<circle ", "<text "]
            .iter()
            .map(|tag| svg.matches(tag).count())
            .sum::<usize>();
        assert!(drawn > 5);
        assert_eq!(read(&svg).unwrap().shapes.len(), drawn);
    }
}
