//! All integration tests, in one binary so that they are linked once.

mod graph_client;
mod raw_graph;
mod webhook;
