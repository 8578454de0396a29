//! Server functions about sources: pulls, what they have live, and incidents that are made of them.

#[cfg(feature = "ssr")]
use super::asking;
use crate::{
    ApiError,
    page::{NewIncidentPage, Page},
};
use leptos::prelude::*;

/// The form for a pull, with the price of what `asked` (the pairs of the page's address) asks for.
#[server(prefix = "/api", endpoint = "new_pull")]
pub async fn new_pull(
    #[server(default)] asked: Vec<(String, String)>,
) -> Result<NewIncidentPage, ApiError> {
    let (backend, who) = asking::backend()?;
    let end = backend.now().floor_to(model::time::MINUTE);
    let (start, end) = (end.plus(-model::time::DAY).minute(), end.minute());
    let form = crate::input::PullForm::of_query(&asked);
    let price = match form.as_ref().map(crate::input::PullForm::read) {
        None => None,
        Some(Ok(request)) => Some(backend.price_pull(&who, &request).await),
        Some(Err(error)) => Some(Err(error)),
    };
    // What is wrong with an input is said beside it; the page itself is all right.
    let form = form.unwrap_or_else(|| crate::input::PullForm {
        start: start.clone(),
        end: end.clone(),
        ..crate::input::PullForm::default()
    });
    let page = Page::new_pull(&backend.pull_kinds(), &form, price);
    Ok(NewIncidentPage {
        html: page.html,
        start,
        end,
    })
}

/// Makes an incident, queues the pull that fills it and sends the browser there.
#[server(prefix = "/api", endpoint = "start_pull")]
pub async fn start_pull(
    title: String,
    start: String,
    end: String,
    region: String,
    #[server(default)] resources: std::collections::BTreeMap<String, String>,
    #[server(default)] profile: String,
    #[server(default)] endpoint: String,
    #[server(default)] agreed: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let form = crate::input::PullForm {
        title,
        start,
        end,
        region,
        resources,
        profile,
        endpoint,
        agreed,
    };
    let started = async { backend.start_pull(&who, form.read()?).await };
    let id = asking::told(started.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
    Ok(())
}

/// Every configured source.
#[server(prefix = "/api", endpoint = "sources")]
pub async fn sources() -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.sources(&who).await.map(|view| Page::sources(&view)))
}

/// Tries a source now; what it says.
#[server(prefix = "/api", endpoint = "test_source")]
pub async fn test_source(name: String) -> Result<String, ApiError> {
    let (backend, who) = asking::backend()?;
    asking::told(backend.test_source(&who, &name).await)
}

/// A window on the live sources. Empty times: the last six hours.
#[server(prefix = "/api", endpoint = "explore")]
pub async fn explore(start: String, end: String, words: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let page = async {
        let ask = crate::input::explore(&start, &end, &words)?;
        let explored = backend.explore(&who, ask).await?;
        Ok(Page::explore(&explored, &words))
    };
    asking::told(page.await)
}

/// Makes an incident out of what the configured sources have and sends the browser there. An empty
/// end: it is still going on.
#[server(prefix = "/api", endpoint = "open_incident")]
pub async fn open_incident(
    title: String,
    start: String,
    #[server(default)] end: String,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let opened = async {
        let request = crate::input::open_incident(&title, &start, &end)?;
        backend.open_incident(&who, request).await
    };
    let id = asking::told(opened.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
    Ok(())
}

/// Metrics of a source by text.
#[server(prefix = "/api", endpoint = "metrics")]
pub async fn metrics(source: String, text: String) -> Result<Page, ApiError> {
    let (backend, who) = asking::backend()?;
    let ask = crate::backend::MetricAsk {
        source,
        text: text.trim().to_owned(),
    };
    asking::told(backend.find_metrics(&who, ask).await.map(Page::metrics))
}

/// Pulls chosen metrics into a new incident and sends the browser there.
#[server(prefix = "/api", endpoint = "pull_metrics")]
pub async fn pull_metrics(
    source: String,
    title: String,
    start: String,
    end: String,
    #[server(default)] choices: Vec<String>,
    #[server(default)] statistics: String,
    #[server(default)] agreed: bool,
) -> Result<(), ApiError> {
    let (backend, who) = asking::backend()?;
    let pulled = async {
        let request =
            crate::input::pull_metrics(source, &title, &start, &end, choices, &statistics, agreed)?;
        backend.pull_metrics(&who, request).await
    };
    let id = asking::told(pulled.await)?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
    Ok(())
}
