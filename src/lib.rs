#![doc = include_str!("ARCHITECTURE.md")]

pub mod clock;
pub mod domain;
pub mod limits;
pub mod outbox;
pub mod store;
pub mod whatsapp;
