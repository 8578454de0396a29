//! How often somebody may try to sign in: so often by account, so often by address. Kept in memory,
//! within bounds; a restart forgets it, and each of several processes counts for itself.

use model::{Timestamp, time::MINUTE};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Time that is looked back.
const SPAN: i64 = 15 * MINUTE;
/// Attempts by account in that time. NIST SP 800-63B (section 3.2.2) allows up to 100 in a row; whoever
/// mistypes their password ten times has forgotten it.
const BY_ACCOUNT: usize = 10;
/// Attempts by address: a team behind one address, each of whom mistypes once or twice.
const BY_ADDRESS: usize = 60;
/// Accounts and addresses that are remembered.
const REMEMBERED: usize = 20_000;

/// Attempts, by account and by address.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    times: Mutex<BTreeMap<String, Vec<Timestamp>>>,
}

impl Attempts {
    /// Counts an attempt, before it is looked at: many at once are no more than one after another.
    /// Where there were too many, none is counted, and the seconds until the next come back.
    pub(super) fn begin(
        &self,
        account: Option<&str>,
        address: Option<&str>,
        now: Timestamp,
    ) -> Result<(), i64> {
        let account = account.map(|a| (of_account(a), BY_ACCOUNT));
        let address = address.map(|a| (of_address(a), BY_ADDRESS));
        let keys: Vec<(String, usize)> = account.into_iter().chain(address).collect();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wait = None;
        for (key, most) in &keys {
            let Some(tried) = times.get_mut(key) else {
                continue;
            };
            tried.retain(|at| now.since(*at) < SPAN);
            if tried.len() >= *most
                && let Some(first) = tried.first()
            {
                let left = (SPAN - now.since(*first) + 999) / 1_000;
                wait = wait.max(Some(left));
            }
        }
        if let Some(wait) = wait {
            return Err(wait);
        }
        if times.len() + keys.len() > REMEMBERED {
            make_room(&mut times, now);
        }
        for (key, _) in keys {
            times.entry(key).or_default().push(now);
        }
        Ok(())
    }

    /// Whoever has signed in has forgotten nothing: their account starts anew. What others tried from
    /// the same address stays counted, but for this one.
    pub(super) fn succeeded(&self, account: &str, address: &str) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.remove(&of_account(account));
        if let Some(tried) = times.get_mut(&of_address(address)) {
            tried.pop();
        }
    }
}

fn of_account(login: &str) -> String {
    format!("account {login}")
}

fn of_address(address: &str) -> String {
    format!("address {address}")
}

/// Forgets what is over; where that is not enough, the half that was tried least recently.
fn make_room(times: &mut BTreeMap<String, Vec<Timestamp>>, now: Timestamp) {
    times.retain(|_, tried| tried.iter().any(|at| now.since(*at) < SPAN));
    if times.len() < REMEMBERED / 2 {
        return;
    }
    let mut last: Vec<Option<Timestamp>> = times.values().map(|t| t.last().copied()).collect();
    last.sort_unstable();
    let middle = last.get(last.len() / 2).copied().flatten();
    let mut room = times.len() / 2;
    times.retain(|_, tried| {
        let old = tried.last().copied() <= middle && room > 0;
        room -= usize::from(old);
        !old
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn an_account_is_tried_ten_times_in_fifteen_minutes() {
        let attempts = Attempts::default();
        for n in 0..10 {
            // From another address each time.
            let from = n.to_string();
            assert_eq!(attempts.begin(Some("ada"), Some(&from), at(n)), Ok(()));
        }
        assert_eq!(attempts.begin(Some("ada"), Some("x"), at(10)), Err(890));
        assert_eq!(attempts.begin(Some("bob"), Some("x"), at(10)), Ok(()));
        // What was refused is not counted: the first is over after fifteen minutes.
        assert_eq!(attempts.begin(Some("ada"), Some("x"), at(900)), Ok(()));
        assert_eq!(attempts.begin(Some("ada"), Some("x"), at(900)), Err(1));
    }

    #[test]
    fn an_address_tries_sixty_accounts() {
        let attempts = Attempts::default();
        for n in 0..60 {
            let login = n.to_string();
            assert_eq!(attempts.begin(Some(&login), Some("here"), at(0)), Ok(()));
        }
        assert!(attempts.begin(Some("next"), Some("here"), at(1)).is_err());
        assert!(attempts.begin(Some("next"), Some("there"), at(1)).is_ok());
        // A text that is no login counts for its address all the same.
        assert!(attempts.begin(None, Some("here"), at(1)).is_err());
    }

    #[test]
    fn who_signs_in_starts_anew() {
        let attempts = Attempts::default();
        for n in 0..100 {
            assert_eq!(
                attempts.begin(Some("ada"), Some("here"), at(n)),
                Ok(()),
                "{n}"
            );
            attempts.succeeded("ada", "here");
        }
    }

    #[test]
    fn memory_is_bounded_and_keeps_the_latest() {
        let attempts = Attempts::default();
        let many = i64::try_from(REMEMBERED).unwrap() * 2;
        for n in 0..many {
            let login = n.to_string();
            attempts.begin(Some(&login), None, at(n / 1_000)).unwrap();
        }
        let held = attempts.times.lock().unwrap();
        assert!(held.len() <= REMEMBERED, "{}", held.len());
        assert!(held.contains_key(&of_account(&(many - 1).to_string())));
    }
}
