//! What a table lists, known by its header, and the cells of its rows.

/// What a table lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pods,
    Events,
    Nodes,
    Deployments,
    ReplicaSets,
    StatefulSets,
    DaemonSets,
    /// `kubectl rollout history`.
    Revisions,
    /// Something else: said, not read.
    Other,
}

/// A header, and where its columns begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) kind: Kind,
    /// Whether the namespace is the first column.
    namespaced: bool,
    /// The header in one line.
    pub(super) header: String,
    /// Columns with the sign at which each begins; empty where the header's spaces were lost, as web
    /// pages lose them.
    columns: Vec<(String, usize)>,
}

/// The cells of a row by the names of their columns.
pub(super) struct Cells<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Cells<'a> {
    /// The cell of a column; empty where there is none.
    pub(super) fn get(&self, column: &str) -> &'a str {
        let found = self.0.iter().find(|(name, _)| *name == column);
        found.map_or("", |(_, cell)| cell)
    }
}

impl Layout {
    /// The layout that a header tells; `None` where the line is no header.
    pub(super) fn of(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let upper = |word: &&str| {
            word.bytes()
                .all(|b| b.is_ascii_uppercase() || b"-()/".contains(&b))
        };
        if words.len() < 2 || !words.iter().all(upper) {
            return None;
        }
        let namespaced = words.first() == Some(&"NAMESPACE");
        let named = words.get(usize::from(namespaced)..).unwrap_or_default();
        let kind = match named {
            ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", ..] => Kind::Events,
            ["NAME", "READY", "STATUS", "RESTARTS", "AGE", ..] => Kind::Pods,
            ["NAME", "STATUS", "ROLES", "AGE", "VERSION", ..] => Kind::Nodes,
            ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", ..] => Kind::Deployments,
            ["NAME", "DESIRED", "CURRENT", "READY", "AGE", ..] => Kind::ReplicaSets,
            ["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", ..] => Kind::DaemonSets,
            ["NAME", "READY", "AGE", ..] => Kind::StatefulSets,
            ["REVISION", "CHANGE-CAUSE"] => Kind::Revisions,
            ["NAME" | "LAST", ..] => Kind::Other,
            _ => return None,
        };
        Some(Self {
            kind,
            namespaced,
            header: words.join(" "),
            columns: columns(line),
        })
    }

    /// The namespace of a row, empty where the table has no such column, and its other words.
    pub(super) fn words<'a>(&self, line: &'a str) -> (&'a str, Vec<&'a str>) {
        let mut words = line.split_whitespace();
        let namespace = if self.namespaced {
            words.next().unwrap_or_default()
        } else {
            ""
        };
        (namespace, words.collect())
    }

    /// The cells of a row, where it stands below its header as kubectl puts it.
    pub(super) fn cells<'a>(&'a self, line: &'a str) -> Option<Cells<'a>> {
        let starts: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
        let byte = |sign: usize| starts.get(sign).copied().unwrap_or(line.len());
        let mut cells = Vec::with_capacity(self.columns.len());
        for (i, (name, sign)) in self.columns.iter().enumerate() {
            let next = self.columns.get(i + 1);
            let (from, to) = (byte(*sign), next.map_or(line.len(), |next| byte(next.1)));
            if *sign > 0 && !line.get(..from)?.ends_with(' ') && from < line.len() {
                return None;
            }
            cells.push((name.as_str(), line.get(from..to)?.trim()));
        }
        (!cells.is_empty()).then_some(Cells(cells))
    }
}

/// The columns of a header that is laid out by spaces: two or more stand between them, one in a name.
fn columns(line: &str) -> Vec<(String, usize)> {
    let signs: Vec<char> = line.trim_end().chars().collect();
    let mut columns: Vec<(String, usize)> = Vec::new();
    let mut spaces = 2;
    for (at, sign) in signs.into_iter().enumerate() {
        match (sign, spaces, columns.last_mut()) {
            (' ', ..) => spaces += 1,
            (sign, 0 | 1, Some((name, _))) => {
                name.extend((spaces == 1).then_some(' '));
                name.push(sign);
                spaces = 0;
            }
            (sign, ..) => {
                columns.push((sign.to_string(), at));
                spaces = 0;
            }
        }
    }
    if columns.len() < 2 {
        columns.clear();
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_what_a_table_lists() {
        for (line, kind) in [
            ("NAME   READY   STATUS   RESTARTS   AGE", Kind::Pods),
            (
                "NAMESPACE LAST SEEN TYPE REASON OBJECT MESSAGE",
                Kind::Events,
            ),
            ("NAME   STATUS   ROLES   AGE   VERSION", Kind::Nodes),
            (
                "NAME   TYPE   CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE",
                Kind::Other,
            ),
            ("REVISION  CHANGE-CAUSE", Kind::Revisions),
        ] {
            assert_eq!(Layout::of(line).unwrap().kind, kind, "{line}");
        }
        for line in ["", "NAME", "ERROR IN DISK", "name ready", "USE THIS"] {
            assert_eq!(Layout::of(line), None, "{line}");
        }
    }

    #[test]
    fn cells_stand_below_their_header_or_are_none() {
        let layout =
            Layout::of("LAST SEEN   TYPE     REASON   OBJECT   SUBOBJECT   MESSAGE").unwrap();
        let line = "5m          Normal   Pulled   pod/ä                Done it";
        let cells = layout.cells(line).unwrap();
        assert_eq!(cells.get("LAST SEEN"), "5m");
        assert_eq!((cells.get("OBJECT"), cells.get("SUBOBJECT")), ("pod/ä", ""));
        assert_eq!((cells.get("MESSAGE"), cells.get("COUNT")), ("Done it", ""));
        assert!(layout.cells("5m Normal Pulled pod/web Done it").is_none());
        let collapsed = Layout::of("LAST SEEN TYPE REASON OBJECT MESSAGE").unwrap();
        assert!(collapsed.cells(line).is_none());
    }
}
