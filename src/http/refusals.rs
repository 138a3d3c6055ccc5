//! What each "no" of the core is to a program and to a person.
//!
//! Apart from the other refusals because it is a table. Invariant: every `Rejection` has its line here.

use hyper::StatusCode;

use crate::domain::case_data::CaseKind;
use crate::domain::rejection::Rejection;
use crate::limits::{
    ADDRESSES_PER_CONTACT_MAX, ATTRIBUTE_KEY_CHARS_MAX, ATTRIBUTE_VALUE_CHARS_MAX, ATTRIBUTES_PER_CONTACT_MAX,
    CASE_KEY_CHARS_MAX, CASE_VALUE_CHARS_MAX, CLIENT_KEY_CHARS_MAX, DRAFT_CHARS_MAX, MESSAGE_CHARS_MAX, NAME_CHARS_MAX,
    NOTE_CHARS_MAX, SHORTCUT_CHARS_MAX, TAG_CHARS_MAX, TAGS_PER_CONTACT_MAX,
};

/// Status, stable code and sentence of each "no" of the core.
pub(super) fn explain(rejection: Rejection) -> (StatusCode, &'static str, String) {
    use StatusCode as S;
    let (status, code, sentence) = match rejection {
        Rejection::UnknownAgent => {
            (S::NOT_FOUND, "unknown_agent", "This person is not known or may not work here. Choose somebody else.")
        }
        Rejection::UnknownInteraction
        | Rejection::UnknownMessage
        | Rejection::UnknownContact
        | Rejection::UnknownConversation
        | Rejection::UnknownChannel => (S::NOT_FOUND, "not_found", "This does not exist any more. Reload the page."),
        Rejection::ChannelDisabled => {
            (S::CONFLICT, "channel_disabled", "This number is switched off. Ask an administrator.")
        }
        Rejection::UnknownQueue => {
            (S::NOT_FOUND, "unknown_queue", "This queue does not exist any more. Choose another one.")
        }
        Rejection::UnknownDisposition => (
            S::UNPROCESSABLE_ENTITY,
            "unknown_disposition",
            "This outcome is not on the list any more. Choose another one.",
        ),
        Rejection::DispositionNotALeaf => (
            S::UNPROCESSABLE_ENTITY,
            "disposition_not_a_leaf",
            "This outcome has others below it. Choose one of those.",
        ),
        Rejection::DispositionReadOnly => (
            S::CONFLICT,
            "disposition_read_only",
            "The interaction has ended, so its outcome cannot be changed any more. Ask a supervisor if it is wrong.",
        ),
        Rejection::CaseKeyInvalid => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "case_key_invalid",
                format!("A field's name has 1 to {CASE_KEY_CHARS_MAX} characters and no spaces around it. Change it."),
            );
        }
        Rejection::CaseValueRequired(_) => (
            S::UNPROCESSABLE_ENTITY,
            "case_value_required",
            "A field of the case information that has to be filled in is empty. Fill it in first.",
        ),
        Rejection::NotAdministrator => {
            (S::FORBIDDEN, "not_administrator", "Only administrators set up the centre. Ask one of them.")
        }
        Rejection::SetUpChanged => (
            S::CONFLICT,
            "set_up_changed",
            "Somebody else has changed this in the meantime. Load what is there now, then change it again.",
        ),
        Rejection::CodeTaken => (S::CONFLICT, "code_taken", "Another outcome has this code. Choose another one."),
        Rejection::ChannelInUse => (
            S::CONFLICT,
            "channel_in_use",
            "This number still has open interactions or messages on their way. Have them finished first.",
        ),
        Rejection::CaseKeyReadOnly => {
            (S::FORBIDDEN, "case_key_read_only", "This field is for reading only. Ask an administrator.")
        }
        Rejection::CaseValueInvalid(kind) => {
            return (S::UNPROCESSABLE_ENTITY, "case_value_invalid", wanted(kind));
        }
        Rejection::TooManyCaseKeys => {
            (S::UNPROCESSABLE_ENTITY, "too_many_case_keys", "There is no room for one more field. Remove one first.")
        }
        Rejection::UnknownResponse => {
            (S::NOT_FOUND, "not_found", "This response does not exist any more. Reload the page.")
        }
        Rejection::ShortcutInvalid => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "shortcut_invalid",
                format!("A shortcut has 1 to {SHORTCUT_CHARS_MAX} of the characters a-z, 0-9, _ and -. Change it."),
            );
        }
        Rejection::ShortcutTaken => {
            (S::CONFLICT, "shortcut_taken", "Another response has this shortcut. Choose another one.")
        }
        Rejection::TooManyResponses => {
            (S::UNPROCESSABLE_ENTITY, "too_many_responses", "There is no room for one more response. Remove one first.")
        }
        Rejection::NotSupervisor => {
            (S::FORBIDDEN, "forbidden", "Only supervisors and administrators may do this. Ask one of them.")
        }
        Rejection::UnresolvedFieldCode => (
            S::UNPROCESSABLE_ENTITY,
            "unresolved_field_code",
            "The message still has a field in {{…}} that could not be filled in. Write the words yourself, then send.",
        ),
        Rejection::UnknownReason => {
            (S::UNPROCESSABLE_ENTITY, "unknown_reason", "This reason is not on the list. Choose another one.")
        }
        Rejection::NotOwner => {
            (S::CONFLICT, "not_owner", "This interaction is not yours now. Reload the page to see who has it.")
        }
        Rejection::NotOfferedToYou => (S::CONFLICT, "not_offered_to_you", "This is offered to a colleague now."),
        Rejection::OfferExpired => {
            (S::CONFLICT, "offer_expired", "The time for this offer is over, or somebody else has taken it.")
        }
        Rejection::RejectNotAllowed => (
            S::FORBIDDEN,
            "reject_not_allowed",
            "Offers cannot be rejected here. Accept it, or set yourself Not Ready.",
        ),
        Rejection::WrongState => {
            (S::CONFLICT, "wrong_state", "This is not possible in the present state. Reload the page to see it.")
        }
        Rejection::WindowClosed => (
            S::CONFLICT,
            "window_closed",
            "The 24-hour reply window is closed. Wait for the contact to write, or send a template.",
        ),
        Rejection::DispositionRequired => {
            (S::CONFLICT, "disposition_required", "Choose a disposition first, then mark the interaction Done.")
        }
        Rejection::SendPending => (
            S::CONFLICT,
            "send_pending",
            "A message is still on its way. Wait until it has its tick or its failure, then mark the interaction Done.",
        ),
        Rejection::AtCapacity => {
            (S::CONFLICT, "at_capacity", "There is no room for one more interaction. Finish or park one first.")
        }
        Rejection::AgentUnavailable => {
            (S::CONFLICT, "agent_unavailable", "This colleague cannot take it now. Choose somebody else or a queue.")
        }
        Rejection::TooManyParticipants => (
            S::CONFLICT,
            "too_many_participants",
            "As many colleagues take part as may. Ask one of them to leave first.",
        ),
        Rejection::InteractionOpen { .. } => {
            (S::CONFLICT, "interaction_open", "This contact already has an open interaction.")
        }
        Rejection::MessageEmpty => {
            (S::UNPROCESSABLE_ENTITY, "message_empty", "The message has no words. Write something first.")
        }
        Rejection::MessageTooLong => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "message_too_long",
                format!("The message is longer than {MESSAGE_CHARS_MAX} characters. Send it in parts."),
            );
        }
        Rejection::NoteTooLong => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "note_too_long",
                format!("The note is longer than {NOTE_CHARS_MAX} characters. Shorten it."),
            );
        }
        Rejection::NoteChanged => (
            S::CONFLICT,
            "note_changed",
            "The note was changed elsewhere in the meantime. Take over your words into the newer one.",
        ),
        Rejection::NothingToRetry => {
            (S::CONFLICT, "nothing_to_retry", "This message has not failed, so there is nothing to send again.")
        }
        Rejection::BadClientKey => {
            return (
                S::BAD_REQUEST,
                "bad_request",
                format!("The client key must have 1 to {CLIENT_KEY_CHARS_MAX} characters. Reload the page."),
            );
        }
        Rejection::LoginTaken => (S::CONFLICT, "login_taken", "This login is taken. Choose another one."),
        Rejection::LastAdministrator => (
            S::CONFLICT,
            "last_administrator",
            "Without this person nobody could administer the centre. Make somebody else an administrator first.",
        ),
        Rejection::SecondFactorRefused => (
            S::UNAUTHORIZED,
            "second_factor_refused",
            "This code is wrong or was used already. Wait for the next one, or use a recovery code.",
        ),
        Rejection::SetUpDone => {
            (S::CONFLICT, "set_up_done", "There is an administrator already. Sign in, or ask them to add you.")
        }
        Rejection::SetUpLinkInvalid => (
            S::FORBIDDEN,
            "set_up_link_invalid",
            "This link is used, too old or not the newest. Make another one: deskbell setup-link --data DIR.",
        ),
        Rejection::PhoneNumberIdTaken => {
            (S::CONFLICT, "phone_number_id_taken", "This phone-number id belongs to another channel account.")
        }
        Rejection::BadValue => {
            (S::UNPROCESSABLE_ENTITY, "bad_value", "A value is out of bounds. Check what you entered.")
        }
        Rejection::SignInEnded => (S::UNAUTHORIZED, "sign_in_required", "Your sign-in has ended. Sign in again."),
        Rejection::MarketingStopped => {
            (S::CONFLICT, "marketing_stopped", "This contact wants no marketing. Choose a template of another kind.")
        }
        Rejection::ContactBlocked => (S::CONFLICT, "contact_blocked", "This contact is blocked. Ask a supervisor."),
        Rejection::FloorFull => (
            S::SERVICE_UNAVAILABLE,
            "overloaded",
            "The centre holds as many open interactions as it can. Finish some, then try again.",
        ),
        Rejection::SendNotDue => (S::CONFLICT, "wrong_state", "This message is on its way already."),
        Rejection::NotAtProvider => (
            S::CONFLICT,
            "not_at_provider",
            "This message has not reached WhatsApp yet. Wait for its tick, then try again.",
        ),
        Rejection::UnknownFile => {
            (S::UNPROCESSABLE_ENTITY, "unknown_file", "This file is not here any more. Choose it again.")
        }
        Rejection::FileRemoved => (
            S::GONE,
            "file_removed",
            "This file is not kept any more: the centre removes files of this kind after a time.",
        ),
        Rejection::FileTooLarge => (
            S::UNPROCESSABLE_ENTITY,
            "file_too_large",
            "WhatsApp takes no empty files, pictures up to 5 MB, films and sounds up to 16 MB, stickers up to 500 KB and \
             other files up to 100 MB.",
        ),
        Rejection::TooOld => (
            S::CONFLICT,
            "too_old",
            "WhatsApp takes no reaction to a message of more than 30 days ago. Answer it with a quote.",
        ),
        Rejection::TemplateUnknown => (
            S::UNPROCESSABLE_ENTITY,
            "template_unknown",
            "This template does not exist on this number any more. Choose another one.",
        ),
        Rejection::TemplateNotApproved => (
            S::UNPROCESSABLE_ENTITY,
            "template_not_approved",
            "WhatsApp does not take this template now. Choose one that is approved.",
        ),
        Rejection::TemplateVariableMissing => (
            S::UNPROCESSABLE_ENTITY,
            "template_variable_missing",
            "A variable of the template is empty. Fill in every one.",
        ),
        Rejection::TemplateValueInvalid => (
            S::UNPROCESSABLE_ENTITY,
            "template_value_invalid",
            "WhatsApp refuses a value: no new lines or tabs, at most four spaces in a row, and an address where one is \
             asked for.",
        ),
        Rejection::TemplateTooLong => {
            (S::UNPROCESSABLE_ENTITY, "template_too_long", "The template is too long with these values. Shorten them.")
        }
        Rejection::NoBusinessAccount => (
            S::CONFLICT,
            "no_business_account",
            "This number has no WhatsApp Business Account here, so its templates are not known. Ask an administrator.",
        ),
        Rejection::AsynchronousOff => (
            S::CONFLICT,
            "asynchronous_off",
            "On this number each conversation begins anew: wait for the contact to write.",
        ),
        Rejection::AddressTaken(_) => {
            (S::CONFLICT, "address_taken", "Another contact has this number already. Open that contact instead.")
        }
        Rejection::LastAddress => (
            S::CONFLICT,
            "last_address",
            "This is the contact's last address. Add the new one first, then remove this one.",
        ),
        Rejection::ContactChanged => (
            S::CONFLICT,
            "contact_changed",
            "The contact was changed elsewhere in the meantime. Take over your changes into the newer state.",
        ),
        Rejection::BadCard => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "contact_invalid",
                format!(
                    "A name has at most {NAME_CHARS_MAX} characters. There are at most {ATTRIBUTES_PER_CONTACT_MAX} \
                     attributes, each key once, with up to {ATTRIBUTE_KEY_CHARS_MAX} and values with up to \
                     {ATTRIBUTE_VALUE_CHARS_MAX} characters, and at most {TAGS_PER_CONTACT_MAX} tags, each once, with \
                     up to {TAG_CHARS_MAX}. Nothing of it may be blank."
                ),
            );
        }
        Rejection::TooManyAddresses => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "too_many_addresses",
                format!("A contact has at most {ADDRESSES_PER_CONTACT_MAX} addresses. Remove one first."),
            );
        }
        Rejection::DraftTooLong => {
            return (
                S::UNPROCESSABLE_ENTITY,
                "draft_too_long",
                format!("A draft of more than {DRAFT_CHARS_MAX} characters is not kept. Shorten it."),
            );
        }
    };
    (status, code, sentence.to_owned())
}

/// What a field of case data takes.
fn wanted(kind: CaseKind) -> String {
    match kind {
        CaseKind::Text => format!("This field takes 1 to {CASE_VALUE_CHARS_MAX} characters. Empty it by removing it."),
        CaseKind::Number => "This field takes a number such as 12 or -3.50.".to_owned(),
        CaseKind::Date => "This field takes a day as YYYY-MM-DD, such as 2026-02-28.".to_owned(),
        CaseKind::Boolean => "This field takes true or false.".to_owned(),
        CaseKind::Choice => "This field takes one of its choices. Choose from the list.".to_owned(),
    }
}
