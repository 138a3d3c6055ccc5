//! What is said about channel accounts, and their secrets, to rows.

use redb::ReadableTable as _;

use crate::domain::channel::ChannelProfile;
use crate::domain::ids::ChannelId;
use crate::store::StoreError;
use crate::store::codec;
use crate::store::query::decode;
use crate::store::record::Pointer;

use super::Pages;

impl Pages<'_> {
    pub(in crate::store) fn profile(&mut self, channel: ChannelId) -> Result<Option<ChannelProfile>, StoreError> {
        let found = self.tables.channel_profiles()?.get(channel.0)?;
        found.map(|value| decode("channel_profiles", channel, value.value())).transpose()
    }

    /// Meta's id of the number leads to it from now on.
    pub(super) fn put_profile(&mut self, channel: ChannelId, profile: &ChannelProfile) -> Result<(), StoreError> {
        self.tables.channel_profiles()?.insert(channel.0, codec::encode(profile).as_slice())?;
        let pointer = codec::encode(&Pointer(channel.0));
        self.tables.phone_number_ids()?.insert(profile.phone_number_id.as_str(), pointer.as_slice())?;
        Ok(())
    }

    pub(super) fn set_access_token(&mut self, channel: ChannelId, access_token: &str) -> Result<(), StoreError> {
        let profile = self.profile(channel)?.ok_or(StoreError::Missing("the profile of a channel account"))?;
        self.put_profile(channel, &ChannelProfile { access_token: access_token.to_owned(), ..profile })
    }

    /// The number is disconnected; its past is still told with its name.
    pub(super) fn forget_secrets(&mut self, channel: ChannelId) -> Result<(), StoreError> {
        let profile = self.profile(channel)?.ok_or(StoreError::Missing("the profile of a channel account"))?;
        self.put_profile(channel, &profile.without_secrets())
    }
}
