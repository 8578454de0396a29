//! The live Kubernetes source, from outside: against a double of an API server that lists, watches,
//! forgets and fails as real ones do, in memory and over HTTP.

#![expect(
    clippy::unwrap_used,
    reason = "a broken double is a failed test, in helpers as well"
)]

#[path = "kubernetes/api.rs"]
mod api;
#[path = "kubernetes/compare.rs"]
mod compare;
#[path = "kubernetes/faults.rs"]
mod faults;
#[path = "kubernetes/keeper.rs"]
mod keeper;
#[path = "kubernetes/kinds.rs"]
mod kinds;
#[path = "kubernetes/life.rs"]
mod life;
#[path = "kubernetes/permissions.rs"]
mod permissions;
#[path = "kubernetes/places.rs"]
mod places;
#[path = "kubernetes/runs.rs"]
mod runs;
#[path = "kubernetes/traffic.rs"]
mod traffic;
#[path = "kubernetes/world.rs"]
mod world;
