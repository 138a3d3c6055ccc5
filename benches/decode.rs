//! How long a webhook body takes to become commands, and its signature to be checked.
//!
//! Figures to hold: a typical body under 20 microseconds, 1,000 updates under 10 milliseconds.

#![allow(clippy::print_stdout, reason = "a bench reports on its output")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use deskbell::domain::time::Timestamp;
use deskbell::whatsapp::signature;
use deskbell::whatsapp::webhook::decode;

/// Meta's form: escaped, one message or status with all that rides along.
fn update(number: usize) -> String {
    if number.is_multiple_of(2) {
        format!(
            r#"{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550001000","phone_number_id":"106540352242922"}},"contacts":[{{"profile":{{"name":"Jo\u00e3o da Silva"}},"wa_id":"5511900{number:06}"}}],"messages":[{{"from":"5511900{number:06}","id":"wamid.HBgNNTUxMTkwMDAwMDAwMRUCABIYFDNB{number:012}","timestamp":"1790000000","type":"text","text":{{"body":"Bom dia \ud83d\udc4b meu pedido 12\/{number} ainda n\u00e3o chegou, podem ver onde est\u00e1?"}}}}]}}}}"#
        )
    } else {
        format!(
            r#"{{"field":"messages","value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550001000","phone_number_id":"106540352242922"}},"statuses":[{{"id":"wamid.HBgNNTUxMTkwMDAwMDAwMRUCABEYEjBB{number:012}","status":"delivered","timestamp":"1790000000","recipient_id":"5511900{number:06}","biz_opaque_callback_data":"0a1b2c3d.{number}","conversation":{{"id":"6ceb9d929c9bdc4f90e967a32f8639b4","origin":{{"type":"service"}}}},"pricing":{{"billable":true,"pricing_model":"PMP","category":"service"}}}}]}}}}"#
        )
    }
}

fn body(updates: std::ops::Range<usize>) -> String {
    let changes: Vec<_> = updates.map(update).collect();
    format!(r#"{{"object":"whatsapp_business_account","entry":[{{"id":"9000","changes":[{}]}}]}}"#, changes.join(","))
}

/// Median of `rounds`.
fn median(rounds: usize, mut work: impl FnMut()) -> Duration {
    let mut times: Vec<_> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn main() {
    for (name, body, rounds) in [
        ("one message", body(0..1), 20_000),
        ("one status", body(1..2), 20_000),
        ("1,000 updates", body(0..1_000), 200),
    ] {
        let bytes = body.as_bytes();
        let time = median(rounds, || {
            black_box(decode(black_box(bytes), "0a1b2c3d", Timestamp(0)).expect("an envelope"));
        });
        let sign = median(rounds, || {
            black_box(signature::sign(b"0123456789abcdef0123456789abcdef", black_box(bytes)));
        });
        println!("{name}: {} bytes, decode {time:?}, sign {sign:?}", bytes.len());
    }
}
