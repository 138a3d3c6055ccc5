//! The simulator as the business meets it: over HTTP on both sides.

use std::collections::VecDeque;
use std::convert::Infallible;

use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::timeout;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

/// A business that takes webhooks: answers the handshake, checks signatures, answers as told, keeps what it got.
struct Business {
    url: String,
    bodies: mpsc::UnboundedReceiver<String>,
    waiting: VecDeque<(Value, &'static str)>,
}

impl Business {
    /// The first posts are answered with `first_answers`, all others with 200.
    async fn open(first_answers: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("it is bound"));
        let (got, bodies) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(VecDeque::from(first_answers.to_vec())));
        let signer = Signer::new(&SimulatorConfig::default().app_secret);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (got, answers, signer) = (got.clone(), Arc::clone(&answers), signer.clone());
                let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                    let (got, answers, signer) = (got.clone(), Arc::clone(&answers), signer.clone());
                    async move { Ok::<_, Infallible>(receive(request, &got, &answers, &signer).await) }
                });
                tokio::spawn(async move {
                    let builder = hyper::server::conn::http1::Builder::new();
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { url, bodies, waiting: VecDeque::new() }
    }

    async fn body(&mut self) -> String {
        timeout(PATIENCE, self.bodies.recv()).await.expect("a webhook in time").expect("the business is open")
    }

    /// The next message or status, in the order of arrival.
    async fn update(&mut self) -> (Value, &'static str) {
        while self.waiting.is_empty() {
            let body: Value = serde_json::from_str(&self.body().await).expect("JSON");
            for change in body["entry"][0]["changes"].as_array().expect("changes") {
                for key in ["messages", "statuses"] {
                    for update in change["value"][key].as_array().into_iter().flatten() {
                        self.waiting.push_back((update.clone(), key));
                    }
                }
            }
        }
        self.waiting.pop_front().expect("not empty")
    }

    async fn statuses(&mut self, count: usize) -> Vec<String> {
        let mut statuses = Vec::new();
        while statuses.len() < count {
            if let (update, "statuses") = self.update().await {
                statuses.push(update["status"].as_str().expect("a text").to_owned());
            }
        }
        statuses
    }

    async fn is_quiet(&mut self) -> bool {
        timeout(Duration::from_millis(300), self.bodies.recv()).await.is_err()
    }
}

async fn receive(
    request: Request<hyper::body::Incoming>,
    got: &mpsc::UnboundedSender<String>,
    answers: &Mutex<VecDeque<u16>>,
    signer: &Signer,
) -> Response<Full<Bytes>> {
    if request.method() == Method::GET {
        let query = request.uri().query().unwrap_or_default();
        let token = graph::query_value(query, "hub.verify_token").expect("a token");
        let right = token == SimulatorConfig::default().verify_token;
        let challenge = graph::query_value(query, "hub.challenge").expect("a challenge").into_owned();
        let answer = Response::builder().status(if right { 200 } else { 403 });
        return answer.body(Full::from(challenge)).expect("a response");
    }
    assert_eq!(request.headers()["user-agent"], "facebookexternalua");
    let signature = request.headers()["x-hub-signature-256"].to_str().expect("ASCII").to_owned();
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(signature, signer.header(&body), "every webhook is signed");
    let status = answers.lock().expect("no panic").pop_front().unwrap_or(200);
    got.send(String::from_utf8(body.to_vec()).expect("ASCII")).ok();
    Response::builder().status(status).body(Full::default()).expect("a response")
}

fn amina() -> Customer {
    SimulatorConfig::default().customers[0].clone()
}

fn quick() -> SimulatorConfig {
    SimulatorConfig { status_delay: Duration::from_millis(5), ..SimulatorConfig::default() }
}

async fn simulator(config: SimulatorConfig, business: &Business) -> Simulator {
    let config = SimulatorConfig { webhook_url: Some(business.url.clone()), ..config };
    Simulator::start(config).await.expect("it starts")
}

async fn call(simulator: &Simulator, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
    call_with(simulator, method, path, &SimulatorConfig::default().access_token, body).await
}

/// The answer, or `None` if the connection broke.
async fn call_with(
    simulator: &Simulator,
    method: &str,
    path: &str,
    token: &str,
    body: Option<Value>,
) -> Option<(u16, Value)> {
    let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http();
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}{path}", simulator.local_addr()))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(body.map(|body| body.to_string()).unwrap_or_default()))
        .expect("a request");
    let response = timeout(PATIENCE, client.request(request)).await.expect("an answer in time").ok()?;
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&bytes).unwrap_or_default()))
}

async fn send(simulator: &Simulator, body: Value) -> Option<(u16, Value)> {
    let mut whole = json!({"messaging_product": "whatsapp", "to": format!("+{}", amina().wa_id)});
    whole.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
    call(simulator, "POST", "/v23.0/106540352242922/messages", Some(whole)).await
}

async fn send_text(simulator: &Simulator, text: &str) -> Option<(u16, Value)> {
    send(simulator, json!({"type": "text", "text": {"body": text}, "biz_opaque_callback_data": "m7"})).await
}

fn code(answer: &Option<(u16, Value)>) -> (u16, u64) {
    let (status, body) = answer.as_ref().expect("an answer");
    (*status, body["error"]["code"].as_u64().unwrap_or_default())
}

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
async fn provoked_graph_faults_strike_and_pass() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { window_rule: WindowRule::Ignored, ..quick() }, &business).await;
    let mut outbound = simulator.outbound();
    let faults = |faults| simulator.set_faults(faults);
    let answer = |code, http_status| ErrorAnswer { code, http_status, retry_after_s: 3 };
    let error = |code, http_status| Faults {
        graph_error: Occurrence::next(1),
        graph_error_answer: answer(code, http_status),
        ..Faults::default()
    };
    faults(error(131_056, 0));
    assert_eq!(code(&send_text(&simulator, "a").await), (400, 131_056));
    faults(error(4, 429));
    assert_eq!(code(&send_text(&simulator, "b").await), (429, 4));
    faults(error(0, 0));
    assert_eq!(code(&send_text(&simulator, "c").await), (503, 0));
    faults(Faults { graph_dropped: Occurrence::next(1), ..Faults::default() });
    assert_eq!(send_text(&simulator, "d").await, None);
    assert!(outbound.try_recv().is_err(), "nothing was accepted so far");
    faults(Faults { graph_reset_after_accept: Occurrence::next(1), ..Faults::default() });
    assert_eq!(send_text(&simulator, "e").await, None);
    assert_eq!(outbound.try_recv().expect("accepted before the reset").text, "e");
    assert_eq!(business.statuses(2).await, ["sent", "delivered"]);
    faults(Faults { graph_hang: Occurrence::next(1), graph_hang_ms: 150, ..Faults::default() });
    let started = Instant::now();
    assert_eq!(code(&send_text(&simulator, "f").await), (200, 0));
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(code(&send_text(&simulator, "g").await), (200, 0));
}

#[tokio::test]
async fn provoked_status_faults_strike() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(SimulatorConfig { window_rule: WindowRule::Ignored, ..quick() }, &business).await;
    simulator.set_faults(Faults {
        status_failed: Occurrence::next(1),
        status_failed_code: 131_049,
        ..Faults::default()
    });
    send_text(&simulator, "a").await;
    let (status, _) = business.update().await;
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131_049)));
    simulator.set_faults(Faults { statuses_before_answer: true, ..Faults::default() });
    send_text(&simulator, "b").await;
    assert_eq!(business.bodies.len(), 2, "sent and delivered came before the answer");
    assert_eq!(business.statuses(2).await, ["sent", "delivered"]);
    simulator.set_faults(Faults { statuses_withheld: true, ..Faults::default() });
    send_text(&simulator, "c").await;
    assert!(business.is_quiet().await);
}

#[tokio::test]
async fn provoked_webhook_faults_strike() {
    let mut business = Business::open(&[]).await;
    let simulator = simulator(quick(), &business).await;
    simulator.set_faults(Faults { webhook_duplicated: Occurrence::always(), ..Faults::default() });
    simulator.customer_writes(amina(), "twice").await;
    assert_eq!(business.body().await, business.body().await);
    simulator.set_faults(Faults {
        webhook_held_back: Occurrence::next(1),
        webhook_held_back_ms: 100,
        ..Faults::default()
    });
    simulator.customer_writes(amina(), "first").await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    simulator.customer_writes(amina(), "second").await;
    assert_eq!(business.update().await.0["text"]["body"], "second");
    assert_eq!(business.update().await.0["text"]["body"], "first");
    simulator.set_faults(Faults { webhook_batch_updates: 3, ..Faults::default() });
    for text in ["a", "b", "c"] {
        simulator.customer_writes(amina(), text).await;
    }
    let body: Value = serde_json::from_str(&business.body().await).expect("JSON");
    assert_eq!(body["entry"][0]["changes"][0]["value"]["messages"].as_array().expect("a list").len(), 3);
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
async fn the_port_is_free_after_shutdown() {
    let simulator = Simulator::start(quick()).await.expect("it starts");
    let listen = simulator.local_addr();
    simulator.shutdown().await;
    Simulator::start(SimulatorConfig { listen, ..quick() }).await.expect("the port is free");
}
