//! The simulator as the business meets it: over HTTP on both sides. Here: a business to test with.

use std::collections::VecDeque;
use std::convert::Infallible;

use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::time::timeout;

use super::*;

mod faults;
mod graph_calls;
mod webhooks;

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
