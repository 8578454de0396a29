//! What is said about a report.

use crate::backend::{ServerBackend, access::author_of, unavailable};
use app::{
    ApiError, FieldError,
    backend::{Caller, CommentDraft},
    input::LONGEST_NOTE,
};
use model::{
    IncidentId,
    review::{
        activity::Deed,
        comment::{Comment, Resolved, Thread},
    },
};

/// Most threads of an incident, and most comments of a thread: a page lists them all.
const MOST_THREADS: usize = 1_000;
/// See [`MOST_THREADS`].
const MOST_COMMENTS: usize = 500;

impl ServerBackend {
    /// The thread that it is in, and what stands in the activity log.
    pub(super) async fn commented(
        &self,
        who: &Caller,
        id: &IncidentId,
        draft: CommentDraft,
    ) -> Result<(String, Deed, String), ApiError> {
        let text = draft.text.trim().to_owned();
        let length = text.chars().count();
        if length == 0 || length > LONGEST_NOTE {
            let message = format!("expected 1 to {LONGEST_NOTE} characters");
            return Err(ApiError::Fields(vec![FieldError::new("text", message)]));
        }
        let comment = Comment {
            id: format!("comment-{}", self.new_id()?),
            by: author_of(who),
            at: self.clock.now(),
            text: text.clone(),
            ..Comment::default()
        };
        let threads = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        if let Some(thread) = &draft.thread {
            let there = threads.iter().find(|t| t.id == *thread);
            if there.is_some_and(|t| t.comments.len() >= MOST_COMMENTS) {
                return Err(ApiError::Invalid(format!(
                    "a thread may have {MOST_COMMENTS} comments: begin another one"
                )));
            }
            let added = self.store.add_comment(id, thread, &comment).await;
            return if added.map_err(|e| unavailable(&e))? {
                Ok((thread.clone(), Deed::Replied, text))
            } else {
                Err(ApiError::NotFound)
            };
        }
        if threads.len() >= MOST_THREADS {
            return Err(ApiError::Invalid(format!(
                "an incident may have {MOST_THREADS} threads: answer in one that there is"
            )));
        }
        let (_, report) = self.current(id).await?;
        let thread = Thread {
            id: format!("thread-{}", self.new_id()?),
            about: draft.anchor.words(&report),
            anchor: draft.anchor,
            at: comment.at,
            in_meeting: draft.in_meeting,
            comments: vec![comment],
            ..Thread::default()
        };
        let about = format!("on {}: {text}", thread.about);
        let put = self.store.put_thread(id, &thread).await;
        put.map_err(|e| unavailable(&e))?;
        Ok((thread.id, Deed::Commented, about))
    }

    pub(super) async fn resolved(
        &self,
        who: &Caller,
        id: &IncidentId,
        thread: &str,
        resolved: bool,
    ) -> Result<(Deed, String), ApiError> {
        let threads = self.store.threads(id).await.map_err(|e| unavailable(&e))?;
        let there = threads.into_iter().find(|t| t.id == thread);
        let mut thread = there.ok_or(ApiError::NotFound)?;
        thread.resolved = resolved.then(|| Resolved {
            by: author_of(who),
            at: self.clock.now(),
        });
        let put = self.store.put_thread(id, &thread).await;
        put.map_err(|e| unavailable(&e))?;
        let deed = if resolved {
            Deed::Resolved
        } else {
            Deed::Unresolved
        };
        Ok((deed, format!("on {}", thread.about)))
    }
}
