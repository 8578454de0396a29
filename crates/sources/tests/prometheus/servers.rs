//! Real servers, each with a folder and a port of its own. They end with their guard, and with this
//! process, whatever way it ends: the shell that holds them waits for its standard input to close.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Runs a program until standard input closes.
const HOLD: &str = r#""$@" </dev/null & held=$!; cat >/dev/null; kill "$held"; wait "$held""#;
/// How often a server that starts is looked for, and how long it may take.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS: u32 = 600;

/// One sample: name and labels as in the text format, seconds, value.
pub(crate) type Sample = (String, i64, f64);

/// A server that runs.
pub(crate) struct Server {
    address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn free_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound")
}

fn missing(program: &str) -> String {
    format!("{program} is needed: run scripts/prometheus.sh, which finds or installs it")
}

impl Server {
    fn start(folder: TempDir, program: &str, arguments: &[String], address: SocketAddr) -> Self {
        let child = Command::new("sh")
            .args(["-c", HOLD, "sh", program])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Self {
            address,
            child,
            _folder: folder,
        }
    }

    /// A Prometheus that has these samples, of blocks that `promtool` made.
    pub(crate) fn prometheus(samples: &[Sample]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("data.om"), open_metrics(samples)).expect("a file");
        std::fs::write(path("prometheus.yml"), "global: {}\n").expect("a file");
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([path("data.om"), path("data")])
            .output()
            .unwrap_or_else(|e| panic!("{}: {e}", missing("promtool")));
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "promtool: {said}");
        let address = free_port();
        let arguments = [
            format!("--config.file={}", path("prometheus.yml")),
            format!("--storage.tsdb.path={}", path("data")),
            "--storage.tsdb.retention.time=100y".to_owned(),
            format!("--web.listen-address={address}"),
        ];
        let server = Self::start(folder, "prometheus", &arguments, address);
        server.wait("/-/ready", "prometheus");
        server
    }

    /// A VictoriaMetrics that was given these samples.
    pub(crate) fn victoria_metrics(samples: &[Sample]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = free_port();
        let arguments = [
            format!("-storageDataPath={}", folder.path().join("data").display()),
            format!("-httpListenAddr={address}"),
            "-retentionPeriod=100y".to_owned(),
            // Without these it takes a share of the machine's memory and of each query's samples.
            "-memory.allowedPercent=10".to_owned(),
            "-search.disableCache".to_owned(),
        ];
        let server = Self::start(folder, "victoria-metrics", &arguments, address);
        server.wait("/health", "victoria-metrics");
        let mut text = String::new();
        for (series, seconds, value) in samples {
            writeln!(text, "{series} {value} {seconds}000").expect("a text");
        }
        let answer = server.ask("POST", "/api/v1/import/prometheus", &text);
        assert!(answer.contains(" 204 "), "{answer}");
        server.ask("GET", "/internal/force_flush", "");
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn wait(&self, path: &str, program: &str) {
        for _ in 0..LOOKS {
            if self
                .try_ask("GET", path, "")
                .is_some_and(|a| a.contains(" 200 "))
            {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        panic!("{program} does not answer. {}", missing(program));
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        self.try_ask(method, path, body)
            .expect("the server listens")
    }

    fn try_ask(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

/// The samples as OpenMetrics wants them: by series.
fn open_metrics(samples: &[Sample]) -> String {
    let mut sorted: Vec<&Sample> = samples.iter().collect();
    sorted.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut text = String::new();
    for (series, seconds, value) in sorted {
        writeln!(text, "{series} {value} {seconds}").expect("a text");
    }
    text.push_str("# EOF\n");
    text
}
