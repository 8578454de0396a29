//! Server functions about suspects: what if, back-test, judgements and action items.

#[cfg(feature = "ssr")]
use super::asking;
#[cfg(feature = "ssr")]
use crate::done::Done;
use crate::{ApiError, page::Page};
use leptos::prelude::*;

/// A page that asks something of an incident: `what-if` or `back-test`, with the pairs of its address.
#[server(prefix = "/api", endpoint = "study")]
pub async fn study(
    incident: String,
    study: String,
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let id = asking::incident(incident)?;
        let asked = crate::input::Asked(&asked);
        match study.as_str() {
            "what-if" => {
                // What is wrong with an input is said beside it; the page itself is all right.
                let (ask, wrong) = match crate::input::what_if(asked) {
                    Ok(ask) => (ask, None),
                    Err(error) => (crate::backend::WhatIfAsk::default(), Some(error)),
                };
                match backend.what_if(&who, &id, ask).await {
                    Ok(answer) => Ok(Page::what_if(&answer, asked, wrong.as_ref())),
                    // As little is asked of a name that the incident does not know.
                    Err(unknown @ ApiError::Fields(_)) => {
                        let nothing = crate::backend::WhatIfAsk::default();
                        let answer = backend.what_if(&who, &id, nothing).await?;
                        Ok(Page::what_if(&answer, asked, Some(&unknown)))
                    }
                    Err(error) => Err(error),
                }
            }
            "back-test" => {
                let (ask, wrong) = match crate::input::back_test(asked) {
                    Ok(ask) => (ask, None),
                    Err(error) => {
                        let nothing = crate::input::back_test(crate::input::Asked(&[]))?;
                        (nothing, Some(error))
                    }
                };
                let wanted = ask.false_per_week;
                match backend.back_test(&who, &id, ask).await {
                    Ok(answer) => {
                        let wrong = wrong.or_else(|| answer.remark());
                        Ok(Page::back_test(&answer, asked, wanted, wrong.as_ref()))
                    }
                    Err(unknown @ ApiError::Fields(_)) => {
                        let nothing = crate::input::back_test(crate::input::Asked(&[]))?;
                        let answer = backend.back_test(&who, &id, nothing).await?;
                        Ok(Page::back_test(&answer, asked, wanted, Some(&unknown)))
                    }
                    Err(error) => Err(error),
                }
            }
            _ => Err(ApiError::NotFound),
        }
    };
    asking::told(page.await)
}

/// Decides about a suspect: `cause`, or `dismissed` with a reason.
#[server(prefix = "/api", endpoint = "judge")]
pub async fn judge(
    incident: String,
    suspect: String,
    ruling: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let judged = async {
        let id = asking::incident(incident)?;
        let draft = crate::input::judgement(&suspect, &ruling, &reason)?;
        backend.judge(&who, &id, draft).await
    };
    asking::did(judged.await, Done::Judged, "h-suspects")
}

/// Takes a decision about a suspect back.
#[server(prefix = "/api", endpoint = "take_back")]
pub async fn take_back(incident: String, suspect: String) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let taken = async {
        let id = asking::incident(incident)?;
        backend.take_back(&who, &id, &suspect).await
    };
    asking::did(taken.await, Done::TakenBack, "h-suspects")
}

/// Takes an action item on the list, with the alarm that `alarm` holds as its back-test's address
/// does.
#[server(prefix = "/api", endpoint = "add_action")]
pub async fn add_action(
    incident: String,
    title: String,
    #[server(default)] owner: String,
    #[server(default)] alarm: std::collections::BTreeMap<String, String>,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let added = async {
        let id = asking::incident(incident)?;
        let asked: Vec<(String, String)> = alarm.into_iter().collect();
        let draft = crate::input::action(&title, &owner, crate::input::Asked(&asked))?;
        backend.add_action(&who, &id, draft).await
    };
    asking::did(added.await, Done::ActionAdded, "h-actions")
}

/// Ticks an action item off (`done`), opens it again (`open`) or takes it off the list (`remove`).
#[server(prefix = "/api", endpoint = "change_action")]
pub async fn change_action(
    incident: String,
    action: String,
    change: String,
) -> Result<(), ApiError> {
    use crate::backend::ActionChange;
    let (backend, who) = asking::backend()?;
    let done = match change.as_str() {
        "done" => Done::ActionTicked,
        "open" => Done::ActionOpened,
        _ => Done::ActionRemoved,
    };
    let changed = async {
        let id = asking::incident(incident)?;
        let change = match change.as_str() {
            "done" => ActionChange::Done,
            "open" => ActionChange::Open,
            "remove" => ActionChange::Remove,
            _ => {
                let wrong = "expected done, open or remove".to_owned();
                return Err(ApiError::Invalid(wrong));
            }
        };
        backend.change_action(&who, &id, &action, change).await
    };
    asking::did(changed.await, done, "h-actions")
}
