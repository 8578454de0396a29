//! One suite, two databases: every story runs on SQLite and on PostgreSQL.
//!
//! PostgreSQL is the one at `LINEUP_TEST_POSTGRES_URL`, or a server that this process starts in a
//! temporary folder and that ends with it. Where there is neither, the tests fail.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "stories are tests, also outside of the functions marked as such"
)]

mod conformance {
    mod annotations;
    mod archives;
    mod between;
    mod collectors;
    mod documents;
    mod efs;
    mod evidence;
    mod faults;
    mod files;
    mod incidents;
    mod jobs;
    mod judgements;
    mod kill;
    mod live;
    mod migrating;
    mod notices;
    mod opening;
    mod people;
    mod place;
    mod postgres;
    mod pyramid;
    mod reports;
    mod retention;
    mod review;
    mod revisions;
    mod sample;
    mod shares;
    mod signing_keys;
    mod teams;
}
