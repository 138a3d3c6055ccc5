//! How a simulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::Customer;
use crate::limits;

/// What happens to a free-form message to a customer who has not written within the last 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WindowRule {
    /// Graph answers error 131047 at once.
    #[default]
    RefusedAtOnce,
    /// Graph accepts it, and a `failed` status with 131047 follows (what Meta does most of the time).
    FailsLater,
    /// The window is always open.
    Ignored,
}

/// How a simulator is set up. `SimulatorConfig { webhook_url: …, ..SimulatorConfig::default() }` is the usual way.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where webhooks go; can be set later.
    pub webhook_url: Option<String>,
    /// Key of the webhooks' signature.
    pub app_secret: String,
    /// What the handshake has to name.
    pub verify_token: String,
    /// What Graph calls have to bear.
    pub access_token: String,
    /// The business number's id, and its part of Graph's addresses.
    pub phone_number_id: String,
    /// The business number as people write it.
    pub display_number: String,
    /// The WhatsApp Business Account's id.
    pub business_account_id: String,
    /// Pause before `sent`, between `sent` and `delivered`, and between `delivered` and `read`.
    pub status_delay: Duration,
    /// Whether phones read what they get without a person (for rehearsals).
    pub read_automatically: bool,
    /// Whether statuses carry `conversation` and `pricing`.
    pub status_prices: bool,
    /// Messages that Graph accepts in one second; more get 130429. `None`: no limit.
    pub messages_per_s_max: Option<u32>,
    /// The reply window.
    pub window_rule: WindowRule,
    /// Whether one customer's updates are posted one after the other (also retries wait for each other).
    /// Meta gives no such promise.
    pub in_order_per_customer: bool,
    /// Webhook posts in flight at once, each on its own kept-alive connection.
    pub posts_in_flight: usize,
    /// Customers who are there from the start.
    pub customers: Vec<Customer>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        let customer = |wa_id: &str, name: &str| Customer { wa_id: wa_id.to_owned(), name: name.to_owned() };
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            webhook_url: None,
            app_secret: "simulated-app-secret".to_owned(),
            verify_token: "simulated-verify-token".to_owned(),
            access_token: "simulated-access-token".to_owned(),
            phone_number_id: "106540352242922".to_owned(),
            display_number: "+1 555 078 3881".to_owned(),
            business_account_id: "102290129340398".to_owned(),
            status_delay: Duration::from_millis(400),
            read_automatically: false,
            status_prices: true,
            messages_per_s_max: None,
            window_rule: WindowRule::default(),
            in_order_per_customer: true,
            posts_in_flight: limits::SIMULATOR_POSTS_IN_FLIGHT,
            customers: vec![customer("16505551234", "Amina Diallo"), customer("4915755501234", "Jonas Keller")],
        }
    }
}
