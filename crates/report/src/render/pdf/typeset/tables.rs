//! Tables on pages: columns that fit, rows that are not torn, headings that come again on each page.

use super::{Lines, Run, Setter};
use crate::render::{
    pdf::sheet::{FOOT, HEIGHT, Item, Kind, LINE, MEASURE, MUTED, Node, SIDE, TOP},
    typeface::printable,
};

/// Room that a row of a table has besides its lines, points.
pub(super) const AIR: f32 = 4.0;
/// Room between columns.
const GAP: f32 = 9.0;

impl Setter {
    /// A table: headings, then rows of cells, each with the place that it is.
    pub(in crate::render::pdf) fn table(
        &mut self,
        head: &[String],
        rows: &[(Option<String>, Vec<Vec<Run>>)],
        size: f32,
        total: f32,
    ) -> Node {
        let titles: Vec<Vec<Run>> = head
            .iter()
            .map(|t| vec![Run::plain(t).bold().ink(MUTED)])
            .collect();
        let widths = self.columns(&titles, rows, size, total);
        // The headings stand with the first row.
        let first = rows.first().map_or(&[][..], |(_, cells)| cells.as_slice());
        let lines = self.height_of(first, &widths, size);
        let heads = self.height_of(&titles, &widths, size);
        self.need((heads + lines).min((HEIGHT - TOP - FOOT) / 2.0));
        let mut out = Vec::new();
        let heads = self.row(&titles, &widths, size, None, &Kind::Head);
        out.push(Node::Group(Kind::Row, heads));
        for (place, cells) in rows {
            if let Some(name) = place {
                // The row must not be parted from its place.
                let height = self.height_of(cells, &widths, size);
                self.turn(
                    height.min((HEIGHT - TOP - FOOT) / 2.0),
                    &widths,
                    size,
                    Some(head),
                );
                self.place(name.clone());
            }
            let cells = self.row(cells, &widths, size, Some(head), &Kind::Cell);
            out.push(Node::Group(Kind::Row, cells));
        }
        Node::Group(Kind::Table, out)
    }

    /// How high a row comes out.
    fn height_of(&mut self, cells: &[Vec<Run>], widths: &[f32], size: f32) -> f32 {
        let lines = cells.iter().zip(widths);
        let lines = lines.map(|(cell, width)| self.broken(cell, size, width + 0.5).0.len());
        let most = lines.max().unwrap_or(0).max(1);
        most as f32 * size * self.leading + self.air
    }

    /// Columns as wide as their content where there is room; else each gets its longest word, and
    /// the rest goes by what is missing.
    fn columns(
        &mut self,
        titles: &[Vec<Run>],
        rows: &[(Option<String>, Vec<Vec<Run>>)],
        size: f32,
        total: f32,
    ) -> Vec<f32> {
        let n = titles.len().max(1);
        let (mut least, mut whole) = (vec![0.0_f32; n], vec![0.0_f32; n]);
        let all = std::iter::once(titles).chain(rows.iter().map(|(_, cells)| cells.as_slice()));
        for cells in all {
            for ((cell, least), whole) in cells.iter().zip(&mut least).zip(&mut whole) {
                let mut width = 0.0;
                for run in cell {
                    for word in run.words() {
                        let full = self.face.width(word, size);
                        *least = least.max(full.min(total / n as f32));
                        width += full;
                    }
                }
                *whole = whole.max(width);
            }
        }
        let gaps = GAP * (n as f32 - 1.0);
        let room = (total - gaps).max(1.0);
        let (sum_least, sum_whole) = (least.iter().sum::<f32>(), whole.iter().sum::<f32>());
        if sum_whole <= room {
            return whole;
        }
        let share = ((room - sum_least) / (sum_whole - sum_least).max(1.0)).clamp(0.0, 1.0);
        let shrink = (room / sum_least.max(1.0)).min(1.0);
        least
            .iter()
            .zip(&whole)
            .map(|(least, whole)| (least + (whole - least) * share) * shrink)
            .collect()
    }

    /// A row, line by line, so that a tall one may go on over the page's end. Where a page begins
    /// inside of a table its headings are repeated.
    fn row(
        &mut self,
        cells: &[Vec<Run>],
        widths: &[f32],
        size: f32,
        repeat: Option<&[String]>,
        kind: &Kind,
    ) -> Vec<Node> {
        let broken: Vec<Lines> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| self.broken(cell, size, width + 0.5))
            .collect();
        let most = broken.iter().map(|l| l.0.len()).max().unwrap_or(0).max(1);
        let height = size * self.leading;
        let keep = (most as f32 * height + self.air).min((HEIGHT - TOP - FOOT) / 2.0);
        self.turn(keep, widths, size, repeat);
        let top = self.y;
        self.ground((SIDE, top, MEASURE, 0.5), LINE);
        self.y += self.air * 0.625;
        let mut nodes: Vec<Vec<Node>> = cells.iter().map(|_| Vec::new()).collect();
        for n in 0..most {
            self.turn(height, widths, size, repeat);
            let mut left = SIDE;
            for (((cell, lines), width), nodes) in
                cells.iter().zip(&broken).zip(widths).zip(&mut nodes)
            {
                if let Some(line) = lines.0.get(n) {
                    self.line(cell, line, size, left, nodes);
                }
                left += width + GAP;
            }
            self.y += height;
        }
        self.y += self.air * 0.375;
        nodes
            .into_iter()
            .map(|nodes| Node::Group(kind.clone(), nodes))
            .collect()
    }

    fn turn(&mut self, points: f32, widths: &[f32], size: f32, repeat: Option<&[String]>) {
        let before = self.page();
        self.need(points);
        let Some(titles) = repeat.filter(|_| self.page() > before) else {
            return;
        };
        let mut left = SIDE;
        for (title, width) in titles.iter().zip(widths) {
            let part = self.part.clone();
            let at = (left, self.y + size * 1.05);
            let text = printable(title);
            self.put(
                Item::Aside {
                    at,
                    size,
                    text,
                    footer: false,
                },
                part,
            );
            left += width + GAP;
        }
        self.y += size * self.leading + 2.0;
    }
}
