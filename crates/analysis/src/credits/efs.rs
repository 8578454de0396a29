//! Burst credits of a file system in bursting mode (AWS EFS user guide, "Throughput modes"; the balance
//! of a new file system is 2.1 TiB, as CloudWatch reports it).

/// 50 KiB/s for each GiB stored.
const PER_BYTE: f64 = 50.0 * 1024.0 / (1024.0 * 1024.0 * 1024.0);
/// At least 1 MiB/s.
const LEAST: f64 = 1024.0 * 1024.0;
/// What a bucket of up to one TiB holds, and that of each TiB of a larger one.
const HELD: f64 = 2_308_974_418_330.0;
/// Bytes of a TiB.
const TIB: f64 = 1024.0 * 1024.0 * 1024.0 * 1024.0;

/// Earned a second with so many bytes stored in the Standard class.
pub(crate) fn earned(stored_bytes: f64) -> f64 {
    (stored_bytes * PER_BYTE).max(LEAST)
}

/// The most that the bucket holds with so many bytes stored.
pub(crate) fn cap(stored_bytes: f64) -> f64 {
    HELD * (stored_bytes / TIB).max(1.0)
}
