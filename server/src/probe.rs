//! Measuring how long a folder takes to make, look at, list and remove a file.
//!
//! Harmless: one new file of a name nobody else has, never one that is there; it is removed again,
//! also when a step fails. Bounded: a number of rounds and a deadline. Everything that touches the
//! path runs in a thread of its own, because a mount whose server is gone can hold a call for ever;
//! the thread is then left behind, and ends with the process or when the mount answers.

use crate::clock::{Clock, Stopwatch};
use model::Timestamp;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

/// Entries of a folder that a listing reads.
const MAX_ENTRIES: usize = 1_000;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A new, empty file: what `touch` does to a path that is not there.
    Create,
    /// Its metadata.
    Stat,
    /// The first 1,000 entries of its folder.
    Readdir,
    /// Its removal.
    Remove,
}

/// All, in the order of a round.
pub const OPERATIONS: [Operation; 4] = [
    Operation::Create,
    Operation::Stat,
    Operation::Readdir,
    Operation::Remove,
];

impl Operation {
    /// As written in tables and ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Stat => "stat",
            Self::Readdir => "readdir",
            Self::Remove => "remove",
        }
    }
}

/// The mount that a path is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted.
    pub point: String,
    /// Type of its file system: `ext4`, `nfs4`.
    pub kind: String,
    /// What is mounted: a device, or `server:/export`.
    pub source: String,
}

/// What came of one path.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    /// As it was given.
    pub path: String,
    /// The mount that it is on; empty where the system does not say.
    pub mount: Mount,
    /// Start of the round, operation, and how long it took.
    pub samples: Vec<(Timestamp, Operation, Duration)>,
    /// Why it ended early, in words.
    pub fault: Option<String>,
}

impl Probed {
    /// Rounds and times of one operation.
    pub fn of(&self, operation: Operation) -> impl Iterator<Item = (Timestamp, Duration)> + '_ {
        let these = move |(_, o, _): &&(Timestamp, Operation, Duration)| *o == operation;
        self.samples
            .iter()
            .filter(these)
            .map(|(at, _, took)| (*at, *took))
    }
}

/// What the thread tells.
enum News {
    On(Mount),
    Took(Timestamp, Operation, Duration),
    Failed(String),
}

/// Measures a folder in at most `count` rounds and `deadline` altogether. `name` is drawn by the
/// caller and makes the file's name unique.
pub fn measure(
    path: &Path,
    name: &str,
    count: u32,
    deadline: Duration,
    clock: &(impl Clock + Clone),
) -> Probed {
    let mut probed = Probed {
        path: path.display().to_string(),
        ..Probed::default()
    };
    let (tell, news) = mpsc::channel();
    let (folder, file) = (path.to_owned(), format!(".lineup-probe-{name}"));
    let clock = clock.clone();
    let begun = Stopwatch::start();
    let spawned = thread::Builder::new()
        .name("probe".into())
        .spawn(move || work(&folder, &file, count, deadline, &clock, &tell));
    if let Err(error) = spawned {
        probed.fault = Some(format!("no thread to measure in: {error}"));
        return probed;
    }
    loop {
        match news.recv_timeout(deadline.saturating_sub(begun.elapsed())) {
            Ok(News::On(mount)) => probed.mount = mount,
            Ok(News::Took(at, operation, took)) => probed.samples.push((at, operation, took)),
            Ok(News::Failed(why)) => probed.fault = Some(why),
            // Whichever of the two threads sees first that the time is up.
            Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => {
                // With whole rounds behind it this is no fault: the time was simply up.
                if probed.fault.is_none() && count > 0 && probed.samples.len() < OPERATIONS.len() {
                    let s = deadline.as_secs();
                    probed.fault = Some(format!("no answer within {s} s"));
                }
                return probed;
            }
        }
    }
}

fn work(
    folder: &Path,
    file: &str,
    count: u32,
    deadline: Duration,
    clock: &impl Clock,
    tell: &Sender<News>,
) {
    let begun = Stopwatch::start();
    // Nobody listens any more once the deadline is over: then there is nobody to tell that.
    let told = |news: News| tell.send(news).is_ok();
    let folder = match folder_of(folder) {
        Ok(folder) => folder,
        Err(why) => {
            told(News::Failed(why));
            return;
        }
    };
    if let Ok(mounts) = fs::read_to_string("/proc/self/mountinfo")
        && let Some(mount) = mount_of(&mounts, &folder)
    {
        told(News::On(mount));
    }
    let path = folder.join(file);
    let mut last: Option<Timestamp> = None;
    for _ in 0..count {
        // The last round ends before the deadline as a rule, so that its file is removed.
        if begun.elapsed() >= deadline {
            return;
        }
        // A series holds one sample a millisecond, and a round on local disk is shorter.
        let now = clock.now();
        let at = last.map_or(now, |last| now.max(last.plus(1)));
        last = Some(at);
        if let Err((operation, error)) = round(&folder, &path, |operation, took| {
            told(News::Took(at, operation, took));
        }) {
            told(News::Failed(format!(
                "cannot {}: {error}",
                operation.name()
            )));
            return;
        }
    }
}

fn folder_of(path: &Path) -> Result<PathBuf, String> {
    let meta = fs::metadata(path).map_err(|e| e.to_string())?;
    if !meta.is_dir() {
        return Err("expected a folder, found something else; nothing was written".into());
    }
    fs::canonicalize(path).map_err(|e| e.to_string())
}

/// One round: the file is there only while it lasts.
fn round(
    folder: &Path,
    path: &Path,
    mut took: impl FnMut(Operation, Duration),
) -> Result<(), (Operation, io::Error)> {
    let mut timed = |operation: Operation, work: &mut dyn FnMut() -> io::Result<()>| {
        let watch = Stopwatch::start();
        work().map_err(|e| (operation, e))?;
        took(operation, watch.elapsed());
        Ok(())
    };
    timed(Operation::Create, &mut || {
        fs::File::create_new(path).map(drop)
    })?;
    // From here on the file is ours, and goes whatever happens.
    let guard = Remove(path);
    timed(Operation::Stat, &mut || fs::metadata(path).map(drop))?;
    timed(Operation::Readdir, &mut || {
        for entry in fs::read_dir(folder)?.take(MAX_ENTRIES) {
            entry?;
        }
        Ok(())
    })?;
    std::mem::forget(guard);
    let removed = timed(Operation::Remove, &mut || fs::remove_file(path));
    if removed.is_err() {
        drop(Remove(path));
    }
    removed
}

/// Removes the file when a round ends early.
struct Remove<'a>(&'a Path);

impl Drop for Remove<'_> {
    fn drop(&mut self) {
        // Nothing more can be done about a file that cannot be removed; the error was told.
        let _ = fs::remove_file(self.0);
    }
}

/// The mount of an absolute path, out of `/proc/self/mountinfo` (proc(5)): the longest mount point
/// above it, and of several on one point the last.
fn mount_of(mountinfo: &str, path: &Path) -> Option<Mount> {
    let mut best: Option<(usize, Mount)> = None;
    for line in mountinfo.lines() {
        let Some((before, after)) = line.split_once(" - ") else {
            continue;
        };
        let Some(point) = before.split(' ').nth(4).map(unescaped) else {
            continue;
        };
        let mut after = after.split(' ');
        let (Some(kind), Some(source)) = (after.next(), after.next()) else {
            continue;
        };
        if path.starts_with(&point) && best.as_ref().is_none_or(|(n, _)| point.len() >= *n) {
            let mount = Mount {
                kind: kind.to_owned(),
                source: unescaped(source),
                point,
            };
            best = Some((mount.point.len(), mount));
        }
    }
    best.map(|(_, mount)| mount)
}

/// `\040` and the like, as the kernel writes blanks.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after.get(..3).and_then(|c| u8::from_str_radix(c, 8).ok());
        if let Some(code) = code {
            out.push(char::from(code));
            rest = after.get(3..).unwrap_or("");
        } else {
            out.push('\\');
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    const CLOCK: FixedClock = FixedClock(Timestamp::from_seconds(1_590_116_400));
    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_folder_is_measured_and_left_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine"), "mine").unwrap();
        let probed = measure(dir.path(), "x", 3, LONG, &CLOCK);
        assert_eq!(probed.fault, None);
        for operation in OPERATIONS {
            assert_eq!(probed.of(operation).count(), 3, "{operation:?}");
        }
        assert!(!probed.mount.kind.is_empty());
        let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(fs::read(dir.path().join("mine")).unwrap(), b"mine");
    }

    #[test]
    fn nothing_is_overwritten_and_no_file_is_taken_for_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join(".lineup-probe-x");
        fs::write(&there, "mine").unwrap();
        let probed = measure(dir.path(), "x", 3, LONG, &CLOCK);
        assert!(probed.fault.unwrap().starts_with("cannot create"));
        assert_eq!(fs::read(&there).unwrap(), b"mine");
        let probed = measure(&there, "x", 3, LONG, &CLOCK);
        assert!(probed.fault.unwrap().starts_with("expected a folder"));
        let probed = measure(&dir.path().join("none"), "x", 3, LONG, &CLOCK);
        assert!(probed.fault.is_some() && probed.samples.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_never_answers_is_said_and_does_not_hold_the_command() {
        // With no time at all every path is one that does not answer in time.
        let dir = tempfile::tempdir().unwrap();
        let probed = measure(dir.path(), "x", 1_000_000, Duration::ZERO, &CLOCK);
        assert_eq!(probed.fault.as_deref(), Some("no answer within 0 s"));
    }

    #[test]
    fn the_mount_is_the_longest_above_the_path() {
        let text = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
                    40 22 0:40 / /mnt/my\\040efs rw shared:2 - nfs4 fs-1.efs:/ rw,vers=4.1\n\
                    41 22 0:41 / /mnt/my rw - tmpfs tmpfs rw\nnonsense\n";
        let of = |path: &str| mount_of(text, Path::new(path)).unwrap();
        assert_eq!(of("/mnt/my efs/a").kind, "nfs4");
        assert_eq!(of("/mnt/my efs/a").source, "fs-1.efs:/");
        assert_eq!(of("/mnt/my/a").kind, "tmpfs");
        assert_eq!(of("/mnt/mysql").kind, "ext4");
        assert_eq!(mount_of("", Path::new("/")), None);
    }
}
