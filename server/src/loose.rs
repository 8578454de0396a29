//! Loose files that become the raw files of an incident, by upload or by command line.

use model::{
    Bundle, Timestamp, Window,
    bundle::{BUNDLE_SCHEMA, IncidentHeader, RawFile},
};

/// What is said about all of the files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    /// When they were taken.
    pub(crate) observed_at: Option<Timestamp>,
    /// Zone of times that name none.
    pub(crate) timezone: Option<String>,
}

/// A bundle of nothing but raw files.
pub(crate) fn bundle(title: &str, window: Window, files: Vec<RawFile>) -> Bundle {
    Bundle {
        header: IncidentHeader {
            schema: BUNDLE_SCHEMA.to_owned(),
            title: title.to_owned(),
            window,
            ..IncidentHeader::default()
        },
        files,
        ..Bundle::default()
    }
}

/// The files, each at a path of its own.
pub(crate) fn raw_files(named: Vec<(String, Vec<u8>)>, said: &Said) -> Vec<RawFile> {
    let mut files: Vec<RawFile> = Vec::with_capacity(named.len());
    for (name, content) in named {
        let path = free_path(&files, &name);
        files.push(RawFile {
            path,
            observed_at: said.observed_at,
            timezone: said.timezone.clone(),
            content,
            ..RawFile::default()
        });
    }
    files
}

/// The last part of a name, with nothing in it that a path could misuse.
pub(crate) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    if clean.trim_matches('.').is_empty() {
        "file".to_owned()
    } else {
        clean
    }
}

/// `files/NAME`, or `files/2-NAME` where two files have one name.
fn free_path(files: &[RawFile], name: &str) -> String {
    let taken = |path: &str| files.iter().any(|f| f.path == path);
    let first = format!("files/{name}");
    if !taken(&first) {
        return first;
    }
    // One of these is free, since there are more of them than files.
    (2..files.len() + 3)
        .map(|n| format!("files/{n}-{name}"))
        .find(|path| !taken(path))
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_a_path_could_misuse() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\logs\\kube let.txt"), "kube_let.txt");
        assert_eq!(clean_name(".."), "file");
        assert_eq!(clean_name(""), "file");
    }

    #[test]
    fn files_of_one_name_have_paths_of_their_own() {
        let named = ["a", "a", "b"].map(|n| (n.to_owned(), Vec::new()));
        let files = raw_files(named.into(), &Said::default());
        let paths: Vec<&str> = files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["files/a", "files/2-a", "files/b"]);
    }
}
