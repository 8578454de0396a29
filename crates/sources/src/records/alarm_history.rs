//! One change of state in the history of a CloudWatch alarm.

use serde::Deserialize;

/// Longest reason that is kept, characters.
const MAX_REASON: usize = 500;

/// From which state to which, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transition {
    /// State before: `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub from: String,
    /// State after.
    pub to: String,
    /// Why, in CloudWatch's words.
    pub reason: String,
    /// The threshold at that time.
    pub threshold: Option<f64>,
}

/// `HistoryData` of a state change, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryData {
    #[serde(default)]
    old_state: State,
    #[serde(default)]
    new_state: State,
}

#[derive(Default, Deserialize)]
struct State {
    #[serde(default, rename = "stateValue")]
    value: String,
    #[serde(default, rename = "stateReason")]
    reason: String,
    #[serde(default, rename = "stateReasonData")]
    data: serde_json::Value,
}

/// Reads an item's `HistoryData` and `HistorySummary`. Older items have no data: their summary says
/// `Alarm updated from OK to ALARM`. `None` where neither says between which states.
pub fn read(data: Option<&str>, summary: &str) -> Option<Transition> {
    let data: Option<HistoryData> = data.and_then(|text| serde_json::from_str(text).ok());
    let (from, to) = match &data {
        Some(d) if !d.new_state.value.is_empty() => {
            (d.old_state.value.clone(), d.new_state.value.clone())
        }
        _ => {
            let (from, to) = summary.split_once(" from ")?.1.split_once(" to ")?;
            (
                from.trim().to_owned(),
                to.trim_end_matches('.').trim().to_owned(),
            )
        }
    };
    let new = data.map(|d| d.new_state).unwrap_or_default();
    let threshold = new.data.get("threshold");
    Some(Transition {
        from,
        to,
        threshold: threshold.and_then(serde_json::Value::as_f64),
        reason: new.reason.chars().take(MAX_REASON).collect(),
    })
}
