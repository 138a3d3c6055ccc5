//! What several tests stand on.

pub(crate) mod axe;
pub(crate) mod book;
pub(crate) mod browser;
pub(crate) mod centre;
pub(crate) mod chromium;
pub(crate) mod desk;
pub(crate) mod disk;
pub(crate) mod furniture;
pub(crate) mod https;
pub(crate) mod line;
pub(crate) mod logged;
pub(crate) mod long_past;
pub(crate) mod people;
pub(crate) mod program;
pub(crate) mod provider;
pub(crate) mod server;
pub(crate) mod traffic;
pub(crate) mod whole;
