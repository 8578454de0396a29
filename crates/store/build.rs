//! `sqlx::migrate!` takes the migrations in when the crate is compiled: a new file counts too.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/sqlite");
    println!("cargo:rerun-if-changed=../../migrations/postgres");
}
