//! The Prometheus source, from outside: against a real Prometheus and a real VictoriaMetrics, and
//! against a server that fails in every way.

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

#[path = "prometheus/double.rs"]
mod double;
#[path = "prometheus/faults.rs"]
mod faults;
#[path = "prometheus/real.rs"]
mod real;
#[path = "prometheus/servers.rs"]
mod servers;
