//! Records as the databases hold them: a few columns to find them by, the rest as JSON.

use crate::StoreError;
use serde::Serialize;

/// The JSON of a record, as it is stored.
pub(crate) fn json<T: Serialize>(what: &str, record: &T) -> Result<String, StoreError> {
    serde_json::to_string(record).map_err(|e| StoreError::Invalid {
        what: what.to_owned(),
        reason: e.to_string(),
    })
}

/// Bytes of a key, so that it fits PostgreSQL's indexes (2,700 bytes for two keys and more).
const MAX_KEY: usize = 1_024;

/// A key, which must not be empty nor hold U+0000: PostgreSQL's text has no place for that.
/// (Texts inside of JSON may: there it is written `\u0000`.)
pub(crate) fn plain<'a>(what: &str, key: &'a str) -> Result<&'a str, StoreError> {
    let reason = if key.is_empty() {
        "it is empty"
    } else if key.contains('\0') {
        "it holds the character U+0000"
    } else if key.len() > MAX_KEY {
        "it is longer than 1024 bytes"
    } else {
        return Ok(key);
    };
    Err(StoreError::Invalid {
        what: what.to_owned(),
        reason: reason.to_owned(),
    })
}

/// The SHA-256 of a token, 64 lower-case hexadecimal digits. Anything else is refused, so that no
/// token is ever written by mistake.
pub(crate) fn token_hash<'a>(what: &str, text: &'a str) -> Result<&'a str, StoreError> {
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() == 64 && text.bytes().all(digit) {
        Ok(text)
    } else {
        Err(StoreError::Invalid {
            what: what.to_owned(),
            reason: "its token hash is not 64 lower-case hexadecimal digits".to_owned(),
        })
    }
}
