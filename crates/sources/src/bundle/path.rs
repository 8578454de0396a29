//! Names that may come from outside: paths inside a bundle, and ids.

use super::{
    BundleError,
    limits::{MAX_DEPTH, MAX_PATH_BYTES},
};

/// Whether a text is an id: `[A-Za-z0-9._-]{1,128}`.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// What an id looks like, for messages.
pub(crate) const ID_FORM: &str = "an id of 1 to 128 letters, digits, '.', '_' or '-'";

/// A path of a bundle: relative, with `/`, without `.`, `..`, empty parts, backslashes, drive
/// letters and control characters.
pub(crate) fn check_path(path: &str) -> Result<(), BundleError> {
    let refuse = |expected: &str| Err(BundleError::file(path, expected));
    if path.is_empty() {
        return Err(BundleError::file("(empty name)", "a file name"));
    }
    if path.len() > MAX_PATH_BYTES {
        return Err(BundleError::TooLarge {
            file: path.chars().take(60).collect(),
            line: None,
            limit: format!("{MAX_PATH_BYTES} bytes of path"),
        });
    }
    if path.contains('\\') {
        return refuse("a path with '/' only, found a backslash");
    }
    if path.chars().any(char::is_control) {
        return refuse("a path without control characters");
    }
    if path.starts_with('/') || path.split('/').next().is_some_and(|p| p.contains(':')) {
        return refuse("a path relative to the bundle, found an absolute one");
    }
    if path.split('/').any(|part| matches!(part, ".." | ".")) {
        return refuse("a path inside the bundle, found '.' or '..' in it");
    }
    if path.split('/').any(str::is_empty) {
        return refuse("a path without empty parts");
    }
    if path.split('/').count() > MAX_DEPTH {
        return refuse(&format!("at most {MAX_DEPTH} folders"));
    }
    Ok(())
}

/// Files that systems leave behind and that are no part of a bundle: hidden ones (`.DS_Store`,
/// `.git`), `__MACOSX/` and `Thumbs.db`. Anything below `files/` is evidence and counts; of
/// [`is_dotted_samples`] the bundle decides.
pub(crate) fn is_litter(path: &str) -> bool {
    let below_files = path.starts_with("files/") || path.contains("/files/");
    !below_files && path.split('/').any(is_left_behind) && !is_dotted_samples(path)
}

/// [`is_litter`] of a path that may begin with the folder that holds the bundle.
pub(crate) fn is_litter_below_top(path: &str) -> bool {
    let is_in_folder = |(top, rest)| is_left_behind(top) || is_litter(rest);
    is_litter(path) && path.split_once('/').is_none_or(is_in_folder)
}

fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "__MACOSX" | "Thumbs.db")
}

/// The samples of a series whose id begins with a dot, or what a system left behind beside others
/// (`series/._a.csv` by macOS): they count where the bundle names them.
pub(crate) fn is_dotted_samples(path: &str) -> bool {
    super::check::series_id(path).is_some_and(|id| id.starts_with('.') && is_id(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_inside_the_bundle() {
        for good in ["incident.json", "series/a.csv", "files/a b/ü.txt", "x/..y"] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        let deep = "a/".repeat(40);
        let long = "a".repeat(600);
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a\\b",
            "C:/x",
            "a//b",
            "./a",
            "a/\u{0}b",
            &deep,
            &long,
        ] {
            let error = check_path(bad).unwrap_err().to_string();
            assert!(
                error.contains("expected") && !error.contains('\n'),
                "{error}"
            );
        }
    }

    #[test]
    fn what_systems_leave_behind_is_no_part_of_a_bundle() {
        for (path, litter, below_top) in [
            (".DS_Store", true, true),
            ("top/.git/config", true, true),
            (".git/series/.a.csv", true, true),
            ("__MACOSX/series/._a.csv", true, true),
            ("series/.DS_Store", true, true),
            ("series/Thumbs.db", true, true),
            ("series/.#a.csv", true, true),
            ("series/.a.csv", false, false),
            ("top/series/.a.csv", true, false),
            ("a/b/series/.a.csv", true, true),
            ("files/.profile", false, false),
            ("files/series/.a.csv", false, false),
            ("incident.json", false, false),
        ] {
            assert_eq!(is_litter(path), litter, "{path}");
            assert_eq!(is_litter_below_top(path), below_top, "{path}");
        }
    }

    #[test]
    fn ids_have_their_form() {
        for good in ["a", "A.b_c-9", "..", &"x".repeat(128)] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "a b", "ä", "a/b", &"x".repeat(129)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
