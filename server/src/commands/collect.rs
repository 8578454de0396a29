//! `lineup collect`: follows the configured sources, where `serve` does not.

use super::{CommandError, print, serve};
use crate::{
    clock::SystemClock,
    collect::Collector,
    random::{self, SystemRandom},
    registry::Registry,
};
use std::sync::Arc;
use store::Store;

pub(super) async fn run(store: Arc<dyn Store>, registry: Registry) -> Result<(), CommandError> {
    let collector = collector(store.clone(), Arc::new(registry))?;
    if collector.is_empty() {
        return Err(CommandError::Input(
            "there is nothing to follow: name a configuration file with live `[[source]]` tables \
             (--config or LINEUP_CONFIG), or set KUBECONFIG or AWS_PROFILE"
                .into(),
        ));
    }
    let told_to_stop = serve::stop();
    let n = collector.len();
    print(&format!(
        "following {n} source{}\n",
        if n == 1 { "" } else { "s" }
    ))?;
    let following = tokio::spawn(collector.clone().run());
    told_to_stop.await;
    // What was kept is stored.
    following.abort();
    // That it was aborted is no news.
    let _ = following.await;
    collector.release().await;
    store.close().await;
    Ok(())
}

/// A collector with a name that no other process has.
pub(super) fn collector(
    store: Arc<dyn Store>,
    registry: Arc<Registry>,
) -> Result<Collector, CommandError> {
    let holder = random::id(&SystemRandom).map_err(|e| {
        CommandError::Serve(format!("the operating system gives no randomness: {e}"))
    })?;
    Ok(Collector::new(
        store,
        Arc::new(SystemClock),
        registry,
        holder,
    ))
}
