//! What several tests stand on.

pub(crate) mod book;
pub(crate) mod browser;
pub(crate) mod desk;
pub(crate) mod disk;
pub(crate) mod provider;
pub(crate) mod traffic;
