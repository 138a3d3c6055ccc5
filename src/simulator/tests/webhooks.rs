//! What the business is called with, and what the phones make of it.

use super::*;

#[tokio::test]
async fn a_customer_writes_and_the_business_gets_a_signed_escaped_webhook() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    simulator.verify_webhook().await.expect("the handshake works");
    let wamid = simulator.customer_writes(amina(), "Grüße/😀").await;
    let body = business.body().await;
    assert!(body.contains(r#""body":"Gr\u00fc\u00dfe\/\ud83d\ude00""#), "{body}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let value = &body["entry"][0]["changes"][0]["value"];
    assert_eq!(value["messages"][0]["id"], *wamid);
    assert_eq!(value["contacts"][0]["profile"]["name"], amina().name);
    simulator.shutdown().await;
}

#[tokio::test]
async fn the_handshake_tells_a_wrong_token_from_an_unreachable_business() {
    let business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { verify_token: "other".to_owned(), ..quick() }, &business).await;
    assert!(matches!(simulator.verify_webhook().await, Err(WebhookError::Refused(403))));
    simulator.set_webhook_url("http://127.0.0.1:1/hook").expect("an address");
    assert!(matches!(simulator.verify_webhook().await, Err(WebhookError::Unreachable(_))));
    assert!(matches!(simulator.set_webhook_url("https://a/"), Err(WebhookError::BadUrl)));
}

#[tokio::test]
async fn a_refused_webhook_comes_again_until_it_is_taken_and_later_ones_wait() {
    let mut business = Business::open(&[500, 503, 201]).await;
    let simulator = simulator(quick(), &business).await;
    let first = simulator.customer_writes(amina(), "one").await;
    let second = simulator.customer_writes(amina(), "two").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(business.update().await.0["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids, [&first, &first, &first, &first, &second].map(Clone::clone));
    assert_eq!(simulator.counts().refused, 3);
}

#[tokio::test]
async fn a_webhook_waits_for_its_address() {
    let mut business = Business::open(&[]).await;
    let simulator = Simulator::start(quick()).await.expect("it starts");
    simulator.customer_writes(amina(), "early").await;
    simulator.set_webhook_url(&business.url).expect("an address");
    assert_eq!(business.update().await.0["text"]["body"], "early");
}

#[tokio::test]
async fn an_offline_phone_gets_delivered_later_and_read_when_looked_at() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { window_rule: WindowRule::Ignored, ..quick() }, &business).await;
    let path = format!("/simulator/customers/{}", amina().wa_id);
    call(&simulator, "PUT", &path, Some(json!({"offline": true}))).await;
    send_text(&simulator, "are you there?").await;
    assert_eq!(business.statuses(1).await, ["sent"]);
    assert!(business.is_quiet().await, "nothing is delivered to a phone that is off");
    call(&simulator, "PUT", &path, Some(json!({"offline": false}))).await;
    assert_eq!(business.statuses(1).await, ["delivered"]);
    let (status, _) = call(&simulator, "POST", &format!("{path}/read"), Some(json!({}))).await.expect("an answer");
    assert_eq!(status, 204);
    assert_eq!(business.statuses(1).await, ["read"]);
    call(&simulator, "PUT", &path, Some(json!({"read_receipts": false}))).await;
    send_text(&simulator, "and now?").await;
    assert_eq!(business.statuses(2).await, ["sent", "delivered"]);
    call(&simulator, "POST", &format!("{path}/read"), Some(json!({}))).await;
    assert!(business.is_quiet().await, "no read status without read receipts");
    while simulator.under_way() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn marking_read_and_typing_turn_the_customers_ticks() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    let wamid = simulator.customer_writes(amina(), "hello").await;
    business.update().await;
    let mut events = simulator.shared.world().watch().1;
    let body = json!({"messaging_product": "whatsapp", "status": "read", "message_id": wamid,
        "typing_indicator": {"type": "text"}});
    let answer = call(&simulator, "POST", "/v23.0/106540352242922/messages", Some(body)).await;
    assert_eq!(answer, Some((200, json!({"success": true}))));
    let mut seen = Vec::new();
    while seen.last() != Some(&"typing".to_owned()) {
        let event: Value = serde_json::from_str(&events.recv().await.expect("an event")).expect("JSON");
        seen.push(event["message"]["state"].as_str().or(event["event"].as_str()).expect("a text").to_owned());
    }
    assert_eq!(seen[seen.len() - 2..], ["read", "typing"]);
}

#[tokio::test]
async fn the_port_is_free_after_shutdown() {
    let simulator = Simulator::start(quick()).await.expect("it starts");
    let listen = simulator.local_addr();
    simulator.shutdown().await;
    Simulator::start(SimulatorConfig { listen, ..quick() }).await.expect("the port is free");
}
