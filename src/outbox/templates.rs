//! The mirror of the provider's templates, kept fresh: at the start, every hour, and when somebody asks.
//!
//! Apart from sends because nothing waits for it but people who choose a template. Invariant: a look that fails leaves
//! the list of the look before.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::domain::channel::ChannelProfile;
use crate::domain::command::Command;
use crate::domain::ids::ChannelId;
use crate::domain::template::{Template, TemplateSync};
use crate::domain::time::Timestamp;
use crate::limits::{
    OUTBOX_WAKE_MS_MAX, TEMPLATE_LOOK_MS, TEMPLATE_RETRY_MS, TEMPLATE_SYNC_MS, TEMPLATE_SYNC_MS_MIN, TEMPLATES_MAX,
};
use crate::store::{Store, StoreError};
use crate::whatsapp::client::GraphClient;
use crate::whatsapp::templates;

/// Begins to look after the templates of all channel accounts.
pub(super) fn start(store: Store, clock: Clock, client: GraphClient, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(Mirror { store, clock, client, looked: BTreeMap::new() }.run(stop))
}

struct Mirror {
    store: Store,
    clock: Clock,
    client: GraphClient,
    /// When each channel account was looked at by this process.
    looked: BTreeMap<ChannelId, Timestamp>,
}

impl Mirror {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut head = self.store.head();
        loop {
            head.borrow_and_update();
            let round = async {
                self.round().await;
                tokio::time::sleep(Duration::from_millis(TEMPLATE_LOOK_MS)).await;
                tokio::select! {
                    Ok(()) = head.changed() => {}
                    () = tokio::time::sleep(Duration::from_millis(OUTBOX_WAKE_MS_MAX)) => {}
                }
            };
            tokio::select! {
                biased;
                // An error means that the outbox was dropped, which stops this as well.
                _ = stop.wait_for(|stop| *stop) => return,
                () = round => {}
            }
        }
    }

    /// Looks at every channel account that is due.
    async fn round(&mut self) {
        let due = match self.due().await {
            Ok(due) => due,
            Err(error) => return tracing::warn!(%error, "the templates cannot be looked after"),
        };
        for (channel, profile, business_account_id) in due {
            let looked_at = self.clock.now();
            self.looked.insert(channel, looked_at);
            let command = match list(&self.client, &profile, &business_account_id).await {
                Ok(templates) => Command::RecordTemplates { channel, looked_at, templates },
                Err(failure) => {
                    tracing::warn!(channel.id = channel.0, %failure, "the templates could not be read");
                    Command::RecordTemplateFailure { channel, looked_at, failure }
                }
            };
            if let Err(error) = self.store.submit(vec![command]).await {
                tracing::warn!(channel.id = channel.0, %error, "the templates wait for the store");
            }
        }
    }

    async fn due(&self) -> Result<Vec<(ChannelId, ChannelProfile, String)>, StoreError> {
        let store = self.store.clone();
        let channels = super::read(move || {
            store.read(|snapshot| {
                let channels = snapshot.channels()?.into_iter().filter(|row| row.channel.enabled);
                let with_sync = channels.map(|row| Ok((snapshot.template_sync(row.channel.id)?, row)));
                with_sync.collect::<Result<Vec<_>, StoreError>>()
            })
        })
        .await?;
        let now = self.clock.now();
        Ok(channels
            .into_iter()
            .filter(|(sync, row)| is_due(sync, self.looked.get(&row.channel.id).copied(), now))
            .filter_map(|(_, row)| {
                let business_account_id = row.profile.business_account_id.clone()?;
                Some((row.channel.id, row.profile, business_account_id))
            })
            .collect())
    }
}

/// Whether it is time for a look, given the last one of this process.
fn is_due(sync: &TemplateSync, looked: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(looked) = looked else { return true };
    let last = sync.tried_at.max(Some(looked)).unwrap_or(looked);
    let asked = sync.asked_at > sync.tried_at;
    let wait_ms = match &sync.failure {
        _ if asked => TEMPLATE_SYNC_MS_MIN,
        Some(_) => TEMPLATE_RETRY_MS,
        None => TEMPLATE_SYNC_MS,
    };
    // A clock that was set back must not stop the looks.
    !(0..wait_ms).contains(&now.since_ms(last))
}

/// Every page of the list.
async fn list(
    client: &GraphClient,
    profile: &ChannelProfile,
    business_account_id: &str,
) -> Result<Vec<Template>, String> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    while found.len() < TEMPLATES_MAX {
        let path = templates::page_path(business_account_id, after.as_deref());
        let answer = client.list(profile, &path).await.map_err(|error| error.to_string())?;
        let page = templates::page(&answer).ok_or("the answer is no list of templates")?;
        if page.templates.is_empty() && page.after == after {
            break;
        }
        found.extend(page.templates);
        match page.after {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::is_due;
    use crate::domain::template::TemplateSync;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_look_is_due_at_the_start_when_asked_for_and_every_hour() {
        let at = |minutes: i64| Timestamp(minutes * 60_000);
        let fine = TemplateSync { tried_at: Some(at(0)), synced_at: Some(at(0)), ..TemplateSync::default() };
        assert!(is_due(&fine, None, at(0)), "the start");
        assert!(!is_due(&fine, Some(at(0)), at(59)));
        assert!(is_due(&fine, Some(at(0)), at(60)));
        let failed = TemplateSync { failure: Some("refused".to_owned()), ..fine.clone() };
        assert!(!is_due(&failed, Some(at(0)), at(4)));
        assert!(is_due(&failed, Some(at(0)), at(5)));
        let asked = TemplateSync { asked_at: Some(at(2)), ..fine.clone() };
        assert!(is_due(&asked, Some(at(0)), at(2)));
        assert!(!is_due(&asked, Some(at(2)), Timestamp(at(2).0 + 4_999)), "not at once again");
        assert!(is_due(&fine, Some(at(10)), at(9)), "a clock that was set back");
    }
}
