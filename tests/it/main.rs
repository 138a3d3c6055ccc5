//! All integration tests, in one binary so that they are linked once.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at what it is about")]

mod assets;
mod events;
mod harness;
mod http;
mod intake;
mod properties;
mod scenarios;
mod sign_in;
mod webhook;
