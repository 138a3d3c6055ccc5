//! The pure core: what a contact centre is and how its work moves.
//!
//! Commands, facts and the time come in; events go out. Nothing here reads a clock, draws a random number, touches a
//! file or a socket, logs, or can be serialised, so the same commands give the same floor, bit for bit.
//! Invariant: this module names nothing of the crate but `crate::limits`, and of the library only `std`.

pub mod agent;
pub mod backup;
pub mod case_data;
pub mod change;
pub mod channel;
pub mod command;
pub mod contact;
mod decide;
pub mod event;
mod evolve;
pub mod facts;
pub mod floor;
pub mod hex;
pub mod ids;
pub mod interaction;
pub mod language;
pub mod media;
pub mod mention;
pub mod message;
pub mod queue;
pub mod rejection;
pub mod response;
pub mod retention;
mod routing;
pub mod second_factor;
pub mod security;
pub mod send;
pub mod settings;
pub mod sign_in;
pub mod template;
pub mod time;

pub use self::decide::merging::before_sender;
