//! What the centre's work depends on: the store, WhatsApp's access, webhooks, the outbox, search.

use crate::domain::ids::MessageId;
use crate::domain::message::{Author, Delivery, Message};
use crate::domain::time::Timestamp;
use crate::limits::{
    HEALTH_INDEX_WAITING_MAX, HEALTH_MESSAGES_MAX, HEALTH_OUTBOX_LATE_MS, HEALTH_OUTBOX_STUCK_MS,
    HEALTH_SILENCE_MS_MAX, HEALTH_STATUS_MS_MAX,
};
use crate::store::StoreState;
use crate::whatsapp::codes;

use super::{Inputs, Told, moment, span};

/// So many messages without any status are no accident: one alone may be to a phone that is off.
const STATUSES_MISSING_MIN: usize = 3;
const WEBHOOK_REMEDY: &str = "In Meta's dashboard, under WhatsApp, Configuration: check that the callback address is \
                              https://<your name>/webhooks/whatsapp, that it verifies, and that `messages` is subscribed. Then \
                              check that proxy or tunnel reach this server. Meta repeats what it could not deliver for days.";

pub(super) fn store(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(store) = inputs.store else { return Vec::new() };
    if let StoreState::Unavailable(reason) = &*store.state().borrow() {
        return vec![Told::red(
            format!("The store cannot be written: {reason}"),
            "Make room on the disk, or mend what the sentence says. It is tried again by itself; Meta repeats its \
             webhooks, and nothing acknowledged is lost.",
        )];
    }
    match store.read(|snapshot| snapshot.census()) {
        Ok(census) => vec![Told::green(format!("The store can be read and written; it holds {} events.", census.head))],
        Err(error) => vec![Told::red(error.to_string(), "Make a copy of the data directory, then restore a backup.")],
    }
}

pub(super) fn tokens(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(channels) = inputs.store.and_then(|store| store.read(|snapshot| snapshot.channels()).ok()) else {
        return Vec::new();
    };
    let enabled: Vec<_> = channels.iter().filter(|row| row.channel.enabled).collect();
    if enabled.is_empty() {
        return vec![Told::green("No number is connected.")];
    }
    let troubled = enabled.iter().filter_map(|row| {
        let trouble = row.channel.trouble?;
        let known = codes::explain(trouble.code);
        let sentence = format!(
            "WhatsApp takes nothing of the number {:?} since {}: {}",
            row.profile.name,
            moment(trouble.since),
            known.title
        );
        Some(Told::red(
            sentence,
            "Messages wait and none is lost. A new access token goes in with `deskbell channel set-token`; for a locked \
             account look into Meta's Business Manager.",
        ))
    });
    let troubled: Vec<Told> = troubled.collect();
    if troubled.is_empty() {
        vec![Told::green("WhatsApp takes the messages of every connected number.")]
    } else {
        troubled
    }
}

pub(super) fn webhooks(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(store) = inputs.store else { return Vec::new() };
    let newest = store.read(|snapshot| {
        let connected = snapshot.channels()?.iter().any(|row| row.channel.enabled);
        let after_last = MessageId(snapshot.last_message_id()?.0.saturating_add(1));
        Ok((connected, snapshot.messages_before(after_last, HEALTH_MESSAGES_MAX)?))
    });
    let Ok((true, newest)) = newest else { return Vec::new() };
    let came = store.measures().webhook_at_ms().map(Timestamp);
    vec![heard(&newest, came, inputs.now)]
}

/// What the newest messages tell of webhooks; `came`: when this process had one last.
pub(super) fn heard(newest: &[Message], came: Option<Timestamp>, now: Timestamp) -> Told {
    let inbound = newest.iter().filter(|message| message.author == Author::Contact).map(|message| message.at);
    let last = inbound.chain(came).max();
    // What was sent since, long enough ago to have a status, and has none.
    let silent = |message: &&Message| {
        last.is_none_or(|last| message.at > last) && now.since_ms(message.at) > HEALTH_STATUS_MS_MAX
    };
    let sent = || newest.iter().filter(|message| message.delivery.is_some()).filter(silent);
    let missing = sent().filter(|message| message.delivery == Some(Delivery::Sent)).count();
    let arrived =
        sent().any(|message| matches!(message.delivery, Some(Delivery::Delivered | Delivery::Read | Delivery::Played)));
    if missing >= STATUSES_MISSING_MIN && !arrived {
        return Told::red(
            format!("WhatsApp took {missing} messages, but no status of them came back: webhooks do not arrive."),
            WEBHOOK_REMEDY,
        );
    }
    match last {
        None => Told::yellow("No webhook has come yet.", WEBHOOK_REMEDY),
        Some(last) if now.since_ms(last) > HEALTH_SILENCE_MS_MAX => {
            let sentence = format!("Nothing has come from WhatsApp for {}.", span(now.since_ms(last)));
            Told::yellow(
                sentence,
                format!("Write a message to the number yourself. If it does not appear: {WEBHOOK_REMEDY}"),
            )
        }
        Some(last) => Told::green(format!("WhatsApp's last webhook came at {}.", moment(last))),
    }
}

pub(super) fn outbox(inputs: &Inputs<'_>) -> Vec<Told> {
    const REMEDY: &str = "Look at the check of the access token, at the network (`curl https://graph.facebook.com`), and at the \
                          log. Messages wait and none is lost.";
    let Some(census) = inputs.store.and_then(|store| store.read(|snapshot| snapshot.census()).ok()) else {
        return Vec::new();
    };
    let Some(oldest) = census.oldest_send_at else { return vec![Told::green("No message waits to be sent.")] };
    let age_ms = inputs.now.since_ms(oldest);
    let sentence = format!("{} messages are on their way, the oldest for {}.", census.sends, span(age_ms.max(0)));
    if age_ms > HEALTH_OUTBOX_STUCK_MS {
        vec![Told::red(sentence, REMEDY)]
    } else if age_ms > HEALTH_OUTBOX_LATE_MS {
        vec![Told::yellow(sentence, REMEDY)]
    } else {
        vec![Told::green(sentence)]
    }
}

pub(super) fn index(inputs: &Inputs<'_>) -> Vec<Told> {
    let Some(search) = inputs.search else { return Vec::new() };
    if let Some(progress) = search.progress() {
        return vec![Told::yellow(
            format!("The search index is being built: {} of {} messages.", progress.done, progress.of),
            "Wait; answers say that they may be incomplete meanwhile.",
        )];
    }
    let waiting = search.waiting();
    if waiting > HEALTH_INDEX_WAITING_MAX {
        return vec![Told::yellow(
            format!("{waiting} changes wait to be written to the search index."),
            "They are found all the same. Look at the disk and at the log; `deskbell reindex` builds the index anew.",
        )];
    }
    vec![Told::green("Search finds everything that was acknowledged.")]
}
