#![doc = include_str!("ARCHITECTURE.md")]

pub mod appliance;
pub mod cli;
pub mod clock;
pub mod control;
pub mod demo;
pub mod domain;
pub mod http;
pub mod limits;
pub mod observe;
pub mod outbox;
pub mod password;
pub mod rehearse;
pub mod scratch;
pub mod simulator;
pub mod store;
pub mod whatsapp;
