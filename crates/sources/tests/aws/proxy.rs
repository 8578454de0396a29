//! A proxy that is configured is the only way; one of the environment is none (`server/tests/cli.rs`).

use crate::client::{aws_file, config};
use model::{Timestamp, Window, time::HOUR};
use sources::cloudwatch::{CloudWatch, CloudWatchConfig};
use sources::efs::EfsConfig;
use sources::source::{Source, Unattended};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;

const NOW: Timestamp = Timestamp::from_seconds(1_772_438_400);

/// A proxy that refuses everything with 403, and tells the first line of each request.
fn refusing() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (told, seen) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut first = String::new();
            let mut line = String::new();
            // Whoever asked may have left.
            while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                if first.is_empty() {
                    first.clone_from(&line);
                }
                line.clear();
            }
            let answer =
                b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = reader.get_mut().write_all(answer);
            // An empty one is of a connection that was given up before it asked.
            if !first.is_empty() && told.send(first.trim().to_owned()).is_err() {
                return;
            }
        }
    });
    (format!("http://{address}"), seen)
}

#[tokio::test]
async fn calls_go_through_the_proxy_that_is_configured() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (proxy, seen) = refusing();
    for (endpoint, first) in [
        // Nobody but the proxy knows these names.
        (
            "http://monitoring.invalid",
            "POST http://monitoring.invalid",
        ),
        (
            "https://monitoring.invalid",
            "CONNECT monitoring.invalid:443 ",
        ),
    ] {
        let config = CloudWatchConfig {
            proxy: Some(proxy.clone()),
            ..config(endpoint)
        };
        let source = CloudWatch::connect_with_file(config, &aws_file(&folder)).await;
        // One attempt is enough to see where it goes; the eight of a real client would take a minute.
        let window = Window::new(NOW.plus(-HOUR), NOW).expect("forwards");
        let pull = source.pull(window, NOW, &Unattended);
        let (told, line) = mpsc::channel();
        let seen = &seen;
        let looking = async {
            loop {
                if let Ok(line) = seen.try_recv() {
                    let _ = told.send(line);
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = looking => {}
            ended = pull => {
                ended.expect_err("the proxy refuses");
                let _ = told.send(seen.recv().expect("it was asked"));
            }
        }
        let line = line.recv().expect("the proxy was asked");
        assert!(line.starts_with(first), "{line}");
        while seen.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn a_proxy_that_is_none_is_said_before_anybody_is_asked() {
    for (proxy, shown) in [
        ("http://me:secret@proxy:3128", "http://proxy:3128"),
        ("proxy", "proxy"),
    ] {
        let config = CloudWatchConfig {
            proxy: Some(proxy.into()),
            ..config("http://127.0.0.1:1")
        };
        let error = config.validate().expect_err("no proxy").to_string();
        assert!(error.contains(&format!("proxy is '{shown}'")), "{error}");
        let source = CloudWatch::connect(config).await;
        assert_eq!(
            source.check().await.expect_err("no proxy").to_string(),
            error
        );
    }
    let efs = EfsConfig {
        proxy: Some("socks5://proxy:1080".into()),
        ..EfsConfig::default()
    };
    assert!(efs.validate().is_err());
}
