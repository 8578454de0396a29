//! The Prometheus source, from outside: against a real Prometheus and a real VictoriaMetrics, and
//! against a server that fails in every way.

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

#[path = "prometheus/answers.rs"]
mod answers;
#[path = "prometheus/asked.rs"]
mod asked;
#[path = "prometheus/double.rs"]
mod double;
#[path = "prometheus/faults.rs"]
mod faults;
#[path = "prometheus/presets.rs"]
mod presets;
#[path = "prometheus/proxy.rs"]
mod proxy;
#[path = "prometheus/put.rs"]
mod put;
#[path = "prometheus/real.rs"]
mod real;
#[path = "prometheus/servers.rs"]
mod servers;
#[path = "prometheus/tls.rs"]
mod tls;
