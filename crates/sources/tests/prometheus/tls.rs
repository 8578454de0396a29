//! Over TLS, with an authority of one's own.

use crate::asked::{config, hasty};
use sources::hooks::sns::SnsHttp;
use sources::http::{HttpClient, HttpError, Limits};
use sources::prometheus::Prometheus;
use sources::source::Source;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// A server that says one thing to everybody over TLS.
async fn server() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(file("prometheus/tls/server.pem"));
    let key = PrivateKeyDer::from_pem_file(file("prometheus/tls/server.key"));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.expect("a certificate")],
            key.expect("a key"),
        )
        .expect("a key that fits");
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4_096]).await;
            let body = r#"{"status":"success","data":{"result":[{"metric":{},"value":[1,"1"]}],"version":"3.5.0"}}"#;
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n";
            let all = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(all.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

#[tokio::test]
async fn only_the_authorities_of_the_file_are_trusted() {
    let address = server().await;
    let mut config = config(&format!("https://{address}"));
    config.ca_file = Some(file("prometheus/tls/ca.pem"));
    let source = Prometheus::with_patience(config.clone(), hasty()).expect("good");
    let said = source.check().await.expect("it is trusted");
    assert!(said.starts_with("Prometheus 3.5.0 at https://"), "{said}");
    // Another authority.
    config.ca_file = Some(file("hooks/signing.pem"));
    let source = Prometheus::with_patience(config, hasty()).expect("good");
    let error = source
        .check()
        .await
        .expect_err("it is not trusted")
        .to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
    assert!(error.contains(&format!("https://{address}")), "{error}");
}

#[tokio::test]
async fn what_may_only_be_asked_over_tls_is_asked_no_other_way() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let client = HttpClient::https_only(Limits::default()).expect("this machine's authorities");
    let request = http::Request::get(format!("http://{address}/")).body(Vec::new());
    let answer = client.send(request.expect("a request")).await;
    assert!(
        matches!(answer, Err(HttpError::Unreachable { .. })),
        "{answer:?}"
    );
    // Nobody even knocked.
    let knocked = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
    assert!(knocked.await.is_err());
    assert!(SnsHttp::new().is_ok());
}
