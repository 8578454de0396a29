//! Messages that are known to come before slow or hanging storage and pods that will not end.

/// Text in a message (any case), and what it is a sign of.
const KNOWN: [(&[u8], &str); 18] = [
    // The story: sessions of PHP below a subPath, gone before the unmount; kubernetes #70324.
    (
        b"unmount skipped because path does not exist",
        "subPath that is gone",
    ),
    (
        b"orphaned pod",
        "volume left of a removed pod (kubernetes #60987)",
    ),
    (b"inotify", "inotify watches used up (kubernetes #64137)"),
    (
        b"no space left on device",
        "no space, or inotify watches used up (kubernetes #64137)",
    ),
    (
        b"too many open files",
        "file handles or inotify instances used up",
    ),
    (
        b"failed to delete cgroup",
        "cgroup leak (kubernetes #64137)",
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
