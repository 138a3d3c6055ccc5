//! Rules about who gets in, the way in for the first administrator, and deeds that are only written down.
//!
//! Apart from the rules of daily work because others decide about them. Invariant: the defaults keep nobody out.

use crate::limits::AUDIT_DAYS_DEFAULT;

use super::event::Subject;

/// Rules about who gets in, and how long it is known who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityRules {
    /// Whoever administers must have a second factor.
    pub administrators_need_second_factor: bool,
    /// Entries of the audit log are kept so long, days.
    pub audit_days: u32,
}

impl Default for SecurityRules {
    fn default() -> Self {
        Self { administrators_need_second_factor: false, audit_days: AUDIT_DAYS_DEFAULT }
    }
}

/// Something that changes no row and still belongs into the audit log: an export, a backup, an erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// A stable word such as `backup_made`.
    pub action: String,
    /// What it was about.
    pub subject: Option<Subject>,
    /// More in short: no personal text.
    pub detail: String,
}
