//! Definitions of alarms before the tools that they are for: an AWS API server (moto), cfn-lint, python-hcl2 and
//! promtool. Where one is missing the tests fail; `scripts/moto.sh` and `scripts/prometheus.sh` install them.

mod aws;
mod incident;
mod promtool;
mod rules;
