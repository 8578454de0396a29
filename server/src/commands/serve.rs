//! `lineup serve`: the web application.

use super::CommandError;
use crate::{
    backend::{ServerBackend, Views},
    case,
    clock::{Clock, SystemClock},
    collect,
    config::{self, Config, people::People},
    demo,
    http::{
        self, AppState,
        connections::Patience,
        hooks::{HookArchive, Hooks},
        session::Door,
    },
    jobs::{LiveSources, Worker},
    live,
    notify::{LIMITS, Outbox, Sender},
    random::SystemRandom,
    registry::Registry,
};
use model::{Bundle, incident::IncidentState};
use sources::hooks::sns::SnsHttp;
use std::{net::SocketAddr, sync::Arc};
use store::Store;
use tokio::{net::TcpListener, task::JoinSet};

/// Where the server listens unless told otherwise.
const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);

/// How the server is started.
pub(super) struct How {
    /// Seeds the demonstration.
    pub(super) demo: bool,
    /// Follows the live sources.
    pub(super) collect: bool,
    /// Where it listens.
    pub(super) listen: Option<SocketAddr>,
}

pub(super) async fn run(
    config: &Config,
    registry: Registry,
    url: &str,
    how: How,
) -> Result<(), CommandError> {
    let listen = how.listen.or(config.listen).unwrap_or(DEFAULT_LISTEN);
    check_loopback(listen, &config.people)?;
    let listener = TcpListener::bind(listen).await.map_err(|e| {
        CommandError::Serve(format!(
            "cannot listen on {listen}: {e}; is Lineup already running there? Choose another with --listen"
        ))
    })?;
    let address = listener.local_addr().unwrap_or(listen);
    let store = store::open(url).await?;
    if how.demo {
        seed(&*store).await?;
    }
    let told_to_stop = stop();
    let registry = Arc::new(registry);
    let sources = Arc::new(LiveSources::new(registry.clone()));
    let worker = Worker::new(store.clone(), Arc::new(SystemClock), sources);
    let alone = store.backend() == "sqlite";
    let mut background = JoinSet::new();
    background.spawn(worker.clone().run(alone));
    let collector = super::collect::collector(store.clone(), registry.clone())?;
    if how.collect {
        background.spawn(collector.clone().run());
    }
    // Also where no hook is open any more: what they told grows old all the same.
    background.spawn(collect::keep_hooks(
        store.clone(),
        Arc::new(SystemClock),
        config.hooks.clone(),
    ));
    background.spawn(live::run(
        store.clone(),
        Arc::new(SystemClock),
        Arc::new(SystemRandom),
        worker.clone(),
        config.freeze,
        registry.clone(),
    ));
    let outbox = Outbox::of(&config.notify);
    let sender = Sender::new(
        store.clone(),
        Arc::new(SystemClock),
        outbox.clone(),
        &config.notify,
        config::named_variable,
        LIMITS,
    );
    background.spawn(sender.map_err(CommandError::Input)?.run());
    let (state, views) = state(config, registry, store.clone(), worker, outbox)?;
    background.spawn(views.clone().run(store.clone()));
    let streams = state.streams.clone();
    super::print(&format!("Lineup is at http://{address}\n"))?;
    let routes = http::router(state);
    let patience = Patience::default();
    let stopped = async move {
        told_to_stop.await;
        streams.end();
    };
    let cut_off = http::connections::serve(listener, routes, patience, stopped).await;
    if cut_off > 0 {
        let seconds = patience.grace.as_secs();
        tracing::warn!(
            cut_off,
            "connections did not end within {seconds} s of the stop"
        );
    }
    // What is cut off here is taken up again at the next start: jobs live in the database.
    background.shutdown().await;
    if how.collect {
        collector.release().await;
    }
    // Views that were counted since the last time.
    Ok(views.write(&*store).await?)
}

/// What the routes work with, on the machine's clock and randomness.
fn state(
    config: &Config,
    registry: Arc<Registry>,
    store: Arc<dyn Store>,
    worker: Worker,
    outbox: Outbox,
) -> Result<(AppState, Arc<Views>), CommandError> {
    let wrong = |message: String| CommandError::Input(message);
    let web = SnsHttp::new().map_err(|e| wrong(format!("hooks.sns_topics: {e}")))?;
    let archive = HookArchive(store.clone());
    let hooks = Hooks::new(&config.hooks, Arc::new(archive), Arc::new(web)).map_err(wrong)?;
    let door = Door::of(&config.people).map_err(wrong)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let backend = ServerBackend::new(
        store.clone(),
        clock.clone(),
        Arc::new(SystemRandom),
        worker,
        registry,
        config,
    )
    .telling(outbox);
    let views = backend.views();
    let state = AppState {
        backend: Arc::new(backend),
        store,
        clock,
        hooks: Arc::new(hooks),
        door,
        streams: Arc::default(),
        meetings: Arc::default(),
        leptos: http::leptos_options(),
    };
    Ok((state, views))
}

/// Without accounts everybody who reaches the server may do everything: only this machine may. With
/// them it has to know by which name it is reached.
fn check_loopback(listen: SocketAddr, people: &People) -> Result<(), CommandError> {
    if listen.ip().is_loopback() || (people.on && people.address.is_some()) {
        return Ok(());
    }
    let why = if people.on {
        "the configuration does not say by which address people reach it: set people.address = \"https://NAME\""
    } else {
        "without accounts everybody who reaches it may do everything; listen on 127.0.0.1 or [::1] and reach it \
         from elsewhere through an SSH tunnel, or switch accounts on with [people] (docs/people.md)"
    };
    Err(CommandError::Input(format!(
        "refused to listen on {listen}: {why}"
    )))
}

/// Brings the demonstration incidents in, closed where people say that it is over. They are there
/// already after the first time.
async fn seed(store: &dyn Store) -> Result<(), CommandError> {
    for bundle in demo::bundles()? {
        seed_one(store, &bundle).await?;
    }
    Ok(())
}

async fn seed_one(store: &dyn Store, bundle: &Bundle) -> Result<(), CommandError> {
    let over = bundle.header.impact.is_some_and(|i| i.end.is_some());
    let imported = case::import_by("", store, bundle, &SystemClock).await?;
    if !imported.new || !over {
        return Ok(());
    }
    if let Some(mut incident) = store.incident(&imported.id).await? {
        incident.state = IncidentState::Closed;
        store.update_incident(&incident).await?;
    }
    Ok(())
}

/// Until Ctrl-C or a polite kill. From the call on, not from the first poll: a process that is stopped
/// while it starts stops in order, too.
pub(super) fn stop() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::interrupt()).and_then(|i| Ok((i, signal(SignalKind::terminate())?)))
    };
    async move {
        #[cfg(unix)]
        if let Ok((mut interrupt, mut terminate)) = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        // Without a handler there is nothing to wait for but the process's end.
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Impact, Timestamp, Window};

    #[tokio::test]
    async fn what_is_over_is_seeded_closed_and_once() {
        let store = store::open("sqlite::memory:").await.unwrap();
        let at = Timestamp::from_seconds;
        let mut bundle = Bundle::default();
        bundle.header.window = Window {
            start: at(0),
            end: at(3_600),
        };
        seed_one(&*store, &bundle).await.unwrap();
        bundle.header.impact = Some(Impact {
            start: at(60),
            end: Some(at(120)),
        });
        seed_one(&*store, &bundle).await.unwrap();
        let states = || async {
            let all = store.incidents().await.unwrap();
            all.into_iter()
                .map(|i| (i.impact.is_some(), i.state))
                .collect::<Vec<_>>()
        };
        for (over, state) in states().await {
            assert_eq!(over, state == IncidentState::Closed);
        }
        // Whoever opens it again finds it open after the next start.
        let mut all = store.incidents().await.unwrap();
        for incident in &mut all {
            incident.state = IncidentState::Open;
            store.update_incident(incident).await.unwrap();
        }
        seed_one(&*store, &bundle).await.unwrap();
        let open = states().await;
        assert_eq!(open.len(), 2);
        assert!(open.iter().all(|(_, state)| *state == IncidentState::Open));
    }

    #[test]
    fn without_accounts_only_loopback_is_listened_on() {
        let none = People::default();
        for good in ["127.0.0.1:3000", "[::1]:3000"] {
            assert!(
                check_loopback(good.parse().unwrap(), &none).is_ok(),
                "{good}"
            );
        }
        for bad in ["0.0.0.0:3000", "[::]:3000", "192.168.1.2:80"] {
            let error = check_loopback(bad.parse().unwrap(), &none)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(bad) && error.contains("SSH tunnel"),
                "{error}"
            );
        }
        let everywhere = "0.0.0.0:3000".parse().unwrap();
        let nameless = People {
            on: true,
            ..People::default()
        };
        let error = check_loopback(everywhere, &nameless).unwrap_err();
        assert!(error.to_string().contains("people.address"), "{error}");
        let named = People {
            address: Some("https://lineup.example.org".into()),
            ..nameless
        };
        assert!(check_loopback(everywhere, &named).is_ok());
    }
}
