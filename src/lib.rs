#![doc = include_str!("ARCHITECTURE.md")]

pub mod clock;
pub mod domain;
pub mod http;
pub mod limits;
pub mod observe;
pub mod password;
pub mod scratch;
pub mod simulator;
pub mod store;
pub mod whatsapp;
