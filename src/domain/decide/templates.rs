//! The mirror of the provider's templates.

use super::Decision;
use crate::domain::event::Event;
use crate::domain::facts::Facts;
use crate::domain::floor::Floor;
use crate::domain::ids::ChannelId;
use crate::domain::rejection::Rejection;
use crate::domain::template::Template;
use crate::domain::time::Timestamp;
use crate::limits::TEMPLATES_MAX;

impl Floor {
    /// Every channel account of the business account is asked about; for an unknown one there is nobody to ask.
    pub(super) fn ask_templates(&self, facts: &Facts) -> Vec<Event> {
        let known = facts.channels.iter().filter(|channel| self.rows.channels.contains_key(channel));
        known.map(|channel| Event::TemplatesAsked { channel: *channel }).collect()
    }

    pub(super) fn record_templates(
        &self,
        channel: ChannelId,
        looked_at: Timestamp,
        templates: &[Template],
    ) -> Decision {
        self.rows.channels.get(&channel).ok_or(Rejection::UnknownChannel)?;
        let templates = templates.iter().take(TEMPLATES_MAX).cloned().collect();
        Ok(vec![Event::TemplatesSynced { channel, looked_at, templates }])
    }

    pub(super) fn record_template_failure(&self, channel: ChannelId, looked_at: Timestamp, failure: &str) -> Decision {
        self.rows.channels.get(&channel).ok_or(Rejection::UnknownChannel)?;
        Ok(vec![Event::TemplateSyncFailed { channel, looked_at, failure: failure.to_owned() }])
    }
}
