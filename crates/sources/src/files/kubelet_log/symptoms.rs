//! Messages that are known to come before slow or hanging storage and pods that will not end.
//!
//! The numbers are issues of github.com/kubernetes/kubernetes whose reports quote the message:
//! #51835 "Pods stuck on terminating", #60987 "Orphaned pod found - but volume paths are still present on
//! disk", #70324 "Cgroup leaking, no space left on /sys/fs/cgroup", #83089 "Delete pod with subpath volume
//! shows warning while unmount volume files", #97031 "Pod stuck in terminating when subPath was deleted in
//! azure fileshare", #97497 "Failed to delete cgroup paths", #139535 "kubelet `CleanSubPaths` can leave pods stuck
//! Terminating when subPath target stat returns ENOENT but mountinfo still has the mount".

/// Text in a message (any case), and what it is a sign of.
const KNOWN: [(&[u8], &str); 19] = [
    // The story: sessions of PHP below a subPath, one line for each.
    (
        b"unmount skipped because path does not exist",
        "kubelet walks all files below a subPath, or it is gone (kubernetes #83089, #97031)",
    ),
    // The same in newer versions.
    (
        b"mount cleanup skipped because path does not exist",
        "subPath that is gone (kubernetes #139535)",
    ),
    (
        b"orphaned pod",
        "volume left of a removed pod (kubernetes #60987)",
    ),
    (b"inotify", "inotify watches used up (kubernetes #70324)"),
    (
        b"no space left on device",
        "no space, or inotify watches used up (kubernetes #70324)",
    ),
    (
        b"too many open files",
        "file handles or inotify instances used up",
    ),
    (
        b"failed to delete cgroup",
        "control groups left of removed pods (kubernetes #97497)",
    ),
    (b"device or resource busy", "mount that is still in use"),
    (b"target is busy", "mount that is still in use"),
    (b"stale file handle", "NFS file that is gone on the server"),
    (
        b"stale nfs file handle",
        "NFS file that is gone on the server",
    ),
    (b"not responding", "server that does not answer"),
    (
        b"unmountvolume.teardown failed",
        "volume that cannot be unmounted (kubernetes #51835)",
    ),
    (b"failed to kill pod", "pod that cannot be ended"),
    (b"killpodsandbox", "pod sandbox that cannot be ended"),
    (
        b"timeout expired waiting for volumes",
        "volume that does not mount",
    ),
    (
        b"timed out waiting for the condition",
        "volume that does not mount",
    ),
    (
        b"pleg is not healthy",
        "container runtime that does not answer",
    ),
    (b"out of memory: kill", "memory used up"),
];

/// What a message is known to be a sign of.
pub(super) fn of(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    KNOWN
        .iter()
        .find(|(known, _)| memchr::memmem::find(text.as_bytes(), known).is_some())
        .map(|(_, sign)| *sign)
}
