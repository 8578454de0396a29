//! How much this program takes in from outside. The same numbers stand in `docs/bundle.md`; they
//! are enforced while reading, before the memory is spent.

/// Largest `.zip`, bytes.
pub const MAX_ZIP_BYTES: u64 = 256 << 20;
/// Largest single file, unpacked, bytes.
pub const MAX_FILE_BYTES: u64 = 256 << 20;
/// All files together, unpacked, bytes.
pub const MAX_TOTAL_BYTES: u64 = 512 << 20;
/// Files in a bundle.
pub const MAX_FILES: usize = 10_000;
/// A file of a zip may unpack to this many times its packed size…
pub const MAX_RATIO: u64 = 200;
/// …or to this many bytes, whichever is more (a small file of zeros is no bomb).
pub const RATIO_FREE_BYTES: u64 = 1 << 20;
/// Longest path of a file, bytes.
pub const MAX_PATH_BYTES: usize = 512;
/// Deepest folder.
pub const MAX_DEPTH: usize = 16;
/// Largest `.jsonl` file of the format, bytes: a short text can be a large value in memory.
pub const MAX_JSONL_BYTES: u64 = 64 << 20;
/// Largest `incident.json`, `figures.json` and `manifest.json`, bytes.
pub const MAX_JSON_BYTES: u64 = 16 << 20;
/// Longest line of a `.jsonl` or `.csv` file, bytes.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Series in a bundle.
pub const MAX_SERIES: usize = 10_000;
/// Samples of all series together.
pub const MAX_SAMPLES: usize = 20_000_000;
/// Events in `events.jsonl`, and again events read out of raw files.
pub const MAX_EVENTS: usize = 200_000;
/// Edges in `topology.jsonl`.
pub const MAX_EDGES: usize = 200_000;
/// Lines in `annotations.jsonl`.
pub const MAX_ANNOTATIONS: usize = 20_000;
/// Longest title of an incident, characters; it is one line.
pub const MAX_TITLE_CHARS: usize = 200;
/// Kubernetes objects in one raw file.
pub const MAX_OBJECTS: usize = 100_000;
