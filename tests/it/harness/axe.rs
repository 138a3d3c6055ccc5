//! axe-core in a page: what it finds that keeps people from using it.
//!
//! The version is pinned in `tests/browser/package.json` and installed under `target/`. Without npm a test says that it
//! is skipped, or fails when `REQUIRE_BROWSER=1` is set.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::chromium::{Page, REQUIRED};
use super::program::{program, run};

/// The source of axe-core.
pub(crate) struct Axe(String);

impl Axe {
    /// Installs it where it is not there yet; tests that ask meanwhile wait, because npm spoils a folder that two of it
    /// work in.
    pub(crate) fn installed() -> Option<Self> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let npm = program("npm", REQUIRED)?;
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = include_str!("../../browser/package.json");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
        let (package, script) = (folder.join("package.json"), folder.join("node_modules/axe-core/axe.min.js"));
        if std::fs::read_to_string(&package).is_ok_and(|there| there == wanted)
            && let Ok(source) = std::fs::read_to_string(&script)
        {
            return Some(Self(source));
        }
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("the target folder takes folders");
        std::fs::write(&package, wanted).expect("the target folder takes files");
        run(
            Command::new(npm)
                .args(["install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"])
                .current_dir(&folder),
            "installing axe-core",
        );
        Some(Self(std::fs::read_to_string(script).expect("it was installed just now")))
    }

    /// Fails with everything that it finds on what the page shows now, in light and in dark.
    pub(crate) async fn finds_nothing(&self, page: &Page, what: &str) {
        page.evaluate(&self.0).await;
        for colours in ["light", "dark"] {
            page.prefer(colours).await;
            let found = page.evaluate_later(RUN).await;
            assert_eq!(found["dark"], colours == "dark", "{what}: the page follows the preference");
            let violations: Vec<&Value> = found["violations"].as_array().expect("a list").iter().collect();
            assert!(violations.is_empty(), "{what} in {colours}: {violations:#?}");
        }
    }
}

/// Animations are brought to their end first, so that no colour is measured half-way.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    for (const animation of document.getAnimations())
      if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
    axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done({
      dark: matchMedia('(prefers-color-scheme: dark)').matches,
      violations: violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
      })),
    }), (error) => done({ violations: [String(error)] }));";
