//! What the page asks for and does: one file for each thing that it acts on.
//!
//! Handlers check rights against the tables, turn a body into a `Command`, and show what came of it. Invariant: no
//! handler decides what the core decides.

pub(super) mod administration;
pub(super) mod agents;
pub(super) mod audit;
pub(super) mod case_data;
pub(super) mod collaboration;
pub(super) mod contacts;
pub(super) mod conversations;
pub(super) mod drafts;
pub(super) mod files;
pub(super) mod health;
pub(super) mod history;
pub(super) mod interactions;
pub(super) mod messages;
pub(super) mod objects;
pub(super) mod people;
pub(super) mod proofs;
pub(super) mod reactions;
pub(super) mod responses;
pub(super) mod search;
pub(super) mod sign_ins;
pub(super) mod snapshot;
pub(super) mod templates;
pub(super) mod watchers;
