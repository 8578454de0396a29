//! What people set out to do, and the alarms that it stands for.

use crate::{
    Extra, Timestamp,
    analysis::back_test::{BackTest, Rule},
};
use serde::{Deserialize, Serialize};

/// How far an action item has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionState {
    /// To be done.
    #[default]
    Open,
    /// Done.
    Done,
}

/// Something to do so that it does not happen again, or is seen earlier.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ActionItem {
    /// Id, unique within the incident; `[A-Za-z0-9._-]{1,128}`.
    pub id: String,
    /// What is to be done: one line of plain text.
    pub title: String,
    /// How far it has come.
    #[serde(default)]
    pub state: ActionState,
    /// Who does it; empty: nobody yet.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub owner: String,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Where it is tracked, `https`; empty: nowhere.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub link: String,
    /// The alarm that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Rule>,
    /// Who took it on the list.
    #[serde(default, deserialize_with = "crate::event::null_is_default")]
    pub author: String,
    /// When.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// Fields of later versions.
    #[serde(flatten)]
    pub extra: Extra,
}

/// An action item with what its alarm would have done in this incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestedAction {
    /// The item.
    pub item: ActionItem,
    /// What its alarm would have done; `None`: it has none, or the evidence lacks what it looks at.
    pub tested: Option<BackTest>,
    /// What is missing to test it; empty: nothing.
    pub missing: String,
}
