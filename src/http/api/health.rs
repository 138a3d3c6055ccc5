//! The health page's checks, for administrators.

use std::sync::Arc;

use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::health::{self, Finding, Inputs, Machine, State};
use crate::http::App;
use crate::http::error::HttpError;
use crate::http::response::{self, Body};
use crate::http::sign_in::Caller;

#[derive(Serialize)]
struct HealthAnswer {
    state: State,
    checks: Vec<Finding>,
}

/// `GET /api/administration/health`: every check, made now.
pub(in crate::http) async fn show(app: &Arc<App>, caller: Caller) -> Result<Response<Body>, HttpError> {
    app.administrator(caller).await?;
    // One at a time: they write to the disk to see how fast it is.
    let _place = app.traffic.health.acquire().await.expect("never closed");
    let looking = Arc::clone(app);
    let checks = tokio::task::spawn_blocking(move || {
        health::examine(&Inputs {
            machine: &Machine::this(),
            data: looking.store.directory(),
            now: looking.clock.now(),
            store: Some(&looking.store),
            search: Some(&looking.search),
            certificates: looking.traffic.certificates.get().map_or(&[], Vec::as_slice),
            backups: health::Backups::of(&looking.store),
        })
    });
    let checks = checks.await.map_err(|error| {
        tracing::error!(%error, "the checks of the machine broke off");
        HttpError::internal()
    })?;
    Ok(response::json(StatusCode::OK, &HealthAnswer { state: health::worst(&checks), checks }))
}
