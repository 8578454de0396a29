//! The CloudWatch source, from outside: against an AWS API server over HTTP, and on recorded
//! answers for what that server cannot be made to say.

#![expect(
    clippy::expect_used,
    reason = "a broken fixture is a failed test, in helpers as well"
)]

#[path = "aws/answers.rs"]
mod answers;
#[path = "aws/client.rs"]
mod client;
#[path = "aws/faults.rs"]
mod faults;
#[path = "aws/moto.rs"]
mod moto;
#[path = "aws/published.rs"]
mod published;
#[path = "aws/server.rs"]
mod server;
