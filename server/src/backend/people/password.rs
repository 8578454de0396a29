//! Passwords: argon2id, away from the threads that answer, a few at a time.

use super::no_randomness;
use crate::{backend::ServerBackend, compute};
use app::{
    ApiError, FieldError,
    input::{LONGEST_PASSWORD, SHORTEST_PASSWORD},
};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Memory of one hash, KiB; passes; lanes: the first of the equal choices of OWASP's Password Storage
/// Cheat Sheet for argon2id that asks for 19 MiB.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a salt, as RFC 9106 (section 4) has it.
pub(in crate::backend) const SALT: usize = 16;
/// Hashes at the same time: 19 MiB and a processor's whole attention each.
const AT_A_TIME: usize = 2;
/// What the password of an unknown account is compared with: as costly as any, and no password's.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Passwords {
    seats: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(AT_A_TIME)),
        }
    }
}

impl Passwords {
    /// Whether the password hashes to `secret`; without any secret `false`, as late as with one.
    pub(in crate::backend) async fn matches(
        &self,
        password: String,
        secret: Option<String>,
    ) -> bool {
        let seat = self.seats.clone().acquire_owned().await;
        compute::run(move || {
            let _seat = seat;
            let known = secret.is_some();
            let secret = secret.unwrap_or_else(|| NOBODYS.to_owned());
            // Who is sent megabytes to hash hashes none of them; nobody has such a password.
            let short = password.len() <= LONGEST_PASSWORD;
            let text = if short { password.as_bytes() } else { b"" };
            let matches = Argon2::default().verify_password(text, secret.as_str());
            matches.is_ok() && known && short
        })
        .await
    }

    /// What a password is kept as; `None` where it cannot be hashed.
    pub(in crate::backend) async fn hash(
        &self,
        password: String,
        salt: [u8; SALT],
    ) -> Option<String> {
        let seat = self.seats.clone().acquire_owned().await;
        compute::run(move || {
            let _seat = seat;
            hash(&password, &salt)
        })
        .await
    }
}

/// The hash of a password in PHC string format.
fn hash(password: &str, salt: &[u8]) -> Option<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt);
    hash.ok().map(|hash| hash.to_string())
}

impl ServerBackend {
    /// What a password is kept as.
    pub(super) async fn hashed(&self, password: String) -> Result<String, ApiError> {
        let mut salt = [0; SALT];
        self.random.fill(&mut salt).map_err(|e| no_randomness(&e))?;
        let hashed = self.doors.passwords.hash(password, salt).await;
        hashed.ok_or_else(|| ApiError::Unavailable("The password could not be kept.".into()))
    }
}

/// Whether a new password is one. `field` is the name of its input.
pub(super) fn check(new: &str, again: &str, login: &str, field: &str) -> Result<(), ApiError> {
    let length = new.chars().count();
    let wrong = if length < SHORTEST_PASSWORD {
        format!("{SHORTEST_PASSWORD} characters are needed at least; this has {length}")
    } else if new.len() > LONGEST_PASSWORD {
        format!("at most {LONGEST_PASSWORD} bytes fit")
    } else if new.to_lowercase().contains(&login.to_lowercase()) && length < login.len() + 8 {
        "this is little more than the login: choose another".to_owned()
    } else if new.chars().all(|c| new.starts_with(c)) {
        "this is one character again and again: choose another".to_owned()
    } else if new != again {
        let error = FieldError::new("again", "this is not the same as the first time");
        return Err(ApiError::Fields(vec![error]));
    } else {
        return Ok(());
    };
    Err(ApiError::Fields(vec![FieldError::new(field, wrong)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_says_how_it_was_made_and_matches_its_password_alone() {
        let made = hash("correct horse battery", &[7; SALT]).unwrap();
        assert!(
            made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{made}"
        );
        assert_ne!(hash("correct horse battery", &[8; SALT]).unwrap(), made);
        let verify = |text: &str| {
            Argon2::default()
                .verify_password(text.as_bytes(), made.as_str())
                .is_ok()
        };
        assert!(verify("correct horse battery"));
        assert!(!verify("Correct horse battery"));
    }

    #[tokio::test]
    async fn without_a_secret_nothing_matches_and_the_work_is_the_same() {
        // The stand-in is read as a hash of the same cost, so that it takes the same time.
        let nobodys = argon2::password_hash::phc::PasswordHash::new(NOBODYS).unwrap();
        let params = Params::try_from(&nobodys).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        let passwords = Passwords::default();
        assert!(!passwords.matches("anything".into(), None).await);
        let long = "x".repeat(LONGEST_PASSWORD + 1);
        let empty = hash("", &[1; SALT]);
        assert!(!passwords.matches(long, empty.clone()).await);
        assert!(passwords.matches(String::new(), empty).await);
        assert!(!passwords.matches("x".into(), Some("no hash".into())).await);
    }

    #[test]
    fn bad_passwords_are_named() {
        let long = "x y".repeat(LONGEST_PASSWORD);
        for (new, again, login, words) in [
            ("short", "short", "ada", "12 characters"),
            (long.as_str(), long.as_str(), "ada", "bytes"),
            ("aaaaaaaaaaaaa", "aaaaaaaaaaaaa", "ada", "again and again"),
            (
                "ada@example.org1",
                "ada@example.org1",
                "ada@example.org",
                "login",
            ),
            ("a good password", "a goof password", "ada", "first time"),
        ] {
            let error = check(new, again, login, "new").unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(!error.contains(new), "{error}");
        }
        check("a good password", "a good password", "ada", "new").unwrap();
    }
}
