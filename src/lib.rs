//! Deskbell: a WhatsApp agent workspace for small contact centres, in one binary on its own box.

pub mod limits;
pub mod simulator;
