//! Business numbers on the command line: listed, tested against Meta, disconnected.

use std::path::Path;
use std::process::{Command, Output};

use deskbell::simulator::{Simulator, SimulatorConfig, Standing};
use serde_json::{Value, json};

use crate::harness::server::serve;

fn deskbell(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.arg("channel").args(arguments).arg("--data").arg(data).output().expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

#[test]
fn numbers_are_listed_tested_and_disconnected() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let config = SimulatorConfig::default();
    let simulator = runtime.block_on(Simulator::start(config.clone())).expect("the simulator starts");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("writable");
    let file = |name: &str, words: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, words).expect("writable");
        path.to_string_lossy().into_owned()
    };
    let (secret, token) = (file("secret", &config.app_secret), file("token", &config.access_token));
    let graph = format!("http://{}", simulator.local_addr());
    let id = config.phone_number_id.as_str();
    let add = [
        "add",
        "--name",
        "Front desk",
        "--phone-number-id",
        id,
        "--waba-id",
        &config.business_account_id,
        "--display-number",
        &config.display_number,
        "--app-secret-file",
        &secret,
        "--verify-token",
        "word",
        "--access-token-file",
        &token,
        "--graph-url",
        &graph,
    ];
    assert_eq!(said(&deskbell(&data, &["list"])), "No number is connected.\n");
    assert!(deskbell(&data, &add).status.success());
    // On a stopped store, and through a running server.
    let named = |action: &'static str| [action, "--phone-number-id", id];
    for running in [false, true] {
        let _server = running.then(|| serve(&data));
        let listed: Value = serde_json::from_slice(&deskbell(&data, &["list", "--json"]).stdout).expect("JSON");
        assert_eq!((&listed[0]["phone_number_id"], &listed[0]["troubled"]), (&json!(id), &json!(false)));
        simulator.set_standing(Standing::default());
        let right = deskbell(&data, &named("test"));
        assert!(right.status.success(), "{}", said(&right));
        assert!(said(&right).contains("   ok  subscription: Subscribed"), "{}", said(&right));
        simulator.set_standing(Standing { subscribed: false, ..Standing::default() });
        let wrong = deskbell(&data, &named("test"));
        assert_eq!(wrong.status.code(), Some(1), "{}", said(&wrong));
        assert!(said(&wrong).contains("WRONG  subscription: No app"), "{}", said(&wrong));
    }
    let removed = deskbell(&data, &named("remove"));
    assert!(removed.status.success(), "{}", said(&removed));
    for action in ["test", "remove"] {
        let again = deskbell(&data, &named(action));
        assert_eq!(again.status.code(), Some(2), "{}", said(&again));
        assert!(said(&again).contains("channel list"), "it says where to look: {}", said(&again));
    }
    assert!(deskbell(&data, &add).status.success(), "it can be connected again");
    runtime.block_on(simulator.shutdown());
}

#[test]
fn a_test_calls_the_hosts_of_the_configuration_and_no_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("writable");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "word").expect("writable");
    let secret = secret.to_string_lossy();
    // Nobody listens there.
    let far = ["--graph-url", "https://127.0.0.2", "--phone-number-id", "7", "--display-number", "7", "--name", "Far"];
    let secrets = ["--app-secret-file", &secret, "--access-token-file", &secret, "--verify-token", "word"];
    let added = deskbell(&data, &[&["add"], &far[..], &secrets[..]].concat());
    assert!(added.status.success(), "{}", said(&added));
    for (hosts, words) in [("graph.facebook.com", "none that graph_hosts allows"), ("127.0.0.2", "refused")] {
        std::fs::write(data.join("deskbell.toml"), format!("graph_hosts = [\"{hosts}\"]\n")).expect("writable");
        for running in [false, true] {
            let _server = running.then(|| serve(&data));
            let told = said(&deskbell(&data, &["test", "--phone-number-id", "7"]));
            assert!(told.contains("cannot be reached") && told.contains(words), "{hosts}, server {running}: {told}");
        }
    }
}
