//! Waiting for a page's data, and what is shown when it does not come.

use crate::{ApiError, address::Address};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// The one resource of a page. Where making it runs into a fault of its own, that is what the page
/// says: a resource that never comes would keep whoever asked waiting.
pub(crate) fn page_data<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetcher: impl Fn(S) -> Fut + Send + Sync + 'static,
) -> Resource<Result<T, ApiError>>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Send + Sync + Serialize + DeserializeOwned + 'static,
    Fut: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    Resource::new_blocking(source, move |asked| caught(fetcher(asked)))
}

/// On the server a panic is an error; in the browser, which cannot go on after one, nothing is done.
#[cfg(feature = "ssr")]
async fn caught<T>(made: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        task::Poll,
    };
    let mut made = std::pin::pin!(made);
    std::future::poll_fn(|context| {
        // After a panic it is never asked again.
        let asked = catch_unwind(AssertUnwindSafe(|| made.as_mut().poll(context)));
        asked.unwrap_or_else(|_| {
            set_status(500);
            Poll::Ready(Err(ApiError::Fault(
                "It is in the server's log. What is stored is not touched by it.".into(),
            )))
        })
    })
    .await
}

#[cfg(not(feature = "ssr"))]
fn caught<F: Future>(made: F) -> F {
    made
}

/// Renders a page out of its one resource. While it is fetched again the old page stays.
pub(crate) fn loaded<T>(
    resource: Resource<Result<T, ApiError>>,
    render: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="loading">"Loading…"</p> }>
            {move || {
                let render = render.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => render(data),
                        Err(error) => problem(&error),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// What the form did that has led to this page, above what the page says.
#[cfg(feature = "ssr")]
pub(crate) fn done() -> impl IntoView {
    let html = crate::page::Page::done(&Address::of_page().pairs());
    (!html.is_empty()).then(|| view! { <div inner_html=html></div> })
}

/// Finished HTML of the server's, put in as it is.
pub(crate) fn html(class: &'static str, html: String) -> AnyView {
    view! { <div class=class inner_html=html></div> }.into_any()
}

/// The page that says why there is none, and what to do.
fn problem(error: &ApiError) -> AnyView {
    let (title, text) = match error {
        ApiError::NotFound => (
            "Nothing here",
            "There is no such incident in this installation, or it was removed. \
             The list of incidents has all that there are."
                .to_owned(),
        ),
        ApiError::Forbidden => (
            "Not allowed",
            "Your account does not allow this. Whoever manages people here can change that."
                .to_owned(),
        ),
        ApiError::Invalid(_) | ApiError::Fields(_) => ("Not understood", error.to_string()),
        ApiError::Unavailable(text) => ("Not available now", text.clone()),
        ApiError::Fault(text) => ("A fault of Lineup itself", text.clone()),
    };
    let of_source = Address::of_page().path.starts_with("/sources");
    let (way, words) = if of_source {
        ("/sources", "All sources")
    } else {
        ("/incidents", "All incidents")
    };
    view! {
        <section class="problem">
            <h1>{title}</h1>
            <p>{text}</p>
            <p>
                <a class="button" href=way>
                    {words}
                </a>
            </p>
        </section>
    }
    .into_any()
}

/// The error of a form or a button, announced as soon as it is there.
pub(crate) fn fault(error: impl Fn() -> Option<String> + Send + Sync + 'static) -> impl IntoView {
    view! {
        <p class="fault" role="alert">
            {error}
        </p>
    }
}

/// The HTTP status of the page; nothing in the browser.
pub(crate) fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = axum::http::StatusCode::from_u16(status)
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
