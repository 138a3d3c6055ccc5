//! Independent SDKs against the simulator: what nobody here wrote must not notice that this is not Meta.
//!
//! Needs Python or Node and their package registries; without them a test says that it is skipped, or fails when
//! `REQUIRE_SDKS=1` is set.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use deskbell::simulator::{Simulator, SimulatorConfig};

use crate::harness::program::{program, run};

/// The variable that makes a missing program a failure.
const REQUIRED: &str = "REQUIRE_SDKS";

/// What is run with Node.
const CHECKS: [&str; 2] = ["kapso_check.mjs", "great_detail_check.mjs"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pywa_sends_to_the_simulator_and_receives_from_it() {
    let Some(python) = program("python3", REQUIRED) else {
        return;
    };
    let folder = installed_folder("pywa");
    let venv = folder.path().join("venv");
    run(Command::new(python).args(["-m", "venv"]).arg(&venv), "making a virtual environment");
    let python = venv.join("bin/python");
    run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(scripts().join("requirements.txt")),
        "installing pywa",
    );
    check(Command::new(python).arg(scripts().join("pywa_check.py"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sdks_of_node_send_to_the_simulator_and_receive_from_it() {
    let (Some(node), Some(npm)) = (program("node", REQUIRED), program("npm", REQUIRED)) else {
        return;
    };
    let folder = installed_folder("node");
    // Node looks for packages beside the script: it runs from where they are installed.
    for file in ["package.json", "simulator.mjs", CHECKS[0], CHECKS[1]] {
        std::fs::copy(scripts().join(file), folder.path().join(file)).expect("the folder takes files");
    }
    run(
        Command::new(npm)
            .args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(folder.path()),
        "installing @kapso/whatsapp-cloud-api and @great-detail/whatsapp",
    );
    for file in CHECKS {
        check(Command::new(node).arg(folder.path().join(file))).await;
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk")
}

fn installed_folder(name: &str) -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix(&format!("deskbell-sdk-{name}-"))
        .tempdir()
        .expect("there is room for temporary files")
}

/// Runs a script against a fresh simulator.
async fn check(command: &mut Command) {
    let config = SimulatorConfig { status_delay: Duration::from_millis(5), ..SimulatorConfig::default() };
    let simulator = Simulator::start(config.clone()).await.expect("the simulator starts");
    command
        .env("SIMULATOR_URL", format!("http://{}", simulator.local_addr()))
        .env("ACCESS_TOKEN", &config.access_token)
        .env("PHONE_NUMBER_ID", &config.phone_number_id)
        .env("BUSINESS_ACCOUNT_ID", &config.business_account_id)
        .env("APP_SECRET", &config.app_secret)
        .env("VERIFY_TOKEN", &config.verify_token);
    let output = tokio::task::block_in_place(|| command.output()).expect("the script runs");
    simulator.shutdown().await;
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(simulator.counts().refused, 0, "the SDK took every webhook at once");
}
