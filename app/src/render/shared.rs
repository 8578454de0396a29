//! What a share link opens.

use super::{instant, span};
use crate::backend::SharedCase;
use leptos::prelude::*;

/// The report, with the window that it speaks of and until when it can be read.
pub(super) fn shared(case: SharedCase) -> AnyView {
    let until = case
        .expires_at
        .map(|at| view! { <span>" · opens until " {instant(at)} " UTC"</span> });
    view! {
        <p class="meta">"Shared read-only · " {span(case.window)} {until}</p>
        <div class="panel paper" data-testid="shared-report" inner_html=case.report_html></div>
    }
    .into_any()
}
