//! The connection test of a number: what Graph says when it is asked, step by step, and the way to mend each.
//!
//! Apart from sending because it asks and changes nothing (but the subscription, when a person wants it). Invariants: no
//! secret stands in an address (the app secret is proved by its signature of the token, as Meta's `appsecret_proof`); a step
//! that depends on an earlier one which failed is left open, so that there is one thing to mend and not five.

use std::time::Duration;

use serde_json::Value;

use super::client::{GraphClient, GraphError, Timeouts};
use super::media::GraphHosts;
use super::signature;
use crate::domain::channel::ChannelProfile;
use crate::limits::{CHECK_CALL_MS_MAX, CHECK_WORDS_CHARS_MAX, GRAPH_CONNECT_MS_MAX};

/// What is looked at, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Graph answers, and takes the access token.
    Token,
    /// The app secret belongs to the app of the token.
    AppSecret,
    /// The token may do what is needed.
    Permissions,
    /// The number is there and may send.
    Number,
    /// The number belongs to the business account.
    Account,
    /// The app gets the business account's webhooks.
    Subscription,
}

impl Subject {
    /// Its name in the API and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::AppSecret => "app_secret",
            Self::Permissions => "permissions",
            Self::Number => "number",
            Self::Account => "account",
            Self::Subscription => "subscription",
        }
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Good,
    /// To be mended.
    Bad,
    /// Not known, because of an earlier step or because Meta does not tell.
    Open,
}

impl Outcome {
    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }
}

/// One step of the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was looked at.
    pub subject: Subject,
    /// How it is.
    pub outcome: Outcome,
    /// What was found, in a sentence; empty where it goes without saying.
    pub found: String,
    /// What mends it; empty where there is nothing to mend.
    pub way_out: String,
}

impl Step {
    fn good(subject: Subject, found: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Good, found: found.into(), way_out: String::new() }
    }

    fn bad(subject: Subject, found: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Bad, found: found.into(), way_out: way_out.into() }
    }

    fn open(subject: Subject, found: impl Into<String>) -> Self {
        Self { subject, outcome: Outcome::Open, found: found.into(), way_out: String::new() }
    }
}

/// What a token needs (whatsapp-cloud-api.md 2): to send, and to ask about the account.
const PERMISSIONS: [&str; 2] = ["whatsapp_business_messaging", "whatsapp_business_management"];

const NUMBER_FIELDS: &str =
    "verified_name,display_phone_number,quality_rating,status,whatsapp_business_manager_messaging_limit";

const NEW_TOKEN: &str = "In Meta's Business Settings, under System users, generate a token of a system user that does not expire, and \
                         paste it here.";

/// Connections of its own to these hosts, and less patience than a message has: a person waits.
#[must_use]
pub fn client(hosts: GraphHosts) -> GraphClient {
    let ms = Duration::from_millis;
    let connect = ms(GRAPH_CONNECT_MS_MAX.min(CHECK_CALL_MS_MAX));
    GraphClient::new(Timeouts { connect, call: ms(CHECK_CALL_MS_MAX) }).allowing(hosts)
}

/// Looks at everything that Graph can tell about a number.
pub async fn look(client: &GraphClient, profile: &ChannelProfile) -> Vec<Step> {
    let token = token(client.list(profile, "me?fields=id").await.as_ref());
    if token.outcome != Outcome::Good {
        let rest = [Subject::AppSecret, Subject::Permissions, Subject::Number, Subject::Account, Subject::Subscription];
        let left = rest.map(|subject| Step::open(subject, "Not looked at: the access token comes first."));
        return std::iter::once(token).chain(left).collect();
    }
    let proof = signature::sign(profile.app_secret.as_bytes(), profile.access_token.as_bytes());
    let proof = proof.trim_start_matches("sha256=");
    let (secret_path, number_path) = (
        format!("me?fields=id&appsecret_proof={proof}"),
        format!("{}?fields={NUMBER_FIELDS}", profile.phone_number_id),
    );
    let (secret, scopes, phone, (account, subscription)) = tokio::join!(
        client.list(profile, &secret_path),
        client.list(profile, "me/permissions"),
        client.list(profile, &number_path),
        look_at_account(client, profile),
    );
    let (app_secret, permissions, number) =
        (app_secret(secret.as_ref()), permissions(scopes.as_ref()), number(phone.as_ref()));
    vec![token, app_secret, permissions, number, account, subscription]
}

async fn look_at_account(client: &GraphClient, profile: &ChannelProfile) -> (Step, Step) {
    let Some(business_account_id) = profile.business_account_id.as_deref() else {
        let account = Step::bad(
            Subject::Account,
            "No business account is named, so there are no templates.",
            "Copy the WhatsApp Business Account ID from Meta's dashboard (WhatsApp, API Setup) into this number's settings.",
        );
        return (account, Step::open(Subject::Subscription, "Not looked at: the business account is not known."));
    };
    let (numbers_path, apps_path) =
        (format!("{business_account_id}/phone_numbers?fields=id&limit=100"), subscription_path(business_account_id));
    let (numbers, apps) = tokio::join!(client.list(profile, &numbers_path), client.list(profile, &apps_path));
    (account(numbers.as_ref(), &profile.phone_number_id), subscription(apps.as_ref()))
}

/// Subscribes the token's app to the business account, without which no webhook comes (whatsapp-cloud-api.md 2.6).
///
/// # Errors
/// What is known about the call.
pub async fn subscribe(
    client: &GraphClient,
    profile: &ChannelProfile,
    business_account_id: &str,
) -> Result<(), GraphError> {
    client.order(profile, &subscription_path(business_account_id)).await
}

fn subscription_path(business_account_id: &str) -> String {
    format!("{business_account_id}/subscribed_apps")
}

type Told<'a> = Result<&'a Value, &'a GraphError>;

fn token(told: Told<'_>) -> Step {
    let subject = Subject::Token;
    match told {
        Ok(_) => Step::good(subject, "Meta takes the access token."),
        Err(GraphError::Refused { code, title, .. }) if *code == 190 || *code == 0 || *code == 102 => {
            Step::bad(subject, format!("Meta does not take the access token{}", said(title)), NEW_TOKEN)
        }
        // It was let in, and then may not read even this: the later steps say what it may not.
        Err(GraphError::Refused { code: 3 | 10 | 200..=299, .. }) => {
            Step::good(subject, "Meta takes the access token.")
        }
        Err(GraphError::Refused { code, title, .. }) => Step::bad(
            subject,
            format!("Meta refuses with code {code}{}", said(title)),
            "Look up the code in Meta's documentation, or try again later.",
        ),
        Err(error @ (GraphError::NotSent { .. } | GraphError::Unknown { .. })) => Step::bad(
            subject,
            format!("Meta cannot be reached from this machine ({}).", short(&error.to_string())),
            "Check this machine's connection to the internet, its clock, and whether a firewall lets it call \
             graph.facebook.com on port 443.",
        ),
    }
}

fn app_secret(told: Told<'_>) -> Step {
    let subject = Subject::AppSecret;
    match told {
        Ok(_) => Step::good(subject, "The app secret belongs to the token's app."),
        Err(GraphError::Refused { code: 100, title, .. }) => Step::bad(
            subject,
            format!("The app secret is not the one of the token's app{}", said(title)),
            "Copy it from Meta's dashboard: App settings, Basic, App secret. With a wrong one every message from Meta is refused.",
        ),
        Err(error) => Step::open(subject, format!("Meta does not say ({}).", short(&error.to_string()))),
    }
}

fn permissions(told: Told<'_>) -> Step {
    let subject = Subject::Permissions;
    let granted = |told: &Value| {
        let rows = told["data"].as_array()?.iter().filter(|row| row["status"] == "granted");
        Some(rows.filter_map(|row| row["permission"].as_str().map(str::to_owned)).collect::<Vec<_>>())
    };
    let Some(granted) = told.ok().and_then(granted) else {
        return Step::open(subject, "Meta does not say what this token may do; the next steps show it.");
    };
    let missing: Vec<&str> =
        PERMISSIONS.into_iter().filter(|needed| !granted.iter().any(|granted| granted == needed)).collect();
    if missing.is_empty() {
        return Step::good(subject, "The token may send messages and manage the account.");
    }
    Step::bad(
        subject,
        format!("The token lacks {}.", missing.join(" and ")),
        "Generate the system user's token anew and tick both permissions: whatsapp_business_messaging and \
         whatsapp_business_management.",
    )
}

fn number(told: Told<'_>) -> Step {
    let subject = Subject::Number;
    let told = match told {
        Ok(told) => told,
        Err(GraphError::Refused { code: 100 | 33, .. }) => {
            return Step::bad(
                subject,
                "There is no number with this phone-number ID, or the token may not see it.",
                "Compare the phone-number ID (digits, not the number itself) with Meta's dashboard (WhatsApp, API Setup), and \
                 assign the account to the system user.",
            );
        }
        Err(GraphError::Refused { code: 3 | 10 | 200..=299 | 131_005, title, .. }) => {
            return Step::bad(
                subject,
                format!("The token may not see this number{}", said(title)),
                "In Meta's Business Settings assign the WhatsApp account to the system user, with full control.",
            );
        }
        Err(error) => return Step::open(subject, format!("Meta does not say ({}).", short(&error.to_string()))),
    };
    let word = |key: &str| told[key].as_str().map(short).filter(|word| !word.is_empty());
    let mut facts: Vec<String> = [word("verified_name"), word("display_phone_number")].into_iter().flatten().collect();
    facts.extend(word("quality_rating").map(|quality| format!("quality {}", quality.to_lowercase())));
    facts.extend(word("whatsapp_business_manager_messaging_limit").map(|limit| format!("messaging limit {limit}")));
    let facts = facts.join(", ");
    match word("status").as_deref() {
        None | Some("CONNECTED") => Step::good(subject, format!("{facts}.")),
        Some(status) => Step::bad(
            subject,
            format!("{facts}; its state is {status}."),
            "Only a number that is CONNECTED sends: register it in Meta's dashboard (a PIN of six digits is asked for), or look \
             there for why Meta has restricted it.",
        ),
    }
}

fn account(told: Told<'_>, phone_number_id: &str) -> Step {
    let subject = Subject::Account;
    match told {
        Ok(told) => match told["data"].as_array() {
            Some(rows) if rows.iter().any(|row| row["id"] == phone_number_id) => {
                Step::good(subject, "The number belongs to this business account.")
            }
            Some(_) => Step::bad(
                subject,
                "The business account does not have this number.",
                "Compare the WhatsApp Business Account ID with Meta's dashboard: it is not the ID of the business.",
            ),
            None => Step::open(subject, "Meta does not say which numbers the account has."),
        },
        Err(GraphError::Refused { code: 100 | 33 | 3 | 10 | 200..=299, .. }) => Step::bad(
            subject,
            "There is no such business account, or the token may not see it.",
            "Compare the WhatsApp Business Account ID with Meta's dashboard (WhatsApp, API Setup), and assign the account to \
             the system user.",
        ),
        Err(error) => Step::open(subject, format!("Meta does not say ({}).", short(&error.to_string()))),
    }
}

fn subscription(told: Told<'_>) -> Step {
    let subject = Subject::Subscription;
    match told {
        Ok(told) => {
            let apps = told["data"].as_array().into_iter().flatten();
            let names: Vec<String> =
                apps.map(|app| short(app["whatsapp_business_api_data"]["name"].as_str().unwrap_or("an app"))).collect();
            if names.is_empty() {
                Step::bad(
                    subject,
                    "No app is subscribed to the account, so Meta sends nothing to anybody.",
                    "Subscribe it here. It is needed once for each business account.",
                )
            } else {
                Step::good(subject, format!("Subscribed: {}.", names.join(", ")))
            }
        }
        Err(error) => Step::open(subject, format!("Meta does not say ({}).", short(&error.to_string()))),
    }
}

/// Meta's words behind a sentence of ours.
fn said(title: &str) -> String {
    if title.is_empty() { ".".to_owned() } else { format!(": {}", short(title)) }
}

/// A stranger's words, bounded.
fn short(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(CHECK_WORDS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{GraphError, Outcome, account, app_secret, number, permissions, subscription, token};

    fn refused(code: u32) -> GraphError {
        GraphError::Refused { http_status: 400, code, title: "no".to_owned(), retry_after: None }
    }

    #[test]
    fn what_is_wrong_is_told_with_the_way_to_mend_it() {
        let unreachable = GraphError::NotSent { reason: "no route".to_owned() };
        let (dead, hidden, unknown) = (refused(190), refused(200), refused(100));
        let scopes = json!({"data": [{"permission": "whatsapp_business_messaging", "status": "granted"},
                                     {"permission": "whatsapp_business_management", "status": "declined"}]});
        let pending = json!({"verified_name": "Shop", "status": "PENDING"});
        let (others, none) = (json!({"data": [{"id": "2"}]}), json!({"data": []}));
        for (step, words) in [
            (token(Err(&dead)), "does not take"),
            (token(Err(&unreachable)), "cannot be reached"),
            (app_secret(Err(&unknown)), "not the one"),
            (permissions(Ok(&scopes)), "lacks whatsapp_business_management."),
            (number(Err(&unknown)), "no number"),
            (number(Err(&hidden)), "may not see"),
            (number(Ok(&pending)), "PENDING"),
            (account(Ok(&others), "1"), "does not have"),
            (account(Err(&unknown), "1"), "no such"),
            (subscription(Ok(&none)), "No app"),
        ] {
            assert_eq!(step.outcome, Outcome::Bad, "{step:?}");
            assert!(step.found.contains(words) && !step.way_out.is_empty(), "{step:?}");
        }
    }

    #[test]
    fn what_meta_does_not_tell_is_left_open() {
        let unknown = GraphError::Unknown { reason: "cut".to_owned() };
        let odd = json!({"data": 7});
        for step in [
            app_secret(Err(&unknown)),
            permissions(Err(&unknown)),
            permissions(Ok(&odd)),
            number(Err(&unknown)),
            account(Ok(&odd), "1"),
            subscription(Err(&unknown)),
        ] {
            assert_eq!(step.outcome, Outcome::Open, "{step:?}");
        }
    }
}
