//! Connections: accepted, bounded in the time that their requests take to arrive, and ended in bounded
//! time when the server stops.

use axum::{Extension, Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use std::{future::Future, net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tower::Layer as _;

/// How long a client may take over the head of a request; also how long an idle connection is kept.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long open requests may take to end once the server is to stop.
pub const GRACE: Duration = Duration::from_secs(10);
/// Pause after an error of the listener, which is most often one of too many open files.
const PAUSE: Duration = Duration::from_millis(500);

/// How long connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// See [`HEADER_TIMEOUT`].
    pub header: Duration,
    /// See [`GRACE`].
    pub grace: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            header: HEADER_TIMEOUT,
            grace: GRACE,
        }
    }
}

/// Serves until `stop` is done. Then nothing new is accepted, requests that are being answered may end
/// within the grace, and whatever is left is cut off. How many connections those were.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    patience: Patience,
    stop: impl Future<Output = ()>,
) -> usize {
    let stopping = watch::Sender::new(false);
    let mut open = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener) => match accepted {
                Ok((stream, from)) => {
                    let one = one(stream, from, routes.clone(), patience, stopping.subscribe());
                    open.spawn(one);
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            // Those that have ended are let go of.
            Some(_) = open.join_next() => {}
        }
    }
    drop(listener);
    stopping.send_replace(true);
    let ended = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(patience.grace, ended).await.is_err() {
        let left = open.len();
        open.shutdown().await;
        return left;
    }
    0
}

/// The next connection. What is written to it goes at once: otherwise the system keeps the last part of
/// an answer until the client has confirmed the part before, which takes it 40 ms.
async fn accept(listener: &TcpListener) -> std::io::Result<(TcpStream, SocketAddr)> {
    let (stream, from) = listener.accept().await?;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection is slower than it could be");
    }
    Ok((stream, from))
}

async fn one(
    stream: TcpStream,
    from: SocketAddr,
    routes: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.header);
    // What is no request, such as an address with a space, `"` or `<` that is not escaped, comes to no route:
    // hyper 1.12 answers by itself with 400 (414, 431 where it is too long), an empty body and the end of the
    // connection, and has no hook for it (`Http1Transaction::on_error` in `proto/h1/role.rs` makes the head,
    // and `Conn::on_parse_error` writes it before the error is given to us). Browsers escape all of these.
    // Sign-ins are limited by the address that they come from.
    let service = Extension(ConnectInfo(from)).layer(routes);
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let stop = async move {
        // A sender that is gone is a stop too.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
        task::JoinHandle,
    };

    const SHORT: Patience = Patience {
        header: Duration::from_millis(200),
        grace: Duration::from_millis(200),
    };

    async fn started(patience: Patience) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/", get(|| async { "fine" }))
            .route("/slow", get(std::future::pending::<()>));
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            let _ = stopped.await;
        };
        let served = tokio::spawn(serve(listener, routes, patience, stopped));
        (address, stop, served)
    }

    #[tokio::test]
    async fn no_part_of_an_answer_waits_for_the_client() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (accepted, _client) = tokio::join!(accept(&listener), client);
        assert!(accepted.unwrap().0.nodelay().unwrap());
    }

    async fn said(address: SocketAddr, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    #[tokio::test]
    async fn a_client_that_never_ends_its_request_is_cut_off() {
        let (address, _stop, _served) = started(SHORT).await;
        let mut slow = said(address, "GET / HTTP/1.1\r\nHost: x\r\n").await;
        let mut answer = String::new();
        // It would never end otherwise.
        let read = slow.read_to_string(&mut answer).await;
        assert!(read.is_err() || !answer.contains("fine"), "{answer}");
        let mut good = said(
            address,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
        let mut answer = String::new();
        good.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("fine"), "{answer}");
    }

    #[tokio::test]
    async fn stopping_waits_for_nobody_for_ever() {
        let long = Patience {
            header: Duration::from_hours(1),
            ..SHORT
        };
        let (address, stop, served) = started(long).await;
        // One that never ends its head, one that is idle, one whose answer never comes.
        let _half = said(address, "GET / HTTP/1.1\r\nHo").await;
        let mut idle = said(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).await.unwrap();
        let _waiting = said(address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        // What was sent last is being answered once a later connection has been served.
        let mut after = said(
            address,
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        )
        .await;
        let mut text = String::new();
        after.read_to_string(&mut text).await.unwrap();
        stop.send(()).unwrap();
        let left = served.await.unwrap();
        assert!(left >= 1, "{left}");
    }

    #[tokio::test]
    async fn whoever_is_idle_holds_nothing_up() {
        let (address, stop, served) = started(Patience::default()).await;
        let mut idle = said(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        stop.send(()).unwrap();
        assert_eq!(served.await.unwrap(), 0);
    }
}
