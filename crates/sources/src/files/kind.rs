//! What a file is, known by its content.

use super::{
    console_csv, csv, encoding::Decoded, get_metric_data, grafana, kubelet_log, mountstats,
    nfsstat, touch,
};
use crate::{
    bundle::is_header,
    kubernetes::{self, looks_like_json},
};

/// Lines at the beginning of a file that decide what it is…
const LINES_LOOKED_AT: usize = 5_000;
/// …and bytes.
const BYTES_LOOKED_AT: usize = 1 << 20;
/// Lines of which half must be lines of a log.
const LOG_LINES: usize = 200;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// JSON of Kubernetes objects, as `kubectl get … -o json` prints it.
    KubectlJson,
    /// JSON of `aws cloudwatch get-metric-data` or `get-metric-statistics`.
    MetricData,
    /// JSON of Grafana's `/api/annotations`.
    Grafana,
    /// Samples with the header `timestamp,value`.
    SeriesCsv,
    /// A graph of the `CloudWatch` console, downloaded as CSV.
    ConsoleCsv,
    /// A log of the kubelet, the journal, syslog or a container.
    KubeletLog,
    /// A plain table of `kubectl`: pods, events, nodes, workloads, the history of a rollout.
    KubectlTable,
    /// Output of `time touch`.
    Touch,
    /// `/proc/self/mountstats`.
    Mountstats,
    /// Output of `nfsstat`.
    Nfsstat,
    /// Any other table of samples.
    Table,
    /// Any other text; kept, not read.
    Text,
    /// Packed by gzip; kept, not read.
    Gzip,
    /// An archive of zip; kept, not read.
    Zip,
    /// An archive of tar; kept, not read.
    Tar,
    /// No text at all; kept, not read.
    Binary,
}

impl FileKind {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::KubectlJson => "Kubernetes objects as JSON",
            Self::MetricData => "CloudWatch metrics as JSON",
            Self::Grafana => "annotations of Grafana",
            Self::SeriesCsv => "samples as timestamp,value",
            Self::ConsoleCsv => "a graph of the CloudWatch console",
            Self::KubeletLog => "a log",
            Self::KubectlTable => "a table of kubectl",
            Self::Touch => "times of touching files",
            Self::Mountstats => "statistics of NFS mounts",
            Self::Nfsstat => "output of nfsstat",
            Self::Table => "a table of samples",
            Self::Text => "text of unknown kind",
            Self::Gzip => "packed by gzip: unpack it and add what is in it",
            Self::Zip => "a zip archive: unpack it and add the files in it",
            Self::Tar => "a tar archive: unpack it and add the files in it",
            Self::Binary => "bytes of unknown kind",
        }
    }
}

/// Of a file with others in it, what it is. It is asked for before anything else: stored without being
/// packed, a table in an archive looks like a table.
pub(super) fn packed(content: &[u8]) -> Option<FileKind> {
    match content {
        [0x1f, 0x8b, ..] => Some(FileKind::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(FileKind::Zip),
        _ => content
            .get(257..)
            .is_some_and(|magic| magic.starts_with(b"ustar\0") || magic.starts_with(b"ustar  \0"))
            .then_some(FileKind::Tar),
    }
}

/// The beginning of a file, for those who have to say whether it is theirs.
pub(super) struct Head<'a> {
    content: &'a Decoded<'a>,
    /// The first lines, with `�` for what is no text.
    begin: String,
}

impl<'a> Head<'a> {
    pub(super) fn of(content: &'a Decoded<'a>) -> Self {
        let begin = content.begin(BYTES_LOOKED_AT);
        Self {
            content,
            begin: begin.trim_start_matches('\u{feff}').to_owned(),
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.content.is_text()
    }

    fn lines(&self) -> impl Iterator<Item = &str> + Clone {
        self.begin
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(LINES_LOOKED_AT)
    }

    fn text_any(&self, is: fn(&str) -> bool) -> bool {
        self.is_text() && self.lines().any(is)
    }
}

pub(super) fn kubectl_json(head: &Head<'_>) -> bool {
    // Before all of it is asked for: of a damaged log that would be a copy.
    if !head.begin.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let Some(text) = head.content.text() else {
        return false;
    };
    // Also where it breaks off: reading it says on which line.
    let broken = || text.contains("\"apiVersion\"") && text.contains("\"kind\"");
    looks_like_json(text) || broken()
}

pub(super) fn metric_data(head: &Head<'_>) -> bool {
    head.is_text() && get_metric_data::is_head(&head.begin)
}

pub(super) fn grafana(head: &Head<'_>) -> bool {
    head.is_text() && grafana::is_head(&head.begin)
}

pub(super) fn samples(head: &Head<'_>) -> bool {
    head.is_text() && head.lines().next().is_some_and(is_header)
}

pub(super) fn console(head: &Head<'_>) -> bool {
    head.is_text() && console_csv::is_head(head.lines())
}

/// At least half of the first lines begin like those of a log. A log that is damaged in places,
/// also by zeros, is a log all the same.
pub(super) fn log(head: &Head<'_>) -> bool {
    let some = || head.lines().take(LOG_LINES);
    let logged = some().filter(|line| kubelet_log::is_log(line.as_bytes()));
    let all = some().count();
    // One line alone may be a time with something after it: a table, say.
    logged.count() * 2 >= all.max(1) && !csv::is_table(some())
}

/// Some line is the kubelet's.
pub(super) fn log_somewhere(head: &Head<'_>) -> bool {
    head.text_any(|line| line.contains("kubelet[") || kubelet_log::is_klog(line.as_bytes()))
}

pub(super) fn kubectl_table(head: &Head<'_>) -> bool {
    head.text_any(kubernetes::table::is_table)
}

pub(super) fn touch(head: &Head<'_>) -> bool {
    head.text_any(touch::is_head)
}

pub(super) fn mountstats(head: &Head<'_>) -> bool {
    head.text_any(mountstats::is_head)
}

pub(super) fn nfsstat(head: &Head<'_>) -> bool {
    head.text_any(nfsstat::is_head)
}

pub(super) fn table(head: &Head<'_>) -> bool {
    head.is_text() && csv::is_table(head.lines())
}
