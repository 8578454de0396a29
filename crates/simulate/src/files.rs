//! Raw files as an engineer saves them.

use crate::{
    cluster::{Cluster, Pod, age_text},
    random::Random,
};
use model::{Timestamp, bundle::RawFile, time::SECOND};
use std::fmt::Write as _;

/// A file taken at that time, its times in UTC.
pub(crate) fn raw(path: &str, observed_at: Timestamp, content: String) -> RawFile {
    RawFile {
        path: format!("files/{path}"),
        observed_at: Some(observed_at),
        timezone: Some("UTC".into()),
        content: content.into_bytes(),
        ..RawFile::default()
    }
}

/// `kubectl get pods --all-namespaces | grep Terminating`, or all of it with its header.
pub(crate) fn listing(zombies: &[&Pod], others: Option<&Cluster>, at: Timestamp) -> String {
    let mut rows: Vec<[String; 6]> = zombies
        .iter()
        .map(|p| row(p, "0/2", "Terminating", at))
        .collect();
    if let Some(cluster) = others {
        let running = cluster.workloads.iter().flat_map(|w| {
            let ready = if w.php { "2/2" } else { "1/1" };
            w.pods.iter().map(move |p| row(p, ready, "Running", at))
        });
        rows.extend(running);
        rows.sort();
        let header = ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"];
        rows.insert(0, header.map(str::to_owned));
    }
    let width = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(String::len).max();
    let widths: Vec<usize> = (0..6).map(|i| width(i).unwrap_or(0) + 3).collect();
    rows.iter().fold(String::new(), |mut out, row| {
        let line = padded(row.iter().map(String::as_str).zip(widths.iter().copied()));
        out.push_str(line.trim_end());
        out.push('\n');
        out
    })
}

/// Cells, each filled up to its width.
fn padded<'a>(cells: impl Iterator<Item = (&'a str, usize)>) -> String {
    cells.fold(String::new(), |mut line, (cell, width)| {
        // Writing to a String cannot fail.
        let _ = write!(line, "{cell:<width$}");
        line
    })
}

fn row(pod: &Pod, ready: &str, status: &str, at: Timestamp) -> [String; 6] {
    [
        pod.namespace.clone(),
        pod.name.clone(),
        ready.to_owned(),
        status.to_owned(),
        "0".to_owned(),
        age_text(at.since(pod.created)),
    ]
}

/// The kubelet's log: for each session file that it has lost track of, a warning that it is not
/// there, again at every sync of the pod.
pub(crate) fn kubelet_log(
    random: &mut Random,
    pod: &Pod,
    first: Timestamp,
    last: Timestamp,
) -> String {
    let (uid, volume) = (random.uuid(), random.uuid());
    let sessions: Vec<String> = (0..40)
        .map(|_| {
            random.letters(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789,-",
                32,
            )
        })
        .collect();
    let mut log = String::new();
    let mut at = first;
    let mut turn = 0;
    while at < last {
        let Some(session) = sessions.get(turn % sessions.len()) else {
            break;
        };
        line(
            &mut log,
            at,
            random,
            &format!(
                "Warning: Unmount skipped because path does not exist: /var/lib/kubelet/pods/{uid}\
             /volume-subpaths/pvc-{volume}/{}/sess_{session}",
                pod.name
            ),
        );
        turn += 1;
        // A sync goes through a part of the files at once, then waits.
        let pause = if turn % 12 == 0 {
            random.whole(60, 110)
        } else {
            0
        };
        at = at.plus(pause * SECOND + random.whole(2, 400));
    }
    log
}

fn line(log: &mut String, at: Timestamp, random: &mut Random, text: &str) {
    // klog: Lmmdd hh:mm:ss.uuuuuu threadid file:line] message
    let (date, clock) = (at.date(), at.clock());
    let day = date.get(5..).unwrap_or_default().replace('-', "");
    let seconds = at.millis().rem_euclid(60_000) as f64 / 1000.0;
    let micros = random.whole(0, 999);
    // Writing to a String cannot fail.
    let _ = writeln!(
        log,
        "kubelet[3851]: W{day} {clock}:{seconds:06.3}{micros:03}    3851 mount_helper_common.go:36] {text}"
    );
}

/// `nfsstat -c` on a node, with `readdir` calls at 31 % of all as in the story.
pub(crate) fn nfsstat(random: &mut Random) -> String {
    let calls = 7_557_659 + random.whole(-90_000, 90_000);
    let of = |share: f64| (calls as f64 * share) as i64;
    let table: [&[(&str, f64)]; 4] = [
        &[
            ("null", 0.0),
            ("read", 0.021),
            ("write", 0.034),
            ("commit", 0.0),
            ("open", 0.062),
            ("open_conf", 0.0),
        ],
        &[
            ("close", 0.058),
            ("setattr", 0.006),
            ("fsinfo", 0.0),
            ("renew", 0.000_1),
            ("lock", 0.031),
            ("lockt", 0.0),
        ],
        &[
            ("locku", 0.031),
            ("access", 0.118),
            ("getattr", 0.231),
            ("lookup", 0.064),
            ("remove", 0.002),
            ("rename", 0.0),
        ],
        &[
            ("symlink", 0.0),
            ("create", 0.000_013),
            ("pathconf", 0.007_5),
            ("statfs", 0.022_5),
            ("readlink", 0.0),
            ("readdir", 0.312),
        ],
    ];
    let mut out = format!(
        "Client rpc stats:\ncalls      retrans    authrefrsh\n{calls:<10} {:<10} {}\n\nClient nfs v4:\n",
        random.whole(6, 14),
        calls + random.whole(2_000, 3_000),
    );
    for row in table {
        let cells: Vec<String> = row
            .iter()
            .map(|(_, share)| format!("{} {}%", of(*share), (share * 100.0) as i64))
            .collect();
        let heads = padded(row.iter().map(|(name, _)| (*name, 16)));
        let cells = padded(cells.iter().map(|cell| (cell.as_str(), 16)));
        let _ = writeln!(out, "{}\n{}", heads.trim_end(), cells.trim_end());
    }
    out
}
