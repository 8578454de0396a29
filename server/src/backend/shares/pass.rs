//! Passwords of links: argon2id, away from the threads that answer, a few at a time; wrong ones bounded
//! for each link; and the pass that opens the link for a while afterwards.

use crate::compute;
use app::backend::Entered;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use model::{Timestamp, share::ShareLink, time::MINUTE};
use ring::hmac;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Memory of one hash, KiB; passes; lanes: the first of the equal choices of OWASP's Password Storage
/// Cheat Sheet for argon2id that asks for 19 MiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes at the same time: 19 MiB and a processor's whole attention each.
const AT_A_TIME: usize = 2;
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

/// Passwords while they are tried.
#[derive(Debug)]
pub(super) struct Doors {
    seats: Arc<Semaphore>,
    /// Since when wrong passwords are counted, and how many there were, by the link's id.
    wrong: Mutex<HashMap<String, (Timestamp, u32)>>,
}

impl Default for Doors {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(AT_A_TIME)),
            wrong: Mutex::default(),
        }
    }
}

impl Doors {
    /// What a password is kept as; `None` where it cannot be hashed.
    pub(super) async fn hash(&self, password: String, salt: [u8; 16]) -> Option<String> {
        let seat = self.seats.clone().acquire_owned().await;
        compute::run(move || {
            let _seat = seat;
            let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt);
            hash.ok().map(|hash| hash.to_string())
        })
        .await
    }

    /// Tries a password at a link.
    pub(super) async fn enter(
        &self,
        link: &ShareLink,
        password: String,
        now: Timestamp,
    ) -> Entered {
        let Some(secret) = link.password_hash.clone() else {
            return pass(link, now);
        };
        // Counted before it is looked at, so that many at once are no more than many in turn.
        if let Err(wait) = self.count(&link.id, now) {
            return Entered::TooMany(wait);
        }
        let seat = self.seats.clone().acquire_owned().await;
        let right = compute::run(move || {
            let _seat = seat;
            password.len() <= LONGEST
                && Argon2::default()
                    .verify_password(password.as_bytes(), secret.as_str())
                    .is_ok()
        });
        if right.await {
            self.lock().remove(&link.id);
            pass(link, now)
        } else {
            Entered::Wrong
        }
    }

    /// Counts a try; the seconds until the next where there were too many.
    fn count(&self, link: &str, now: Timestamp) -> Result<(), i64> {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Timestamp, u32)>> {
        // The counts are whole between any two of their operations.
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What opens the link from now on: until when, and that signed.
fn pass(link: &ShareLink, now: Timestamp) -> Entered {
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

    async fn link(doors: &Doors) -> ShareLink {
        ShareLink {
            id: "a".into(),
            password_hash: doors.hash("open sesame".into(), [7; 16]).await,
            ..ShareLink::default()
        }
    }

    #[tokio::test]
    async fn the_right_password_gives_a_pass_for_this_link_and_a_while() {
        let doors = Doors::default();
        let link = link(&doors).await;
        assert!(
            link.password_hash
                .as_ref()
                .unwrap()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        let now = Timestamp::from_seconds(1_000);
        assert_eq!(
            doors.enter(&link, "Open sesame".into(), now).await,
            Entered::Wrong
        );
        let Entered::Pass { value, seconds } = doors.enter(&link, "open sesame".into(), now).await
        else {
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

    #[tokio::test]
    async fn wrong_passwords_are_bounded_for_each_link() {
        let doors = Doors::default();
        let link = link(&doors).await;
        let now = Timestamp::from_seconds(0);
        for _ in 0..WRONG {
            assert_eq!(doors.enter(&link, "no".into(), now).await, Entered::Wrong);
        }
        let right = || "open sesame".to_owned();
        assert_eq!(
            doors.enter(&link, right(), now.plus(1_000)).await,
            Entered::TooMany(300)
        );
        let other = ShareLink {
            id: "b".into(),
            ..link.clone()
        };
        assert!(matches!(
            doors.enter(&other, right(), now).await,
            Entered::Pass { .. }
        ));
        let later = now.plus(WHILE);
        assert!(matches!(
            doors.enter(&link, right(), later).await,
            Entered::Pass { .. }
        ));
    }
}
