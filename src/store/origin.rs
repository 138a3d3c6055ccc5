//! Where a command comes from: who asked, from which address, with what.
//!
//! It travels beside the commands (as a value of the task that submits them), so that nobody who adds a command can
//! forget it. Invariant: whoever says nothing is Deskbell itself, whose doings are no deeds of a person.

use std::fmt;
use std::net::IpAddr;

use crate::domain::ids::AgentId;

/// Who asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Who {
    /// The process by itself: the clock, the outbox, a webhook.
    #[default]
    Deskbell,
    /// A person who has signed in.
    Agent(AgentId),
    /// A browser in which nobody has signed in yet.
    Visitor,
    /// The command line, through the running server's control socket.
    ControlSocket,
    /// The command line, on the data directory of a stopped server.
    CommandLine,
}

/// Where a command comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Who asked.
    pub who: Who,
    /// The address of the browser, or of the proxy before it.
    pub address: Option<IpAddr>,
    /// The kind of browser in short form, in words of ours; empty when there is none.
    pub browser: String,
}

tokio::task_local! {
    static ORIGIN: Origin;
}

impl Origin {
    /// Without an address.
    #[must_use]
    pub fn of(who: Who) -> Self {
        Self { who, ..Self::default() }
    }

    /// The same with another person.
    #[must_use]
    pub fn by(self, agent: AgentId) -> Self {
        Self { who: Who::Agent(agent), ..self }
    }

    /// Everything that `work` submits comes from here.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        ORIGIN.scope(self, work)
    }

    /// The one of the present task.
    #[must_use]
    pub fn current() -> Self {
        ORIGIN.try_with(Clone::clone).unwrap_or_default()
    }

    /// The address in words; empty when there is none.
    #[must_use]
    pub fn address_words(&self) -> String {
        self.address.map_or_else(String::new, |address| address.to_canonical().to_string())
    }
}

impl fmt::Display for Who {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Deskbell => "deskbell",
            Self::Agent(_) => "agent",
            Self::Visitor => "visitor",
            Self::ControlSocket => "control_socket",
            Self::CommandLine => "command_line",
        })
    }
}
