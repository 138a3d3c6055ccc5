//! Everything that goes from Meta to the business: bodies, their spelling, their signature, and posting them.

pub(crate) mod escape;
pub(crate) mod payload;
pub(crate) mod post;
pub(crate) mod signature;
