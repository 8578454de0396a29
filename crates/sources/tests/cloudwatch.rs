//! The CloudWatch source, from outside: against an AWS API server over HTTP, and on recorded
//! answers for what that server cannot be made to say.

#[path = "aws/answers.rs"]
mod answers;
#[path = "aws/client.rs"]
mod client;
#[path = "aws/moto.rs"]
mod moto;
#[path = "aws/server.rs"]
mod server;
