//! Counting: what comes of each line, in bounded memory.

use super::{
    line::{self, Line, Severity},
    template::{Templates, mask},
};
use crate::files::{
    clock::{Clock, Scale, Written},
    passes::Passes,
};
use model::Timestamp;

/// Bytes of a line that are looked at.
const LONGEST: usize = 64 << 10;
/// Cells (template and minute) of all curves together.
const MAX_CELLS: usize = 2_000_000;
/// Characters of an example.
const EXAMPLE: usize = 400;

/// One template, and what came of it.
#[derive(Default)]
pub(super) struct Pattern {
    pub(super) count: u64,
    pub(super) severity: Severity,
    /// Line of its first sight, from 1.
    pub(super) line: u64,
    pub(super) first: Option<Written>,
    pub(super) last: Option<Written>,
    /// Minutes (see [`Written::minute_key`]) and counts, in the order of the file.
    pub(super) cells: Vec<(i64, u32)>,
    pub(super) example: String,
    pub(super) site: String,
    pub(super) program: String,
    host: Vec<u8>,
    hosts: bool,
}

impl Pattern {
    /// The one machine that it came from, where the log names it.
    pub(super) fn host(&self) -> Option<String> {
        (!self.hosts && !self.host.is_empty())
            .then(|| String::from_utf8_lossy(&self.host).into_owned())
    }
}

/// First and last time of one scale, in the order of time, as far as that shows without a year.
#[derive(Clone, Copy, Default)]
struct Ends {
    first: Option<Written>,
    last: Option<Written>,
}

/// All that is kept of a log.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) templates: Templates,
    pub(super) patterns: Vec<Pattern>,
    pub(super) lines: u64,
    pub(super) without_time: u64,
    pub(super) long: u64,
    /// Lines of templates beyond the limit.
    pub(super) untold: u64,
    /// Lines that no cell counts.
    pub(super) uncounted: u64,
    /// The hour that a change of the clocks repeats.
    pub(super) passes: Passes,
    cells: usize,
    ends: [Ends; 3],
    key: Vec<u8>,
}

impl Tally {
    /// Takes all lines of a text; the clock says which of their times stand for two instants.
    pub(super) fn take(&mut self, content: &[u8], clock: &Clock) {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let mut start = 0;
        let mut number = 0;
        for end in memchr::memchr_iter(b'\n', content).chain([content.len()]) {
            number += 1;
            let line = content.get(start..end).unwrap_or_default();
            self.line(line, number, clock);
            start = end + 1;
        }
    }

    fn line(&mut self, line: &[u8], number: u64, clock: &Clock) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // A machine that lost power leaves zeros where it meant to write.
        let line = line.trim_ascii();
        let zeros = line.iter().take_while(|b| **b == 0).count();
        let line = line.get(zeros..).unwrap_or_default();
        if line.is_empty() || line.starts_with(b"-- ") {
            return; // `-- Logs begin at …`, `-- Reboot --`, `-- No entries --`
        }
        self.lines += 1;
        let line = match line.get(..LONGEST) {
            Some(cut) if line.len() > LONGEST => {
                self.long += 1;
                cut
            }
            _ => line,
        };
        let mut parsed = line::parse(line);
        if let Some(at) = &mut parsed.at {
            *at = self.passes.place(clock, *at);
            self.note(*at);
        } else {
            self.without_time += 1;
        }
        self.count(&parsed, line, number);
    }

    fn note(&mut self, at: Written) {
        if let Some(ends) = self.ends.get_mut(at.scale as usize) {
            ends.first.get_or_insert(at);
            ends.last = Some(at);
        }
    }

    fn count(&mut self, line: &Line<'_>, whole: &[u8], number: u64) {
        self.key.clear();
        self.key.extend_from_slice(&line.program);
        self.key.push(b' ');
        self.key.extend_from_slice(&line.site);
        let origin = self.key.len();
        self.key.push(0);
        mask(&line.message, &mut self.key);
        let Some(id) = self.templates.of(&self.key, origin) else {
            self.untold += 1;
            return;
        };
        if id >= self.patterns.len() {
            self.patterns.push(Pattern {
                line: number,
                example: crate::kubernetes::short(&String::from_utf8_lossy(whole), EXAMPLE),
                site: String::from_utf8_lossy(&line.site).into_owned(),
                program: String::from_utf8_lossy(&line.program).into_owned(),
                host: line.host.to_vec(),
                ..Pattern::default()
            });
        }
        let Some(pattern) = self.patterns.get_mut(id) else {
            return;
        };
        pattern.count += 1;
        pattern.severity = pattern.severity.max(line.severity);
        pattern.hosts |= *line.host != *pattern.host;
        let Some(at) = line.at else { return };
        pattern.first.get_or_insert(at);
        pattern.last = Some(at);
        let minute = at.minute_key();
        match pattern.cells.last_mut() {
            Some((key, n)) if *key == minute => *n = n.saturating_add(1),
            _ if self.cells < MAX_CELLS => {
                self.cells += 1;
                pattern.cells.push((minute, 1));
            }
            _ => self.uncounted += 1,
        }
    }

    /// The last time of that scale in the order of the file.
    pub(super) fn last_of(&self, scale: Scale) -> Option<Written> {
        self.ends.get(scale as usize).and_then(|ends| ends.last)
    }

    /// The newest instant of that scale, which is the first line or the last one.
    pub(super) fn newest(&self, clock: &Clock, scale: Scale) -> Option<Timestamp> {
        let ends = self.ends.get(scale as usize)?;
        let at = |written: Option<Written>| written.and_then(|at| clock.instant(at));
        at(ends.first).max(at(ends.last))
    }

    /// From the first to the last instant that the log is known to cover.
    pub(super) fn span(&self, clock: &Clock) -> Option<(Timestamp, Timestamp)> {
        let all = self
            .ends
            .iter()
            .flat_map(|ends| [ends.first, ends.last])
            .filter_map(|at| clock.instant(at?));
        let (mut first, mut last): (Option<Timestamp>, Option<Timestamp>) = (None, None);
        for at in all {
            first = Some(first.map_or(at, |known| known.min(at)));
            last = last.max(Some(at));
        }
        first.zip(last)
    }
}
