//! Tells the core when an agent's first stream opens and the last one closes.
//!
//! Apart from the streams because these commands must reach the core in their order and be tried again when the store
//! cannot take them. Invariant: when it is quiet, the core was told of each agent what is true.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;

use crate::domain::command::Command;
use crate::domain::ids::AgentId;
use crate::limits::ATTENDANCE_RETRY_MS;
use crate::store::SubmitError;

use super::App;

/// Who is here.
#[derive(Default)]
pub(super) struct Attendance {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    streams: HashMap<AgentId, usize>,
    /// Of whom the core may not know the truth.
    to_tell: BTreeSet<AgentId>,
}

/// One open stream; dropped when it closes.
pub(super) struct Attending {
    app: Arc<App>,
    agent: AgentId,
}

impl Attendance {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream of this agent opens.
    pub(super) fn arrive(app: &Arc<App>, agent: AgentId) -> Attending {
        let mut state = app.attendance.state();
        *state.streams.entry(agent).or_default() += 1;
        state.to_tell.insert(agent);
        drop(state);
        app.attendance.changed.notify_one();
        Attending { app: Arc::clone(app), agent }
    }
}

impl Drop for Attending {
    fn drop(&mut self) {
        let attendance = &self.app.attendance;
        let mut state = attendance.state();
        if let Some(count) = state.streams.get_mut(&self.agent) {
            *count -= 1;
            if *count == 0 {
                state.streams.remove(&self.agent);
            }
        }
        state.to_tell.insert(self.agent);
        drop(state);
        attendance.changed.notify_one();
    }
}

/// Starts the task that tells the core, until the store takes no more.
pub(super) fn start(app: &Arc<App>) {
    let app = Arc::clone(app);
    tokio::spawn(async move {
        let mut told: HashMap<AgentId, bool> = HashMap::new();
        loop {
            let next = app.attendance.state().to_tell.pop_first();
            let Some(agent) = next else {
                app.attendance.changed.notified().await;
                continue;
            };
            let here = app.attendance.state().streams.contains_key(&agent);
            if told.get(&agent).copied().unwrap_or(false) == here {
                continue;
            }
            let command = if here { Command::Connect { agent } } else { Command::Disconnect { agent } };
            match app.store.submit(vec![command]).await {
                // A refusal says that the person may no longer work here: nothing more to tell.
                Ok(_) => {
                    told.insert(agent, here);
                }
                Err(SubmitError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(error = %error, "an agent's coming or going was not written down yet");
                    app.attendance.state().to_tell.insert(agent);
                    sleep(Duration::from_millis(ATTENDANCE_RETRY_MS)).await;
                }
            }
        }
    });
}
