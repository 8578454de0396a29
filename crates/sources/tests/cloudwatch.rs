//! The sources in AWS, from outside: against an AWS API server over HTTP, and on recorded answers
//! for what that server cannot be made to say.

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

#[path = "aws/answers.rs"]
mod answers;
#[path = "aws/asking.rs"]
mod asking;
#[path = "aws/audit.rs"]
mod audit;
#[path = "aws/broken.rs"]
mod broken;
#[path = "aws/changes.rs"]
mod changes;
#[path = "aws/choices.rs"]
mod choices;
#[path = "aws/client.rs"]
mod client;
#[path = "aws/efs.rs"]
mod efs;
#[path = "aws/faults.rs"]
mod faults;
#[path = "aws/incidents.rs"]
mod incidents;
#[path = "aws/moto.rs"]
mod moto;
#[path = "aws/permissions.rs"]
mod permissions;
#[path = "aws/proxy.rs"]
mod proxy;
#[path = "aws/published.rs"]
mod published;
#[path = "aws/recorded.rs"]
mod recorded;
#[path = "aws/server.rs"]
mod server;
