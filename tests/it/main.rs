//! All integration tests, in one binary so that they are linked once.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at what it is about")]

mod assets;
mod browser;
mod commands;
mod events;
mod graph_client;
mod harness;
mod http;
mod intake;
mod properties;
mod raw_graph;
mod rehearsal;
mod scenarios;
mod sdk;
mod sign_in;
mod tidy;
mod webhook;
