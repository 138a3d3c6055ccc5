//! All integration tests, in one binary so that they are linked once.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod graph_client;
mod outbox;
mod raw_graph;
mod store_basics;
mod webhook;
