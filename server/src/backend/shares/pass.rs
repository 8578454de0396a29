//! Passwords of links: wrong ones bounded for each link; and the pass that opens the link for a while
//! after the right one.

use app::backend::Entered;
use model::{Timestamp, share::ShareLink, time::MINUTE};
use ring::hmac;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Longest password, bytes.
pub(super) const LONGEST: usize = 200;
/// Wrong passwords at one link within [`WHILE`]; then none is looked at.
const WRONG: u32 = 10;
/// Milliseconds over which wrong passwords are counted.
const WHILE: i64 = 5 * MINUTE;
/// How long a pass opens its link, milliseconds.
const PASS: i64 = 30 * MINUTE;
/// Links whose wrong passwords are remembered at once.
const MOST: usize = 10_000;

/// Since when wrong passwords are counted, and how many there were, by the link's id.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Tries {
    /// Counts a try before the password is looked at, so that many at once are no more than many in
    /// turn; the seconds until the next where there were too many.
    pub(super) fn begin(&self, link: &str, now: Timestamp) -> Result<(), i64> {
        let mut wrong = self.lock();
        if wrong.len() >= MOST {
            wrong.retain(|_, (since, _)| now.since(*since) < WHILE);
        }
        let place = wrong.entry(link.to_owned()).or_insert((now, 0));
        if now.since(place.0) >= WHILE {
            *place = (now, 0);
        }
        if place.1 >= WRONG {
            let wait = (WHILE - now.since(place.0)).max(0);
            return Err(wait / 1000 + 1);
        }
        place.1 += 1;
        Ok(())
    }

    /// The password was right: what went before counts no more.
    pub(super) fn right(&self, link: &str) {
        self.lock().remove(link);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, u32)>> {
        // The counts are whole between any two of their operations.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What opens the link from now on: until when, and that signed.
pub(super) fn pass(link: &ShareLink, now: Timestamp) -> Entered {
    let end = now
        .plus(PASS)
        .min(link.expires_at.unwrap_or(Timestamp::MAX));
    let Some(key) = key(link) else {
        return Entered::Wrong;
    };
    let tag = hmac::sign(&key, signed(link, end.millis()).as_bytes());
    Entered::Pass {
        value: format!("{}.{}", end.millis(), model::bundle::hex(tag.as_ref())),
        seconds: end.since(now) / 1000,
    }
}

/// Whether that pass opens the link now.
pub(super) fn is_pass(link: &ShareLink, pass: &str, now: Timestamp) -> bool {
    let Some((end, tag)) = pass.split_once('.') else {
        return false;
    };
    let Ok(end) = end.parse::<i64>() else {
        return false;
    };
    let Some((key, tag)) = key(link).zip(unhex(tag)) else {
        return false;
    };
    now.millis() < end && hmac::verify(&key, signed(link, end).as_bytes(), &tag).is_ok()
}

fn signed(link: &ShareLink, end: i64) -> String {
    format!("lineup share pass\n{}\n{end}", link.id)
}

/// The password's hash with its salt is known to the database alone and is another for each link: who
/// does not have it makes no pass, and every server of one database takes the passes of the others.
fn key(link: &ShareLink) -> Option<hmac::Key> {
    let secret = link.password_hash.as_ref()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|d| d.len() % 2 == 0)?;
    Some(
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |all, d| all * 16 + d))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> ShareLink {
        ShareLink {
            id: "a".into(),
            password_hash: Some("$argon2id$v=19$a hash".into()),
            ..ShareLink::default()
        }
    }

    #[test]
    fn a_pass_opens_this_link_for_a_while() {
        let link = link();
        let now = Timestamp::from_seconds(1_000);
        let Entered::Pass { value, seconds } = pass(&link, now) else {
            panic!("refused");
        };
        assert_eq!(seconds, 1_800);
        assert!(is_pass(&link, &value, now.plus(PASS - 1)));
        assert!(!is_pass(&link, &value, now.plus(PASS)));
        let other = ShareLink {
            id: "b".into(),
            ..link.clone()
        };
        assert!(!is_pass(&other, &value, now));
        let another_password = ShareLink {
            password_hash: Some("$argon2id$v=19$another".into()),
            ..link.clone()
        };
        assert!(!is_pass(&another_password, &value, now));
        let later = value.replacen("2800000", "9800000", 1);
        assert_ne!(later, value);
        for forged in [
            later.as_str(),
            "",
            ".",
            "9999999999999.",
            "9999999999999.00",
            "x.y",
        ] {
            assert!(!is_pass(&link, forged, now), "{forged}");
        }
    }

    #[test]
    fn wrong_passwords_are_bounded_for_each_link() {
        let tries = Tries::default();
        let now = Timestamp::from_seconds(0);
        for _ in 0..WRONG {
            assert_eq!(tries.begin("a", now), Ok(()));
        }
        assert_eq!(tries.begin("a", now.plus(1_000)), Err(300));
        assert_eq!(tries.begin("b", now), Ok(()));
        assert_eq!(tries.begin("a", now.plus(WHILE)), Ok(()));
        for _ in 0..2 * WRONG {
            assert_eq!(tries.begin("a", now.plus(WHILE)), Ok(()));
            tries.right("a");
        }
    }
}
