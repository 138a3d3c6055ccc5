//! The mirror of the provider's templates: written after each look, read by whoever sends or chooses one.
//!
//! Apart from the other rows because it is a copy: all of it can be had again. Invariant: a look replaces the whole
//! list of a channel account, and writes only the rows that differ.

use std::collections::BTreeMap;

use redb::ReadableTable as _;

use crate::domain::channel::ChannelProfile;
use crate::domain::ids::ChannelId;
use crate::domain::template::{Template, TemplateSync};
use crate::domain::time::Timestamp;

use super::StoreError;
use super::codec;
use super::persist::Pages;
use super::query::{Snapshot, decode};
use super::tables::{TEMPLATE_SYNCS, TEMPLATES};

impl Pages<'_> {
    /// The template of that name and language.
    pub(super) fn template(
        &mut self,
        channel: ChannelId,
        name: &str,
        language: &str,
    ) -> Result<Option<Template>, StoreError> {
        let key = key(name, language);
        let found = self.tables.templates()?.get((channel.0, key.as_str()))?;
        found.map(|value| decode("templates", channel, value.value())).transpose()
    }

    /// The channel accounts of a business account.
    pub(super) fn channels_of(&mut self, business_account_id: &str) -> Result<Vec<ChannelId>, StoreError> {
        let mut channels = Vec::new();
        for row in self.tables.channel_profiles()?.iter()? {
            let (key, value) = row?;
            let profile: ChannelProfile = decode("channel_profiles", key.value(), value.value())?;
            if profile.business_account_id.as_deref() == Some(business_account_id) {
                channels.push(ChannelId(key.value()));
            }
        }
        Ok(channels)
    }

    pub(super) fn ask_templates(&mut self, at: Timestamp, channel: ChannelId) -> Result<(), StoreError> {
        self.change_sync(channel, |sync| sync.asked_at = Some(at))
    }

    pub(super) fn fail_templates(
        &mut self,
        at: Timestamp,
        channel: ChannelId,
        failure: &str,
    ) -> Result<(), StoreError> {
        self.change_sync(channel, |sync| {
            sync.tried_at = Some(at);
            sync.failure = Some(failure.to_owned());
        })
    }

    pub(super) fn put_templates(
        &mut self,
        at: Timestamp,
        channel: ChannelId,
        templates: &[Template],
    ) -> Result<(), StoreError> {
        let mut gone = BTreeMap::new();
        for row in self.tables.templates()?.range((channel.0, "")..(channel.0 + 1, ""))? {
            let (key, value) = row?;
            gone.insert(key.value().1.to_owned(), value.value().to_vec());
        }
        for template in templates {
            let key = key(&template.name, &template.language);
            let value = codec::encode(template);
            if gone.remove(&key).is_none_or(|before| before != value) {
                self.tables.templates()?.insert((channel.0, key.as_str()), value.as_slice())?;
            }
        }
        for key in gone.keys() {
            self.tables.templates()?.remove((channel.0, key.as_str()))?;
        }
        self.change_sync(channel, |sync| {
            sync.tried_at = Some(at);
            sync.synced_at = Some(at);
            sync.failure = None;
        })
    }

    fn change_sync(&mut self, channel: ChannelId, change: impl FnOnce(&mut TemplateSync)) -> Result<(), StoreError> {
        let found = self.tables.template_syncs()?.get(channel.0)?;
        let sync = found.map(|value| decode("template_syncs", channel, value.value())).transpose()?;
        let mut sync: TemplateSync = sync.unwrap_or_default();
        change(&mut sync);
        self.tables.template_syncs()?.insert(channel.0, codec::encode(&sync).as_slice())?;
        Ok(())
    }
}

impl Snapshot {
    /// The templates of a channel account, by name and language.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn templates(&self, channel: ChannelId) -> Result<Vec<Template>, StoreError> {
        let table = self.table(TEMPLATES)?;
        let mut templates = Vec::new();
        for row in table.range((channel.0, "")..(channel.0 + 1, ""))? {
            templates.push(decode("templates", channel, row?.1.value())?);
        }
        Ok(templates)
    }

    /// How the mirror of a channel account's templates stands.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn template_sync(&self, channel: ChannelId) -> Result<TemplateSync, StoreError> {
        Ok(self.row(TEMPLATE_SYNCS, channel.0)?.unwrap_or_default())
    }
}

fn key(name: &str, language: &str) -> String {
    format!("{name} {language}")
}
