//! Whether the process lives, and whether it can do its work: for systemd, load balancers and people.

use hyper::{Response, StatusCode};

use crate::store::StoreState;

use super::App;
use super::response::{self, Body};

/// `GET /healthz`: the process answers.
pub(super) fn live() -> Response<Body> {
    response::text(StatusCode::OK, "ok")
}

/// `GET /readyz`: messages can be taken and answered.
pub(super) fn ready(app: &App) -> Response<Body> {
    match &*app.store.state().borrow() {
        StoreState::Ready => response::text(StatusCode::OK, "ready"),
        StoreState::Unavailable(reason) => {
            response::text(StatusCode::SERVICE_UNAVAILABLE, format!("The store cannot be written: {reason}"))
        }
    }
}
