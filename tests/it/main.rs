//! All integration tests, in one binary so that they are linked once.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at what it is about")]
#![allow(clippy::print_stdout, reason = "figures that a test measures are for its reader")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod assets;
mod backup;
mod browser;
mod browser_arrival;
mod browser_colleagues;
mod browser_contacts;
mod browser_desk;
mod browser_messages;
mod browser_narrow;
mod browser_shell;
mod collaboration;
mod commands;
mod contacts;
mod crash;
mod disk_full;
mod events;
mod faults;
mod graph_client;
mod harness;
mod http;
mod intake;
mod interaction_data;
mod media;
mod objects;
mod outbox;
mod properties;
mod raw_graph;
mod rehearsal;
mod scenarios;
mod sdk;
mod search;
mod sign_in;
mod store;
mod templates;
mod tidy;
mod transcript;
mod upgrade;
mod watching;
mod webhook;
