//! A server that answers as it is told, byte by byte: what a real one cannot be made to do.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Between two bytes of a slow answer.
const DRIP_EVERY: Duration = Duration::from_millis(5);

/// What was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path with its query.
    pub(crate) path: String,
    /// Headers by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// Fields of the form, decoded by nobody: tests ask what needs no encoding.
    pub(crate) body: String,
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, further header lines (each with its end), body.
    Whole(u16, String, String),
    /// The same after a while, which passes at once.
    Late(Duration, Box<Self>),
    /// As above, byte by byte.
    Drip(String),
    /// Says more bytes than it sends, then hangs up.
    Cut(String),
    /// Nothing, for ever.
    Hang,
    /// Hangs up at once.
    Close,
}

impl Reply {
    pub(crate) fn json(body: &str) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn status(status: u16, body: &str) -> Self {
        Self::Whole(
            status,
            "Content-Type: application/json\r\n".into(),
            body.into(),
        )
    }

    pub(crate) fn with(self, line: &str) -> Self {
        match self {
            Self::Whole(status, lines, body) => {
                Self::Whole(status, format!("{lines}{line}\r\n"), body)
            }
            other => other,
        }
    }
}

type Script = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// The server; it ends with its guard.
pub(crate) struct Double {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Drop for Double {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Double {
    /// Answers by a script: what was asked, and how many questions there were before.
    pub(crate) async fn start(
        script: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        let script: Arc<Script> = Arc::new(script);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), seen.clone()));
            }
        });
        Self {
            address,
            asked,
            task,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panicked").clone()
    }

    /// How often a path was asked.
    pub(crate) fn count(&self, path: &str) -> usize {
        self.asked()
            .iter()
            .filter(|a| a.path.contains(path))
            .count()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Vec<Asked>>>) {
    let Some(asked) = read(&mut stream).await else {
        // No HTTP, such as the first words of TLS.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await;
        return;
    };
    let before = {
        let mut seen = seen.lock().expect("nobody panicked");
        seen.push(asked.clone());
        seen.len() - 1
    };
    let mut reply = script(&asked, before);
    if let Reply::Late(after, late) = reply {
        tokio::time::pause();
        tokio::time::advance(after).await;
        tokio::time::resume();
        reply = *late;
    }
    // Whoever asked may have left.
    let _ = answer(&mut stream, reply).await;
}

async fn answer(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    let head = |status: u16, lines: &str, length: usize| {
        format!(
            "HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n"
        )
    };
    let json = "Content-Type: application/json\r\n";
    match reply {
        Reply::Whole(status, lines, body) => {
            let all = head(status, &lines, body.len()) + &body;
            stream.write_all(all.as_bytes()).await?;
        }
        Reply::Drip(body) => {
            stream
                .write_all(head(200, json, body.len()).as_bytes())
                .await?;
            for byte in body.as_bytes() {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(DRIP_EVERY).await;
            }
        }
        Reply::Cut(body) => {
            let all = head(200, json, body.len() + 1_000) + &body;
            stream.write_all(all.as_bytes()).await?;
        }
        Reply::Hang => std::future::pending::<()>().await,
        Reply::Late(..) | Reply::Close => {}
    }
    stream.shutdown().await
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    let (head, mut body) = loop {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        if !bytes[0].is_ascii_uppercase() {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            break (head.to_owned(), body.to_owned());
        }
    };
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |l| l.parse().expect("digits"));
    while body.len() < length {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        body.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}
