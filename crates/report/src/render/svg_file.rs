//! A chart as an SVG file of its own.

use super::picture::first_svg;

/// The first picture in a chart's markup as a file: on white, in colours that need no page, in CSS
/// pixels. `None` where there is none.
pub(crate) fn standalone(markup: &str) -> Option<String> {
    let svg = first_svg(markup)?;
    let (head, body) = svg.split_once('>')?;
    let size = head.split_once("viewBox=\"0 0 ")?.1.split('"').next()?;
    let (width, height) = size.split_once(' ')?;
    // Four units to a CSS pixel, see `chart::svg`.
    let pixels = |units: &str| units.parse::<u32>().ok().map(|n| n / 4);
    let (w, h) = (pixels(width)?, pixels(height)?);
    let head = head.replacen(
        "width=\"100%\"",
        &format!("width=\"{w}\" height=\"{h}\""),
        1,
    );
    let ground = format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
    let title_end = body.find("</desc>").map_or(0, |at| at + "</desc>".len());
    let (titles, shapes) = body.split_at(title_end);
    let whole = format!("{head}>{titles}\n{ground}{}\n", shapes.trim_start());
    Some(plain_colours(&whole))
}

/// `var(--chart-s1,#006bab)` is a colour of the page's theme; a file has none.
fn plain_colours(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("\"var(--chart-") {
        out.push_str(before);
        out.push('"');
        let Some((colour, after)) = after
            .split_once(',')
            .and_then(|(_, after)| after.split_once(')'))
        else {
            rest = after;
            break;
        };
        out.push_str(colour);
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_a_size_a_ground_and_colours_of_its_own() {
        let svg = "<div><svg xmlns=\"x\" viewBox=\"0 0 400 80\" width=\"100%\" role=\"img\">\
                   <title>t</title><desc>d</desc>\n<path d=\"M0 0\" fill=\"none\" \
                   stroke=\"var(--chart-s1,#006bab)\"/>\n</svg></div>";
        assert_eq!(
            standalone(svg).unwrap(),
            "<svg xmlns=\"x\" viewBox=\"0 0 400 80\" width=\"100\" height=\"20\" role=\"img\">\
             <title>t</title><desc>d</desc>\n<rect width=\"400\" height=\"80\" fill=\"#ffffff\"/>\n\
             <path d=\"M0 0\" fill=\"none\" stroke=\"#006bab\"/>\n</svg>\n"
        );
        assert_eq!(standalone("<p>"), None);
    }
}
