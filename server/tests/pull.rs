//! Real input, end to end: the program as it is started, a pull over HTTP from a real AWS API
//! server (moto), an incident in the database, an analysis.

use model::{Bundle, Timestamp, time::DAY, time::MINUTE};
use serde_json::json;
use server::clock::{Clock, SystemClock};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server of the test: ends with it.
struct Running {
    child: Child,
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a command and reads the address out of the first line that it prints.
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .rsplit("http://")
            .next()
            .unwrap_or_default()
            .to_owned();
        assert!(address.contains(':'), "{command:?} printed '{line}'");
        Self { child, address }
    }

    /// One request; the answer's status line, head and body.
    fn post(&self, path: &str, kind: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: {kind}\r\n\
             Accept: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            host = self.address,
            length = body.len(),
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn moto() -> Running {
    let python = root().join(".cache/moto/bin/python");
    assert!(
        python.exists(),
        "the AWS API server is missing: run scripts/moto.sh"
    );
    Running::start(Command::new(python).arg(root().join("crates/sources/tests/aws/server.py")))
}

fn lineup(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lineup"));
    command
        .env(
            "LINEUP_DATABASE",
            format!("sqlite:{}", dir.join("lineup.db").display()),
        )
        .env("LINEUP_CONFIG", dir.join("lineup.toml"))
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", dir)
        .env_remove("AWS_PROFILE");
    command
}

/// The demonstration's EFS metrics, moved by whole days so that CloudWatch still has them at one
/// minute; by how much.
fn put_metrics(aws: &Running, bundle: &Bundle) -> i64 {
    let now = SystemClock.now().floor_to(DAY);
    let shift = now.since(bundle.header.window.end.floor_to(DAY)) - DAY;
    for series in bundle
        .series
        .iter()
        .filter(|s| s.meta.namespace == "AWS/EFS")
    {
        // The server makes every statistic out of samples: the sums are what was measured.
        if series.meta.stat == "SampleCount" {
            continue;
        }
        let period = i64::from(series.meta.period_s.unwrap_or(60));
        let (first, last) = series.samples.span().unwrap();
        let values: Vec<Option<f64>> = (0..=last.since(first) / (period * 1000))
            .map(|i| series.samples.value_at(first.plus(i * period * 1000), 0))
            .collect();
        let order = json!({
            "namespace": "AWS/EFS", "name": series.meta.name, "dimensions": series.meta.dimensions,
            "start": first.plus(shift).seconds(), "period": period, "unit": series.meta.unit,
            "region": "eu-west-1", "values": values,
        });
        let answer = aws.post("/_control/series", "application/json", &order.to_string());
        assert!(answer.contains(" 200 "), "{answer}");
    }
    shift
}

/// Waits for what another process does; the bound is for a test that would hang otherwise.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    for _ in 0..2400 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited two minutes for {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_over_http_ends_in_an_analysed_incident() {
    let dir = tempfile::tempdir().unwrap();
    let aws = moto();
    let config = format!("[aws]\nendpoints = [\"http://{}\"]\n", aws.address);
    std::fs::write(dir.path().join("lineup.toml"), config).unwrap();
    let simulated = simulate::zombie_pods(1);
    let shift = put_metrics(&aws, &simulated.bundle);
    let window = simulated.bundle.header.window;
    let file_system = simulated
        .bundle
        .series
        .iter()
        .find_map(|s| s.meta.dimensions.get("FileSystemId"))
        .unwrap();

    let mut serve = lineup(dir.path());
    let server = Running::start(serve.args(["serve", "--listen", "127.0.0.1:0"]));
    let form = format!(
        "title=Slow+sites&start={}&end={}&region=eu-west-1&resources[efs]={file_system}&profile=&endpoint=http://{}",
        window.start.plus(shift),
        window.end.plus(shift),
        aws.address
    );
    let answer = server.post(
        "/api/start_pull",
        "application/x-www-form-urlencoded",
        &form,
    );
    let place = answer
        .lines()
        .find(|l| l.to_lowercase().starts_with("location:"))
        .unwrap_or(&answer);
    let id = place
        .rsplit("/incidents/")
        .next()
        .unwrap()
        .trim()
        .to_owned();
    assert_eq!(id.len(), 32, "{answer}");

    let url = format!("sqlite:{}", dir.path().join("lineup.db").display());
    let store = store::open(&url).await.unwrap();
    let id = model::IncidentId(id);
    let job = until("the pull", || async {
        let job = store.jobs(&id).await.unwrap().into_iter().next()?;
        job.state.is_over().then_some(job)
    })
    .await;
    assert_eq!(
        job.state,
        model::incident::JobState::Done,
        "{}",
        job.message
    );

    let evidence = store.evidence(&id).await.unwrap().unwrap();
    for name in [
        "BurstCreditBalance",
        "MetadataIOBytes",
        "PermittedThroughput",
    ] {
        let pulled = evidence
            .series
            .iter()
            .find(|s| s.meta.is_named(name) && s.meta.stat != "SampleCount");
        let put = simulated
            .bundle
            .series
            .iter()
            .find(|s| s.meta.is_named(name) && s.meta.stat != "SampleCount");
        let moved: Vec<_> = put
            .unwrap()
            .samples
            .iter()
            .map(|(t, v)| (t.plus(shift), v))
            .collect();
        assert!(
            pulled.unwrap().samples.iter().eq(moved),
            "{name} is not what was put"
        );
    }
    let analysis = until("the analysis", || async {
        store.analysis(&id).await.unwrap()
    })
    .await;
    let exhausted = analysis
        .credits
        .iter()
        .find_map(|c| c.exhausted_at)
        .expect("exhausted");
    let truth: Timestamp = simulated.truth.exhausted_at.unwrap().plus(shift);
    assert!(
        exhausted.since(truth).abs() <= 2 * MINUTE,
        "{exhausted} is not {truth}"
    );
    assert!(
        analysis.suspects.is_empty(),
        "nobody is accused without a single event"
    );
}
