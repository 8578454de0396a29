//! The web server: routes, and who may call them from where.

mod assets;
pub mod connections;
mod downloads;
mod functions;
pub mod hooks;
pub mod limits;
pub mod meeting;
mod problem;
mod security;
pub mod session;
mod shared;
mod signed;
pub mod timeline;
mod upload;

use crate::clock::Clock;
use app::backend::Backend;
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use leptos::{
    prelude::{LeptosOptions, provide_context},
    server_fn::axum::server_fn_paths,
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list_with_exclusions};
use limits::Deadlines;
use std::sync::{Arc, LazyLock};
use store::Store;
use tower_http::{compression::CompressionLayer, trace::TraceLayer};

/// Largest body of a call that is no upload.
const MAX_CALL_BYTES: usize = 256 * 1024;

/// What the routes work with.
#[derive(Clone)]
pub struct AppState {
    /// Answers the pages.
    pub backend: Arc<dyn Backend>,
    /// For bundles in and out.
    pub store: Arc<dyn Store>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Who may report by itself.
    pub hooks: Arc<hooks::Hooks>,
    /// How people come in.
    pub door: session::Door,
    /// Pages that are kept up to date.
    pub streams: Arc<timeline::live::Streams>,
    /// Meetings that go on.
    pub meetings: Arc<meeting::Meetings>,
    /// Where the browser finds its files.
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Names that the browser's files have; the bundler writes them (see `scripts/bundle.sh`).
pub fn leptos_options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("lineup")
        .site_root("target/site")
        .site_pkg_dir("pkg")
        .build()
}

/// The pages' routes. Listed once: while Leptos lists them, no page of the whole process can load
/// its data, and one that is being rendered would wait for ever. Leptos is kept from routing the server
/// functions too, which [`functions`] does.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
    let functions = server_fn_paths().map(|(path, _)| path.to_owned());
    generate_route_list_with_exclusions(app::App, Some(functions.collect()))
});

/// Every route of the application, guarded.
pub fn router(state: AppState) -> Router {
    router_within(state, Deadlines::default())
}

/// The same with other limits of time.
pub fn router_within(state: AppState, deadlines: Deadlines) -> Router {
    limits::around(routes(&state), deadlines)
        .layer(middleware::from_fn_with_state(
            signed::Signer::new(state.store.clone()),
            signed::guard,
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            session::enter,
        ))
        .layer(middleware::from_fn_with_state(
            state.door.served.clone(),
            security::guard,
        ))
        .layer(middleware::from_fn(problem::for_everybody))
        .layer(CompressionLayer::new())
        // Whoever answers with a problem logs why, once.
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}

fn routes(state: &AppState) -> Router<AppState> {
    let pages = state.clone();
    Router::new()
        .route("/healthz", get(health))
        .route("/pkg/{*file}", get(assets::serve))
        .route("/incidents/{id}/report.html", get(downloads::html))
        .route("/incidents/{id}/report.md", get(downloads::markdown))
        .route(
            "/incidents/{id}/report.md.zip",
            get(downloads::markdown_zip),
        )
        .route("/incidents/{id}/report.pdf", get(downloads::pdf))
        .route("/incidents/{id}/report.json", get(downloads::json))
        .route("/incidents/{id}/bundle.zip", get(downloads::bundle))
        .route(
            "/import",
            post(upload::import).layer(DefaultBodyLimit::max(upload::MAX_UPLOAD_BYTES)),
        )
        .route(
            "/incidents/{id}/files",
            post(upload::add).layer(DefaultBodyLimit::max(upload::MAX_UPLOAD_BYTES)),
        )
        .route("/s/{token}", get(shared::page).post(shared::enter))
        .route("/s/{token}/charts/{file}", get(shared::picture))
        .route("/s/{token}/{file}", get(shared::file))
        .merge(timeline::routes())
        .merge(session::routes())
        .merge(meeting::routes())
        .route("/hooks/events", post(hooks::events))
        .route("/hooks/alertmanager", post(hooks::alertmanager))
        .route("/hooks/sns", post(hooks::sns))
        .route("/api/{*call}", any(functions::call))
        .leptos_routes_with_context(state, ROUTES.clone(), move || provide(&pages), {
            let options = state.leptos.clone();
            move || app::shell(options.clone())
        })
        .fallback(page)
        .layer(DefaultBodyLimit::max(MAX_CALL_BYTES))
}

/// What every page and server function finds in its context, beside the request with who asks
/// ([`session::enter`]).
fn provide(state: &AppState) {
    provide_context::<Arc<dyn Backend>>(state.backend.clone());
    security::provide_page_policy();
}

/// Everything that is no other route is a page that says so.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(
        move || provide(&state),
        move || app::shell(options.clone()),
    );
    render(request).await.into_response()
}

async fn health(State(state): State<AppState>) -> Response {
    match state.store.incidents().await {
        Ok(_) => "ok\n".into_response(),
        Err(error) => problem::of_store(&error).into_response(),
    }
}
