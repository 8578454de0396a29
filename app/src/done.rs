//! What a plain form has done, as the page that it leads back to says it. An address carries one of these
//! codes and never words: nobody can put words into the mouth of the application by a link.

/// The name in an address of the code of what was done.
pub(crate) const DONE: &str = "done";

/// Each with its code in an address and the sentence that the page says.
macro_rules! done {
    ($($name:ident $code:literal $words:literal,)*) => {
        /// Something that a form did.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Done {
            $($name,)*
        }

        impl Done {
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its code in an address.
            pub(crate) const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The sentence that says so.
            pub(crate) const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }
        }
    };
}

done! {
    Commented "comment" "Your comment is added.",
    Replied "reply" "Your reply is added.",
    Resolved "thread-resolved" "The thread is resolved.",
    ThreadOpened "thread-opened" "The thread is open again.",

    SectionSaved "section-saved" "The section is saved.",
    SectionHidden "section-hidden"
        "The section is left out of the report. Its words are kept: the template's panel shows it again.",
    SectionShown "section-shown" "The section is in the report again.",
    SectionUp "section-up" "The section is moved up.",
    SectionDown "section-down" "The section is moved down.",
    DraftTaken "draft-taken" "The section is the draft again. What was written is in its history.",
    TextKept "text-kept" "The text stays as it is.",
    PutTogether "put-together" "What is new in the draft is in the text.",
    Restored "restored" "The earlier text stands again.",
    TimelineSaved "timeline-saved" "The timeline is saved.",
    TemplateChosen "template-chosen" "The report follows the template.",

    ReviewersNamed "reviewers-named" "The reviewers are saved.",
    ReviewAsked "review-asked" "A version is frozen, and its review is asked for.",
    ReviewWithdrawn "review-withdrawn" "The report is a draft again.",
    Approved "approved" "The approval is noted.",
    Published "published" "The report is published.",
    ReviewOpened "review-opened" "The review is open again.",

    PreviewShown "preview-shown" "The preview is made of what the form says.",
    LinkMade "link-made" "The link is made. Copy it now: it is shown only once.",
    LinkRevoked "link-revoked" "The link is revoked and opens nothing any more.",

    ActionAdded "action-added" "The action item is on the list.",
    ActionSaved "action-saved" "The action item is saved.",
    ActionTicked "action-done" "The action item is done.",
    ActionOpened "action-opened" "The action item is open again.",
    ActionRemoved "action-removed" "The action item is removed.",

    Judged "judged" "The decision is noted.",
    TakenBack "taken-back" "The decision is taken back.",
    Renamed "renamed" "The title is changed.",
    Closed "closed" "The incident is closed.",
    Opened "opened" "The incident is open again.",
    Frozen "frozen" "The sources are being asked.",
    OwnershipSet "ownership-set" "Who sees this incident is changed.",

    PasswordChanged "password-changed" "The password is changed.",
    SessionEnded "session-ended" "The session is ended.",
    InvitationRevoked "invitation-revoked" "The invitation is revoked.",
    RoleSet "role-set" "The role is changed.",
    Disabled "disabled" "The account is disabled.",
    Enabled "enabled" "The account is enabled again.",
    TeamMade "team-made" "The team is made.",
    TeamDeleted "team-deleted" "The team is removed.",
    MemberAdded "member-added" "The person is a member of the team.",
    MemberRemoved "member-removed" "The person is no member of the team any more.",
}

impl Done {
    /// What an address says was done. One that says as well what a form was refused for says nothing of
    /// an earlier one.
    pub(crate) fn of(pairs: &[(String, String)]) -> Option<Self> {
        let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v);
        let code = value(DONE).filter(|_| value("__err").is_none())?;
        Self::ALL.iter().find(|done| done.code() == code).copied()
    }
}

/// The query of an address without what an earlier form has done.
pub(crate) fn without_done(query: &str) -> String {
    let pairs = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != DONE);
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::pairs;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_read_back_and_stands_for_one_sentence() {
        for done in Done::ALL {
            let query = format!("owner=Ada&{DONE}={}", done.code());
            assert_eq!(Done::of(&pairs(&query)), Some(*done));
            assert!(done.words().ends_with('.'), "{done:?}");
        }
        let codes: BTreeSet<&str> = Done::ALL.iter().map(|d| d.code()).collect();
        assert_eq!(codes.len(), Done::ALL.len());
    }

    #[test]
    fn words_of_an_address_are_none_of_ours() {
        for query in [
            "",
            "done",
            "done=Call+555",
            "done=comment&__err=x",
            "undone=comment",
        ] {
            assert_eq!(Done::of(&pairs(query)), None, "{query}");
        }
    }

    #[test]
    fn what_was_done_before_goes_and_the_rest_stays() {
        let query = "owner=A+b&done=comment&text=%26";
        assert_eq!(without_done(query), "owner=A+b&text=%26");
        assert_eq!(without_done("done=comment"), "");
    }
}
