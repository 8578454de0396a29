//! The record inside of a CloudTrail event: who did it, from where, and whether it failed.

use serde_json::Value;

/// Longest text that is kept, characters.
pub(crate) const MAX_TEXT: usize = 500;

/// What a record says, as far as it is read; texts are cut, and without signs that are no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// ARN of who did it.
    pub arn: Option<String>,
    /// Who did it, where the ARN is not said: the service in whose name, else an id.
    pub other: Option<String>,
    /// The program.
    pub agent: Option<String>,
    /// Where.
    pub region: Option<String>,
    /// Why it failed, in a word.
    pub error: Option<String>,
    /// Why it failed.
    pub error_message: Option<String>,
}

/// Reads a record; `None` where the text is no JSON.
pub fn read(json: &str) -> Option<Record> {
    let record: Value = serde_json::from_str(json).ok()?;
    let text = |path: &str| record.pointer(path).and_then(Value::as_str).map(shorten);
    Some(Record {
        arn: text("/userIdentity/arn"),
        other: text("/userIdentity/invokedBy").or_else(|| text("/userIdentity/principalId")),
        agent: text("/userAgent"),
        region: text("/awsRegion"),
        error: text("/errorCode"),
        error_message: text("/errorMessage"),
    })
}

/// The beginning of a text, without control characters.
pub(crate) fn shorten(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect()
}
