//! Starts `server.py` (moto) and talks to its control routes.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use tokio::sync::{Mutex, MutexGuard};

/// The one server of a test binary. It ends when this process does, whatever way: its standard
/// input closes then.
static SERVER: OnceLock<AwsServer> = OnceLock::new();
/// Faults and metrics are the server's: one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

pub(crate) struct AwsServer {
    address: String,
    _child: Child,
    _stdout: BufReader<ChildStdout>,
}

/// The server, empty and well-behaved, for as long as the guard lives.
pub(crate) async fn fresh() -> (&'static AwsServer, MutexGuard<'static, ()>) {
    let turn = TURN.lock().await;
    let server = SERVER.get_or_init(AwsServer::start);
    server.control("reset", &json!({}));
    (server, turn)
}

#[expect(
    clippy::disallowed_methods,
    reason = "where a machine keeps its Python is the test's configuration, not the program's"
)]
fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var_os("LINEUP_MOTO_PYTHON")
        .map_or_else(|| root.join(".cache/moto/bin/python"), PathBuf::from)
}

impl AwsServer {
    fn start() -> Self {
        let python = python();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/server.py");
        let missing = format!(
            "no AWS API server: {} with moto is needed; run scripts/moto.sh (or name a Python \
             that has it in LINEUP_MOTO_PYTHON)",
            python.display()
        );
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{missing}: {e}"));
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        stdout
            .read_line(&mut line)
            .expect("the server's output is text");
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| panic!("{missing}: it ended at once"))
            .to_owned();
        Self {
            address,
            _child: child,
            _stdout: stdout,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Posts to a control route; see `server.py`.
    pub(crate) fn control(&self, what: &str, order: &Value) -> Value {
        let body = order.to_string();
        let mut stream = TcpStream::connect(&self.address).expect("the server listens");
        let head = format!(
            "POST /_control/{what} HTTP/1.0\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("an answer in text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        assert!(head.contains(" 200 "), "control {what}: {answer}");
        serde_json::from_str(body).expect("a JSON answer")
    }

    /// How often an operation was called since the last reset.
    pub(crate) fn count(&self, operation: &str) -> u64 {
        self.control("counts", &json!({}))[operation]
            .as_u64()
            .unwrap_or(0)
    }

    /// One sample a period, put without the API's limit of 1,000 a call.
    pub(crate) fn put(
        &self,
        file_system: &str,
        metric: &str,
        start: i64,
        period: i64,
        values: &[f64],
    ) {
        let dimensions = json!({"FileSystemId": file_system});
        self.control(
            "series",
            &json!({"namespace": "AWS/EFS", "name": metric, "dimensions": dimensions,
                    "start": start, "period": period, "values": values}),
        );
    }
}
