//! Case data and canned replies, as the tables keep them.
//!
//! Apart from `persist.rs` and `query.rs` because the floor mirrors only part of them. Invariant: the row of a canned
//! reply and its shortcut on the floor change by the same event.

use redb::ReadableTable as _;

use crate::domain::case_data::{CaseData, CaseKey};
use crate::domain::ids::InteractionId;
use crate::domain::response::Response;

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::tables::{CASE_KEYS, RESPONSES};

impl Pages<'_> {
    pub(super) fn case_data(&mut self, interaction: InteractionId) -> Result<CaseData, StoreError> {
        let found = self.tables.case_data()?.get(interaction.0)?;
        let data: Option<CaseData> = found.map(|value| decode("case_data", interaction, value.value())).transpose()?;
        Ok(data.unwrap_or_default())
    }

    pub(super) fn set_case_value(
        &mut self,
        interaction: InteractionId,
        key: &str,
        value: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut data = self.case_data(interaction)?;
        data.set(key, value);
        self.tables.case_data()?.insert(interaction.0, codec::encode(&data))?;
        Ok(())
    }
}

impl Snapshot {
    /// The administrator's keys of case data, in their order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn case_keys(&self) -> Result<Vec<CaseKey>, StoreError> {
        let mut case_keys: Vec<CaseKey> = self.all(CASE_KEYS)?;
        case_keys.sort_by_key(|case_key| (case_key.position, case_key.id));
        Ok(case_keys)
    }

    /// Every canned reply.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn responses(&self) -> Result<Vec<Response>, StoreError> {
        self.all(RESPONSES)
    }

    /// A number that grows with every change of a canned reply.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn responses_version(&self) -> Result<u64, StoreError> {
        Ok(self.last_batch()?.map_or(1, |(_, batch)| batch.counters.response))
    }
}
