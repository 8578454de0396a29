//! Following a cluster: each kind of object with a list, a watch and a back-off of its own, and one
//! history that they all tell.

mod coping;
mod reading;

pub(super) use reading::{item_of, read};

use super::{
    Cluster, NAME,
    api::{Api, Lines},
    gathering::Gathering,
    trouble::Trouble,
};
use crate::{
    kubernetes::{
        history::{History, Stream, Told},
        object::version_number,
        part::{Part, Resource},
    },
    source::{Keeper, Now, SourceError},
};
use coping::Refusal;
use futures::future::{BoxFuture, FutureExt, select_all};
use model::{Timestamp, time::SECOND};
use std::{
    future,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::sleep};

/// Objects of one page of a list; the page is in memory as a whole.
const PAGE: u32 = 500;
/// A pause in the watch that is shorter than this dates nothing wrongly that matters.
const NO_PAUSE_MS: i64 = SECOND;
/// A watch that ends sooner than this, without a word, is no watch.
const SOON_MS: i64 = 5 * SECOND;
/// Events wait for nodes for no longer than this.
const SETTLE: Duration = Duration::from_secs(20);

/// Everything that the streams of one cluster share.
pub(super) struct Following<'a> {
    cluster: &'a Cluster,
    keeper: &'a dyn Keeper,
    now: &'a Now,
    gathering: Gathering,
    /// Whether nodes were listed, or will not be.
    settled: watch::Sender<bool>,
    /// The skew that was last written down, in milliseconds.
    skew_told: Mutex<i64>,
}

/// One stream, and how it is doing.
struct Thread {
    stream: Stream,
    /// Which of the part's resources is read.
    choice: usize,
    failures: u32,
    /// The version is no longer kept.
    relist: bool,
    /// How many times in a row that was said.
    gone: u32,
    page: u32,
    /// What is being tried: `list` or `watch`.
    verb: &'static str,
    /// A place that may not be read, while another is tried.
    refused: Option<Refusal>,
}

impl<'a> Following<'a> {
    pub(super) fn new(
        cluster: &'a Cluster,
        keeper: &'a dyn Keeper,
        now: &'a Now,
        history: History,
    ) -> Self {
        Self {
            cluster,
            keeper,
            now,
            gathering: Gathering::new(history),
            settled: watch::Sender::new(false),
            skew_told: Mutex::new(0),
        }
    }

    /// Follows everything until something happens that trying again cannot mend.
    pub(super) async fn run(&self) -> SourceError {
        let streams = self.cluster.streams();
        let mut all: Vec<BoxFuture<'_, SourceError>> = streams
            .into_iter()
            .map(|stream| self.follow(stream).boxed())
            .collect();
        all.push(self.hand_on().boxed());
        select_all(all).await.0
    }

    async fn api(&self) -> Api<'_> {
        self.cluster.api(self.now).await
    }

    /// Hands on what was learned until it is not kept: what was learned first, first.
    async fn hand_on(&self) -> SourceError {
        loop {
            self.gathering.due().await;
            if let Err(error) = self.keep().await {
                return error;
            }
        }
    }

    async fn keep(&self) -> Result<(), SourceError> {
        let now = (self.now)();
        let mut learned = self.gathering.take(now);
        let told = &learned.batch;
        let nothing = learned.memory.is_empty()
            && told.events.is_empty()
            && told.topology.is_empty()
            && told.provenance.gaps.is_empty();
        if nothing {
            return Ok(());
        }
        learned.batch.provenance.gaps.extend(self.skew_gap());
        self.keeper
            .keep(learned)
            .await
            .map_err(|cause| SourceError::Failed {
                name: NAME,
                action: "keeping what was learned".to_owned(),
                attempts: 1,
                detail: cause.to_string(),
                cause: Some(cause),
            })
    }

    /// Says once that the clocks differ, and again when that changes by much.
    fn skew_gap(&self) -> Option<model::Gap> {
        let skew = self.cluster.skew();
        let mut told = self
            .skew_told
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if (skew - *told).abs() < 5 * SECOND {
            return None;
        }
        *told = skew;
        Some(model::Gap {
            what: "clock".to_owned(),
            window: None,
            reason: self.cluster.skew_text().unwrap_or_else(|| {
                "the API server's clock agrees with this machine's again".to_owned()
            }),
        })
    }

    async fn follow(&self, stream: Stream) -> SourceError {
        if stream.part == Part::Events {
            // What events say of nodes counts only where nodes may not be read.
            let mut settled = self.settled.subscribe();
            let _ = tokio::time::timeout(SETTLE, settled.wait_for(|settled| *settled)).await;
        }
        let mut thread = Thread {
            stream,
            choice: 0,
            failures: 0,
            relist: false,
            gone: 0,
            page: PAGE,
            verb: "list",
            refused: None,
        };
        loop {
            let resources = thread.stream.part.resources();
            let Some(resource) = resources.get(thread.choice) else {
                return future::pending().await; // every part has a resource
            };
            let Err(trouble) = self.round(&mut thread, resource).await else {
                continue;
            };
            self.tell(&thread.stream, vec![Told::Disconnected]);
            let pause = self.cope(&mut thread, resource, trouble).await;
            sleep(Duration::from_millis(pause)).await;
        }
    }

    fn tell(&self, stream: &Stream, told: Vec<Told>) {
        let at = (self.now)().plus(self.cluster.skew());
        self.gathering.tell(stream, at, told);
    }

    /// Lists where that is needed, and watches until the watch ends.
    async fn round(&self, thread: &mut Thread, resource: &Resource) -> Result<(), Trouble> {
        let api = self.api().await;
        let position = self.gathering.position(&thread.stream);
        if thread.relist || position.version.is_none() {
            self.list(thread, resource, &api).await?;
        }
        let position = self.gathering.position(&thread.stream);
        let version = position.version.unwrap_or_default();
        thread.verb = "list";
        let caught_up_at = self
            .newest(thread, resource, &api, position.current_until)
            .await?;
        if let Some(newest) = caught_up_at.filter(|n| (1..version_number(&version)).contains(n)) {
            // A watch from a version to come would be silent until the cluster got there again.
            let version = newest;
            self.tell(&thread.stream, vec![Told::PutBack { version }]);
            thread.relist = true;
            return Ok(());
        }
        thread.verb = "watch";
        let lines = api
            .watch(resource, &thread.stream.namespace, &version)
            .await?;
        let caught_up_at = match caught_up_at {
            // Where the answer was slow to come, the watch was away for longer than it seemed.
            None => {
                self.newest(thread, resource, &api, position.current_until)
                    .await?
            }
            known => known,
        };
        self.tell(&thread.stream, vec![Told::Reconnected { caught_up_at }]);
        self.listen(thread, resource, lines).await
    }

    /// The newest version, where the watch was away for long enough: whatever comes up to it happened
    /// meanwhile.
    async fn newest(
        &self,
        thread: &Thread,
        resource: &Resource,
        api: &Api<'_>,
        until: Option<Timestamp>,
    ) -> Result<Option<u64>, Trouble> {
        let away =
            !api.knows_clock() || until.is_none_or(|until| api.now().since(until) > NO_PAUSE_MS);
        if !away {
            return Ok(None);
        }
        let page = api.list(resource, &thread.stream.namespace, 1, "").await?;
        Ok(Some(version_number(
            &page.items()?.metadata.resource_version,
        )))
    }

    /// Lists everything, page by page.
    async fn list(
        &self,
        thread: &mut Thread,
        resource: &Resource,
        api: &Api<'_>,
    ) -> Result<(), Trouble> {
        let (mut more, mut count) = (String::new(), 0);
        thread.verb = "list";
        loop {
            let stream = &thread.stream;
            let page = api
                .list(resource, &stream.namespace, thread.page, &more)
                .await?;
            let first = more.is_empty();
            let version;
            {
                let items = page.items()?;
                count += items.items.len();
                let mut told = Vec::with_capacity(items.items.len() + 1);
                if first {
                    told.push(Told::Begin {
                        asked_at: page.asked_at,
                    });
                }
                told.extend(
                    items
                        .items
                        .iter()
                        .map(|item| item_of(stream.part, resource, item.get())),
                );
                self.tell(stream, told);
                version = items.metadata.resource_version;
                more = items.metadata.more;
            }
            if more.is_empty() && version.is_empty() {
                return Err(Trouble::Malformed {
                    detail: "a list without a resourceVersion".to_owned(),
                });
            }
            if more.is_empty() {
                self.tell(stream, vec![Told::End { version }]);
                thread.relist = false;
                thread.page = PAGE;
                self.went_well(thread, count);
                return Ok(());
            }
            self.gathering.room().await;
        }
    }

    fn went_well(&self, thread: &mut Thread, count: usize) {
        thread.failures = 0;
        thread.refused = None;
        if thread.stream.part == Part::Nodes {
            self.settled.send_replace(true);
        }
        let mut message = format!("watching {count} {}", thread.stream.shown());
        if let Some(skew) = self.cluster.skew_text() {
            message = format!("{message}; {skew}");
        }
        self.keeper.report(&thread.stream.shown(), Ok(message));
    }

    /// Takes in what a watch says until it ends.
    async fn listen(
        &self,
        thread: &mut Thread,
        resource: &Resource,
        mut lines: Lines,
    ) -> Result<(), Trouble> {
        let begun = (self.now)();
        let part = thread.stream.part;
        if part == Part::Nodes {
            self.settled.send_replace(true);
        }
        let mut silent = true;
        loop {
            let mut told = Vec::new();
            let mut trouble = None;
            let more = lines
                .next(&mut |line| {
                    if trouble.is_none() {
                        match read(part, resource, line) {
                            Ok(said) => told.extend(said),
                            Err(error) => trouble = Some(error),
                        }
                    }
                })
                .await;
            if (self.now)().since(begun) > SOON_MS {
                thread.gone = 0;
            }
            let heard = !told.is_empty();
            if heard {
                self.tell(&thread.stream, told);
                thread.gone = 0;
                if silent || thread.failures > 0 {
                    silent = false;
                    if thread.failures > 0 {
                        thread.failures = 0;
                        let message = format!("watching {} again", thread.stream.shown());
                        self.keeper.report(&thread.stream.shown(), Ok(message));
                    }
                }
                self.gathering.room().await;
            }
            if let Some(trouble) = trouble {
                return Err(trouble);
            }
            match more {
                Ok(true) => {}
                // The server ends each watch after a while, having said everything.
                Ok(false) if !silent || (self.now)().since(begun) > SOON_MS => {
                    self.tell(&thread.stream, vec![Told::Current]);
                    return Ok(());
                }
                Ok(false) => {
                    return Err(Trouble::Broken {
                        detail: "the watch ended before it said anything".to_owned(),
                    });
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }
}
