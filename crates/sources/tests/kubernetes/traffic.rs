//! What is under way between a client and the double over real HTTP, so that a paused clock stands still
//! meanwhile: tokio moves it on as soon as every task waits, also where they wait for a socket.

use axum::body::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use kube::client::Body;
use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};
use tokio::sync::Notify;

/// Names the exchange to the server.
const EXCHANGE: &str = "x-exchange";

/// Turns of all tasks without any news after which nothing is expected any more, such as where a
/// client has turned to something else.
const PATIENCE: u32 = 10_000;

/// One request and its answer.
#[derive(Default)]
struct Exchange {
    /// The request, or the head of the answer, is on its way.
    on_its_way: bool,
    /// The client waits for more of the answer: what it does not look at may wait.
    awaited: bool,
    /// Bytes of the answer that the server has sent and the client has not got.
    bytes: u64,
    /// The server has ended the answer, and the client does not know it.
    ended: bool,
}

impl Exchange {
    fn moves(&self) -> bool {
        self.on_its_way || (self.awaited && (self.bytes > 0 || self.ended))
    }
}

/// Exchanges by number.
#[derive(Default)]
struct Exchanges {
    made: u64,
    /// How often any of them has changed.
    changes: u64,
    open: BTreeMap<u64, Exchange>,
}

/// All that is under way.
#[derive(Clone, Default)]
pub(crate) struct Traffic {
    exchanges: Arc<Mutex<Exchanges>>,
    news: Arc<Notify>,
}

impl Traffic {
    fn lock(&self) -> MutexGuard<'_, Exchanges> {
        self.exchanges.lock().unwrap()
    }

    /// Changes an exchange, where the client has not given it up.
    fn change(&self, id: u64, change: impl FnOnce(&mut Exchange)) {
        let mut all = self.lock();
        all.changes += 1;
        if let Some(exchange) = all.open.get_mut(&id) {
            change(exchange);
        }
        drop(all);
        self.news.notify_one();
    }

    /// Keeps a paused clock where it is while anything moves. A task that is never done.
    pub(crate) async fn hold_the_clock(self) {
        let (mut seen, mut turns) = (0, 0);
        loop {
            let (moves, changes) = {
                let all = self.lock();
                (all.open.values().any(Exchange::moves), all.changes)
            };
            turns = if changes == seen { turns + 1 } else { 0 };
            seen = changes;
            if moves && turns < PATIENCE {
                tokio::task::yield_now().await;
            } else {
                self.news.notified().await;
            }
        }
    }

    /// The client, watched.
    pub(crate) fn of_client(&self, client: kube::Client) -> kube::Client {
        let traffic = self.clone();
        let service = tower::service_fn(move |mut request: http::Request<Body>| {
            let (traffic, client) = (traffic.clone(), client.clone());
            async move {
                let open = traffic.open();
                request.headers_mut().insert(EXCHANGE, open.id.into());
                let answer = client.send(request).await?;
                open.traffic.change(open.id, |e| e.on_its_way = false);
                Ok::<_, kube::Error>(answer.map(|body| Received { body, open }))
            }
        });
        kube::Client::new(service, "default")
    }

    fn open(&self) -> Open {
        let mut exchanges = self.lock();
        exchanges.made += 1;
        let id = exchanges.made;
        let exchange = Exchange {
            on_its_way: true,
            ..Exchange::default()
        };
        exchanges.open.insert(id, exchange);
        self.news.notify_one();
        Open {
            traffic: self.clone(),
            id,
        }
    }

    /// A request has reached the server.
    pub(crate) fn arrived(&self, headers: &http::HeaderMap) -> u64 {
        let id = headers.get(EXCHANGE).and_then(|id| id.to_str().ok());
        let id = id.and_then(|id| id.parse().ok()).unwrap_or_default();
        self.change(id, |e| e.on_its_way = false);
        id
    }

    /// The server answers.
    pub(crate) fn answered<B>(
        &self,
        id: u64,
        answer: http::Response<B>,
    ) -> http::Response<Sent<B>> {
        self.change(id, |e| e.on_its_way = true);
        let traffic = self.clone();
        answer.map(|body| Sent { body, traffic, id })
    }
}

/// An exchange of the client's, until it is given up.
struct Open {
    traffic: Traffic,
    id: u64,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.traffic.lock().open.remove(&self.id);
    }
}

/// What the server sends.
pub(crate) struct Sent<B> {
    body: B,
    traffic: Traffic,
    id: u64,
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for Sent<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        let data = frame.as_ref().and_then(|f| f.as_ref().ok()?.data_ref());
        match data {
            Some(data) => self
                .traffic
                .change(self.id, |e| e.bytes += data.len() as u64),
            None => self.traffic.change(self.id, |e| e.ended = true),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What the client gets.
pub(crate) struct Received {
    body: Body,
    open: Open,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let (traffic, id) = (&self.open.traffic, self.open.id);
        traffic.change(id, |e| e.awaited = frame.is_pending());
        let frame = std::task::ready!(frame);
        let data = frame.as_ref().and_then(|f| f.as_ref().ok()?.data_ref());
        match data {
            Some(data) => traffic.change(id, |e| e.bytes -= data.len() as u64),
            None => drop(traffic.lock().open.remove(&id)),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
