//! Definitions of alarms before the tools that they are for: an AWS API server (moto), cfn-lint, python-hcl2 and
//! promtool. Where one is missing the tests fail; `scripts/moto.sh` and `scripts/prometheus.sh` install them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

#[path = "alarm_tools/aws.rs"]
mod aws;
#[path = "alarm_tools/incident.rs"]
mod incident;
#[path = "alarm_tools/promtool.rs"]
mod promtool;
#[path = "alarm_tools/rules.rs"]
mod rules;
