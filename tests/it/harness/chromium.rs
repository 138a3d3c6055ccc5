//! A real browser: pages opened in Chromium through its driver, and what a person does and sees there.
//!
//! Needs `chromium` and `chromedriver`; without them a test says that it is skipped, or fails when `REQUIRE_BROWSER=1`
//! is set. Invariants: each page has a browser and a profile of its own; nothing waits for a time, only for what is to be
//! seen; the driver ends with the test binary, however that ends.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::{ParseError, Url};

use super::program::program;

/// The variable that makes a missing browser a failure.
pub(crate) const REQUIRED: &str = "REQUIRE_BROWSER";
/// Longer than anything here may take, also beside the other tests.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(25);
const FLAGS: [&str; 11] = [
    // A microphone that beeps, and is given to whoever asks.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
];
/// Ends the driver and its browsers when our end of the pipe closes, and removes their profiles (a browser writes to its
/// own until its very end): also after an abort nothing is left behind.
const GUARD: &str = r#"setsid chromedriver --port=0 & cat >/dev/null; kill -s KILL -- -$!; wait; rm -rf "$0""#;

/// The driver of all tests in this binary, and the runtime in which they talk to it.
struct Driver {
    url: String,
    runtime: Runtime,
    profiles: PathBuf,
    _guard: Child,
    _log: BufReader<ChildStdout>,
}

impl Driver {
    fn start() -> Option<Self> {
        program("chromium", REQUIRED)?;
        program("chromedriver", REQUIRED)?;
        let profiles =
            tempfile::Builder::new().prefix("deskbell-chromium-").tempdir().expect("a temporary folder").keep();
        let mut guard = Command::new("sh")
            .args(["-c", GUARD])
            .arg(&profiles)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        let mut log = BufReader::new(guard.stdout.take().expect("it is piped"));
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(log.read_line(&mut line).is_ok_and(|read| read > 0), "chromedriver tells no port");
            let told = line.rsplit("port ").next().and_then(|rest| rest.trim().trim_end_matches('.').parse().ok());
            if let Some(port) = told.filter(|port: &u16| *port > 0) {
                break port;
            }
        };
        let runtime = Runtime::new().expect("a runtime starts");
        Some(Self { url: format!("http://127.0.0.1:{port}"), runtime, profiles, _guard: guard, _log: log })
    }
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    DRIVER.get_or_init(Driver::start).as_ref()
}

/// Runs a scenario where there is a browser.
pub(crate) fn scenario(play: impl Future<Output = ()>) {
    if let Some(driver) = driver() {
        driver.runtime.block_on(play);
    }
}

/// A page in a browser of its own.
///
/// A *hook* names an element by its `data-test`, and may go on as a CSS selector: `offer`, `message[data-delivery=read]`,
/// `offer h3`. Only what can be seen counts.
pub(crate) struct Page {
    client: Client,
}

impl Page {
    /// Starts a browser and opens an address.
    pub(crate) async fn open(address: &str) -> Self {
        let driver = driver().expect("a scenario runs only with a driver");
        let profile = tempfile::tempdir_in(&driver.profiles).expect("a temporary folder").keep();
        let mut arguments = FLAGS.map(str::to_owned).to_vec();
        arguments.push("--window-size=1280,800".to_owned());
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        }) else {
            unreachable!("it is written as an object");
        };
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url).await;
        let page = Self { client: client.expect("Chromium starts") };
        page.go(address).await;
        page
    }

    pub(crate) async fn go(&self, address: &str) {
        self.client.goto(address).await.expect("the page opens");
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.expect("the page opens again");
    }

    /// Ends the browser; the page must not have complained meanwhile (a request that failed is no complaint).
    pub(crate) async fn close(self) {
        let log = self.client.issue_cmd(Chrome::new("se/log", json!({ "type": "browser" }))).await.expect("a log");
        let entries = log.as_array().cloned().unwrap_or_default();
        let complaints: Vec<_> =
            entries.iter().filter(|entry| entry["level"] == "SEVERE" && entry["source"] != "network").collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
        self.client.close().await.expect("Chromium ends");
    }

    /// Waits until the hook is to be seen.
    pub(crate) async fn see(&self, hook: &str) {
        self.wait(hook, "found.length > 0", Value::Null).await;
    }

    /// Waits until one of the hook's elements has these words in it.
    pub(crate) async fn read(&self, hook: &str, words: &str) {
        self.wait(hook, "found.some((node) => node.textContent.includes(wanted))", words.into()).await;
    }

    /// Waits until the hook's field holds this text.
    pub(crate) async fn read_field(&self, hook: &str, text: &str) {
        self.wait(hook, "found.some((node) => node.value === wanted)", text.into()).await;
    }

    /// Waits until nothing of the hook is to be seen.
    pub(crate) async fn see_no(&self, hook: &str) {
        self.wait(hook, "found.length === 0", Value::Null).await;
    }

    /// How many there are to be seen now.
    pub(crate) async fn count(&self, hook: &str) -> u64 {
        self.look(hook, "found.length", Value::Null).await.as_u64().expect("a number")
    }

    /// The words of the first one.
    pub(crate) async fn words(&self, hook: &str) -> String {
        self.see(hook).await;
        self.look(hook, "found[0].textContent", Value::Null).await.as_str().expect("a text").to_owned()
    }

    pub(crate) async fn click(&self, hook: &str) {
        self.act(hook, async |element| element.click().await).await;
    }

    /// Types; `\u{E007}` is Enter.
    pub(crate) async fn write(&self, hook: &str, keys: &str) {
        self.act(hook, async |element| element.send_keys(keys).await).await;
    }

    /// Types on where the cursor is.
    pub(crate) async fn write_on(&self, keys: &str) {
        let element = self.client.active_element().await.expect("something has the focus");
        element.send_keys(keys).await.expect("it takes keys");
    }

    /// Chooses from a list by what stands there.
    pub(crate) async fn choose(&self, hook: &str, label: &str) {
        self.act(hook, async |element| element.select_by_label(label).await).await;
    }

    /// A row may be replaced by a newer one between finding and clicking: then again.
    async fn act(&self, hook: &str, act: impl AsyncFn(fantoccini::elements::Element) -> Result<(), CmdError>) {
        let selector = selector(hook);
        let begun = Instant::now();
        loop {
            self.see(hook).await;
            let done = async { act(self.client.find(Locator::Css(&selector)).await?).await }.await;
            match done {
                Ok(()) => return,
                Err(error) if begun.elapsed() > PATIENCE => panic!("{hook}: {error}"),
                Err(_) => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// Evaluates a function body in the page.
    pub(crate) async fn evaluate(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Evaluates a function body that ends by calling its last argument.
    pub(crate) async fn evaluate_later(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What the page's own thread has worked on scripts, styles and layout, in milliseconds of its processor time: beside
    /// other tests the time on the wall says little.
    pub(crate) async fn worked_ms(&self) -> f64 {
        self.devtools("Performance.enable", json!({ "timeDomain": "threadTicks" })).await;
        let answer = self.devtools("Performance.getMetrics", json!({})).await;
        let metrics = answer["metrics"].as_array().expect("a list");
        let of = |name: &str| metrics.iter().find(|one| one["name"] == name).and_then(|one| one["value"].as_f64());
        let parts = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"];
        parts.iter().map(|name| of(name).expect("Chromium measures it")).sum::<f64>() * 1_000.0
    }

    pub(crate) async fn devtools(&self, command: &str, params: Value) -> Value {
        let body = json!({ "cmd": command, "params": params });
        self.client.issue_cmd(Chrome::new("goog/cdp/execute", body)).await.expect("Chromium knows this command")
    }

    /// Shows the page as to a person who prefers `light` or `dark`.
    pub(crate) async fn prefer(&self, colours: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    async fn wait(&self, hook: &str, condition: &str, wanted: Value) {
        let begun = Instant::now();
        while self.look(hook, condition, wanted.clone()).await != true {
            if begun.elapsed() > PATIENCE {
                let shown = self.evaluate("return document.body.innerText").await;
                panic!(
                    "{hook}: {condition}: {wanted} did not come true. The page shows:\n{}",
                    shown.as_str().unwrap_or_default()
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look(&self, hook: &str, expression: &str, wanted: Value) -> Value {
        let script = format!(
            "const [selector, wanted] = arguments;
             const found = [...document.querySelectorAll(selector)].filter((node) => node.checkVisibility());
             return {expression};"
        );
        let answer = self.client.execute(&script, vec![selector(hook).into(), wanted]).await;
        answer.unwrap_or_else(|error| panic!("{hook}: {error}"))
    }
}

fn selector(hook: &str) -> String {
    let end = hook.find(|letter: char| !letter.is_alphanumeric() && letter != '-' && letter != '_');
    let (name, rest) = hook.split_at(end.unwrap_or(hook.len()));
    format!("[data-test=\"{name}\"]{rest}")
}

/// A command of this browser's own.
#[derive(Debug)]
struct Chrome {
    path: &'static str,
    body: Value,
}

impl Chrome {
    fn new(path: &'static str, body: Value) -> Self {
        Self { path, body }
    }
}

impl WebDriverCompatibleCommand for Chrome {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
