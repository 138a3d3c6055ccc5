//! What is said about channel accounts, and their secrets, to rows.

use redb::ReadableTable as _;

use crate::domain::channel::ChannelProfile;
use crate::domain::ids::ChannelId;
use crate::store::StoreError;
use crate::store::codec;
use crate::store::query::decode;
use crate::store::record::Pointer;
use crate::store::secrets::{self, Kind};

use super::Pages;

impl Pages<'_> {
    /// What an administrator said, with the secrets as far as the key opens them.
    pub(in crate::store) fn profile(&mut self, channel: ChannelId) -> Result<Option<ChannelProfile>, StoreError> {
        let Some(value) = self.tables.channel_profiles()?.get(channel.0)? else { return Ok(None) };
        let profile = decode("channel_profiles", channel, value.value())?;
        drop(value);
        let (tables, key) = (&mut self.tables, self.key);
        let secret = |kind: Kind| {
            let found = tables.secrets()?.get((kind as u8, channel.0))?;
            let sealed = found.map(|value| decode("secrets", (kind as u8, channel.0), value.value())).transpose()?;
            Ok(sealed.and_then(|sealed| key.unseal(kind, channel.0, &sealed)))
        };
        secrets::unsealed(profile, secret).map(Some)
    }

    /// Meta's id of the number leads to it from now on.
    pub(super) fn put_profile(&mut self, channel: ChannelId, profile: &ChannelProfile) -> Result<(), StoreError> {
        secrets::put_profile(&mut self.tables, self.key, channel, profile)?;
        let pointer = codec::encode(&Pointer(channel.0));
        self.tables.phone_number_ids()?.insert(profile.phone_number_id.as_str(), pointer.as_slice())?;
        Ok(())
    }

    pub(super) fn set_access_token(&mut self, channel: ChannelId, access_token: &str) -> Result<(), StoreError> {
        secrets::put(&mut self.tables, self.key, Kind::AccessToken, channel.0, access_token.as_bytes())
    }

    /// The number is disconnected; its past is still told with its name.
    pub(super) fn forget_secrets(&mut self, channel: ChannelId) -> Result<(), StoreError> {
        let profile = self.profile(channel)?.ok_or(StoreError::Missing("the profile of a channel account"))?;
        secrets::forget_profile(&mut self.tables, channel, profile)
    }
}
