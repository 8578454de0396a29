//! A proxy that is configured is the only way; names behind it are its own to find.

use crate::double::{Double, Reply};
use model::{Timestamp, Window, time::HOUR};
use sources::prometheus::{Patience, Prometheus, PrometheusConfig, QueryChoice};
use sources::source::{Source, SourceError, Unattended};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

/// A proxy that leads every tunnel to one server, and notes what it was asked for.
async fn tunnels_to(server: Option<SocketAddr>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let noted = noted.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.ok()?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let first = head.lines().next().unwrap_or_default().to_owned();
                noted.lock().expect("nobody panicked").push(first);
                let Some(server) = server else {
                    let refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
                    return client.write_all(refused).await.ok();
                };
                let mut server = TcpStream::connect(server).await.ok()?;
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                // Either side may hang up first.
                let _ = copy_bidirectional(&mut client, &mut server).await;
                Some(())
            });
        }
    });
    (format!("http://{address}"), seen)
}

fn source(url: &str, proxy: &str) -> Prometheus {
    let config = PrometheusConfig {
        proxy: Some(proxy.into()),
        queries: vec![QueryChoice {
            id: "up".into(),
            query: "up".into(),
            ..QueryChoice::default()
        }],
        ..PrometheusConfig::new(url)
    };
    let patience = Patience {
        attempts: 1,
        first_wait: Duration::from_millis(1),
        ..Patience::default()
    };
    Prometheus::with_patience(config, patience).expect("it makes sense")
}

fn hour() -> Window {
    Window::new(NOW.plus(-2 * HOUR), NOW.plus(-HOUR)).expect("forwards")
}

#[tokio::test]
async fn what_is_asked_goes_through_the_proxy_that_is_configured() {
    let double = Double::start(|asked, _| {
        Reply::json(if asked.path.contains("query_range") {
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"
        } else {
            "{\"status\":\"success\",\"data\":{}}"
        })
    })
    .await;
    let server = double
        .url()
        .replace("http://", "")
        .parse()
        .expect("an address");
    let (proxy, seen) = tunnels_to(Some(server)).await;
    // Nobody but the proxy knows this name.
    for (url, tunnel) in [
        ("http://prometheus.invalid:9090", "prometheus.invalid:9090"),
        ("http://prometheus.invalid", "prometheus.invalid:80"),
    ] {
        let batch = source(url, &proxy).pull(hour(), NOW, &Unattended).await;
        assert_eq!(
            batch.expect("through the tunnel").provenance.absent.len(),
            1
        );
        let lines = std::mem::take(&mut *seen.lock().expect("nobody panicked"));
        let wanted = format!("CONNECT {tunnel} HTTP/1.1");
        assert!(
            !lines.is_empty() && lines.iter().all(|l| *l == wanted),
            "{lines:?}"
        );
    }
    assert!(double.count("query_range") == 2);
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_none_is_said() {
    let (proxy, _) = tunnels_to(None).await;
    let error = source("http://prometheus.invalid:9090", &proxy)
        .pull(hour(), NOW, &Unattended)
        .await
        .expect_err("refused");
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("proxy") && text.contains("tunnel"), "{text}");
    let config = PrometheusConfig {
        proxy: Some("http://me:secret@proxy:3128".into()),
        ..PrometheusConfig::new("http://prometheus.invalid:9090")
    };
    let error = Prometheus::new(config).expect_err("no proxy").to_string();
    assert!(
        error.contains("proxy is") && !error.contains("secret"),
        "{error}"
    );
}
