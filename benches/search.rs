//! Search beside SQLite FTS5.
fn main() {}
