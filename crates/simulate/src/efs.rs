//! An Amazon EFS file system in bursting mode, minute by minute, in whole bytes.
//!
//! Source of the constants: Amazon EFS user guide, "Throughput modes" and "Metering: how Amazon EFS
//! reports file system and object sizes". The model is the simulator's own and shares nothing with
//! the analysis that is judged on its output.

/// Most credits that a file system of up to 1 TiB can hold, bytes (2.1 TiB).
pub(crate) const CREDIT_CAP: i64 = 2_308_974_418_330;
/// Permitted throughput while there are credits, bytes per second (100 MiB/s).
pub(crate) const BURST: i64 = 100 << 20;
/// Least baseline throughput, bytes per second.
const LEAST_BASELINE: i64 = 1 << 20;
/// What a request counts for at least, bytes. A metadata request is never larger here.
pub(crate) const REQUEST: i64 = 4 << 10;
/// Requests per second of the General Purpose mode at 100 `PercentIOLimit`.
const REQUEST_LIMIT: f64 = 35_000.0;

/// Baseline throughput in bytes per second: 50 KiB/s per GiB stored.
pub(crate) fn baseline(stored_bytes: i64) -> i64 {
    ((stored_bytes * (50 << 10)) >> 30).max(LEAST_BASELINE)
}

/// What clients ask for within one minute.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Demand {
    /// Metadata requests of the sites.
    pub metadata: i64,
    /// Bytes that the sites read.
    pub read: i64,
    /// Bytes that the sites write.
    pub write: i64,
    /// Metadata requests of clients that ask again as soon as they have an answer.
    pub loops: i64,
}

/// What the file system did in one minute.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Minute {
    /// Credits at the minute's end, bytes.
    pub balance: i64,
    /// Permitted throughput, bytes per second.
    pub permitted: i64,
    /// Metadata requests answered.
    pub metadata: i64,
    /// Of these, requests of the loops.
    pub loops: i64,
    /// Data bytes read.
    pub read: i64,
    /// Data bytes written.
    pub write: i64,
    /// Metered bytes: data reads count one third, everything else in full.
    pub metered: i64,
    /// Demand over what was permitted; above 1 requests queue.
    pub pressure: f64,
}

impl Minute {
    /// Whether the credits are used up.
    pub(crate) fn throttled(&self) -> bool {
        self.balance == 0
    }

    /// `PercentIOLimit`.
    pub(crate) fn percent_io_limit(&self) -> f64 {
        // Data requests of PHP sites are small: 16 KiB on average.
        let requests = self.metadata + (self.read + self.write) / (16 << 10);
        100.0 * requests as f64 / 60.0 / REQUEST_LIMIT
    }
}

/// The state of the file system: its credits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileSystem {
    balance: i64,
}

impl FileSystem {
    /// A file system with so many credits, bytes.
    pub(crate) fn with_credits(balance: i64) -> Self {
        Self {
            balance: balance.clamp(0, CREDIT_CAP),
        }
    }

    /// Serves one minute. Sites do not wait for one another and get what they ask for; loops wait
    /// for each answer, so that they shrink to what is left.
    pub(crate) fn serve(&mut self, stored_bytes: i64, demand: Demand) -> Minute {
        let baseline = baseline(stored_bytes);
        let available = self.balance + baseline * 60;
        let limit = available.min(BURST * 60);
        let sites = demand.metadata * REQUEST + demand.write + demand.read / 3;
        let wanted = sites + demand.loops * REQUEST;
        let mut minute = Minute {
            metadata: demand.metadata,
            read: demand.read,
            write: demand.write,
            loops: demand.loops,
            ..Minute::default()
        };
        if wanted > limit {
            minute.loops = ((limit - sites) / REQUEST).clamp(0, demand.loops);
            // Even the sites alone can ask for too much: then each kind gets its share.
            if sites > limit {
                let share = |n: i64| (i128::from(n) * i128::from(limit) / i128::from(sites)) as i64;
                minute.metadata = share(demand.metadata);
                minute.read = share(demand.read);
                minute.write = share(demand.write);
            }
        }
        minute.metadata += minute.loops;
        minute.metered = minute.metadata * REQUEST + minute.write + minute.read / 3;
        // Less than one request's worth of credits cannot be spent: that is what zero means.
        let left = available - minute.metered;
        let spent = wanted > limit && left < baseline.min(8 * REQUEST);
        self.balance = if spent { 0 } else { left.min(CREDIT_CAP) };
        minute.balance = self.balance;
        minute.permitted = if self.balance == 0 { baseline } else { BURST };
        minute.pressure = wanted as f64 / limit as f64;
        minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: i64 = 120 << 30;

    #[test]
    fn baseline_is_fifty_kib_per_gib_and_at_least_one_mib() {
        assert_eq!(baseline(STORED), 120 * 50 * 1024);
        assert_eq!(baseline(0), 1 << 20);
    }

    #[test]
    fn idle_fills_to_the_cap_and_no_further() {
        let mut fs = FileSystem::with_credits(CREDIT_CAP - 10);
        let minute = fs.serve(STORED, Demand::default());
        assert_eq!(minute.balance, CREDIT_CAP);
        assert_eq!(minute.permitted, BURST);
    }

    #[test]
    fn reads_cost_a_third_and_writes_and_metadata_all() {
        let demand = Demand {
            metadata: 10,
            read: 3_000_000,
            write: 7_000_000,
            loops: 5,
        };
        let mut fs = FileSystem::with_credits(CREDIT_CAP / 2);
        let minute = fs.serve(STORED, demand);
        assert_eq!(minute.metered, 15 * REQUEST + 7_000_000 + 1_000_000);
        let gained = baseline(STORED) * 60 - minute.metered;
        assert_eq!(minute.balance, CREDIT_CAP / 2 + gained);
    }

    #[test]
    fn without_credits_the_baseline_is_all_there_is_and_loops_give_way() {
        let demand = Demand {
            metadata: 15_000,
            read: 2_000_000,
            write: 1_500_000,
            loops: 300_000,
        };
        let mut fs = FileSystem::with_credits(0);
        let minute = fs.serve(STORED, demand);
        assert_eq!((minute.balance, minute.permitted), (0, baseline(STORED)));
        assert_eq!((minute.read, minute.write), (2_000_000, 1_500_000));
        assert!(minute.metered <= baseline(STORED) * 60);
        assert!(minute.metered > baseline(STORED) * 60 - REQUEST);
        assert!(minute.pressure > 3.0);
    }
}
