//! What the business calls: Graph and the control API.

use super::*;

#[tokio::test]
async fn an_answer_is_accepted_told_to_subscribers_and_gets_its_statuses_in_order() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { read_automatically: true, ..quick() }, &business).await;
    let mut outbound = simulator.outbound();
    simulator.customer_writes(amina(), "hello").await;
    business.update().await;
    let (status, answer) = send_text(&simulator, "Guten Tag").await.expect("an answer");
    assert_eq!(status, 200);
    assert_eq!(answer["contacts"][0], json!({"input": "+16505551234", "wa_id": "16505551234"}));
    let told = outbound.recv().await.expect("it is told");
    assert_eq!((told.text.as_str(), told.opaque.as_deref()), ("Guten Tag", Some("m7")));
    assert_eq!(answer["messages"][0]["id"], *told.wamid);
    for expected in ["sent", "delivered", "read"] {
        let (status, _) = business.update().await;
        assert_eq!((&status["status"], &status["id"]), (&json!(expected), &json!(told.wamid)));
        assert_eq!(status["biz_opaque_callback_data"], "m7");
        assert_eq!(status["recipient_id"], "16505551234");
    }
    while simulator.under_way() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_user_id_reaches_the_same_customer() {
    let business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    simulator.customer_writes(amina(), "hello").await;
    let user_id = world::user_id_of(&amina().wa_id);
    let body = json!({"messaging_product": "whatsapp", "recipient": user_id, "type": "text", "text": {"body": "x"}});
    let answer = call(&simulator, "POST", "/106540352242922/messages", Some(body)).await.expect("an answer");
    assert_eq!(answer.1["contacts"][0], json!({"input": user_id, "user_id": user_id}));
}

#[tokio::test]
async fn graph_refuses_what_it_should() {
    let business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { messages_per_s_max: Some(1000), ..quick() }, &business).await;
    let path = "/v23.0/106540352242922/messages";
    assert_eq!(code(&call_with(&simulator, "POST", path, "wrong", Some(json!({}))).await), (401, 190));
    assert_eq!(code(&call(&simulator, "POST", path, Some(json!({"to": "1"}))).await), (400, 100));
    assert_eq!(code(&call(&simulator, "POST", "/v23.0/999/messages", Some(json!({}))).await), (400, 100));
    assert_eq!(code(&send_text(&simulator, "never wrote").await), (400, 131_047));
    let template = json!({"type": "template", "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    assert_eq!(code(&send(&simulator, template).await), (200, 0));
    simulator.customer_writes(amina(), "hello").await;
    assert_eq!(code(&send_text(&simulator, "now it is open").await), (200, 0));
    assert_eq!(code(&send_text(&simulator, &"x".repeat(4097)).await), (400, 100));
    let image = json!({"type": "image", "image": {"id": "404"}});
    assert_eq!(code(&send(&simulator, image).await), (400, 100));
}

#[tokio::test]
async fn the_rate_limit_is_told_with_its_code() {
    let business = Business::open(&[]).await;
    let simulator = simulator(
        SimulatorConfig { messages_per_s_max: Some(0), window_rule: WindowRule::Ignored, ..quick() },
        &business,
    )
    .await;
    assert_eq!(code(&send_text(&simulator, "too much").await), (400, 130_429));
}

#[tokio::test]
async fn a_closed_window_can_also_fail_later() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { window_rule: WindowRule::FailsLater, ..quick() }, &business).await;
    assert_eq!(code(&send_text(&simulator, "hello").await), (200, 0));
    let (status, _) = business.update().await;
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131_047)));
}

#[tokio::test]
async fn the_control_api_plays_customers_and_refuses_nonsense() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    let new = json!({"wa_id": "+44 7700 900123", "name": "Zoë"});
    let (status, customer) = call(&simulator, "POST", "/simulator/customers", Some(new)).await.expect("an answer");
    assert_eq!((status, &customer["wa_id"]), (200, &json!("447700900123")));
    let path = "/simulator/customers/447700900123/messages";
    call(&simulator, "POST", path, Some(json!({"text": "hi"}))).await;
    assert_eq!(business.update().await.0["text"]["body"], "hi");
    let tapped = json!({"tapped": {"kind": "button_reply", "id": "y", "title": "Yes", "wamid": "wamid.Q"}});
    call(&simulator, "POST", path, Some(tapped)).await;
    let (reply, _) = business.update().await;
    assert_eq!(reply["interactive"]["button_reply"], json!({"id": "y", "title": "Yes"}));
    assert_eq!(reply["context"]["id"], "wamid.Q");
    for (method, path, body, expected) in [
        ("POST", "/simulator/customers", json!({"wa_id": "1", "name": "x"}), 422),
        ("POST", "/simulator/customers", json!({"wa_id": "123456", "name": " "}), 422),
        ("POST", "/simulator/customers/1/messages", json!({"text": "hi"}), 404),
        ("POST", path, json!({"text": " "}), 422),
        ("PUT", "/simulator/faults", json!({"unheard_of": 1}), 400),
        ("GET", "/simulator/nothing", json!({}), 404),
    ] {
        let (status, _) = call(&simulator, method, path, Some(body)).await.expect("an answer");
        assert_eq!(status, expected, "{method} {path}");
    }
    let faults = json!({"webhook_duplicated": {"every": 2}});
    call(&simulator, "PUT", "/simulator/faults", Some(faults)).await;
    assert_eq!(simulator.faults().webhook_duplicated.every, 2);
}

#[tokio::test]
async fn the_standing_of_the_business_is_told_by_every_call() {
    let business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    let ask = async |method: &str, path: &str| call(&simulator, method, path, None).await.expect("an answer");
    let (number, apps) = ("/v23.0/106540352242922?fields=status", "/v23.0/102290129340398/subscribed_apps");
    assert_eq!(ask("GET", number).await.1["status"], "CONNECTED");
    let standing = Standing {
        subscribed: false,
        permissions: vec!["whatsapp_business_management".to_owned()],
        number_status: "PENDING".to_owned(),
        ..Standing::default()
    };
    simulator.set_standing(standing);
    assert_eq!(ask("GET", number).await.1["status"], "PENDING");
    let granted = ask("GET", "/v23.0/me/permissions").await.1;
    assert_eq!(granted["data"], json!([{"permission": "whatsapp_business_management", "status": "granted"}]));
    assert_eq!(ask("GET", apps).await.1["data"], json!([]));
    assert_eq!(ask("POST", apps).await.1["success"], true);
    assert_eq!(ask("GET", apps).await.1["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(code(&Some(ask("GET", "/v23.0/me?appsecret_proof=00").await)), (400, 100));
    assert_eq!(code(&Some(ask("GET", "/v23.0/106540352242922/cats").await)), (400, 100), "an edge that is none");
}
