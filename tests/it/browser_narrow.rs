//! The pages on narrow screens: a phone of 360 pixels, and a page enlarged until 320 are left (WCAG 2.2, 1.4.10).

use serde_json::json;

use crate::harness::centre::Centre;
use crate::harness::chromium::{Page, scenario};

const ESCAPE: char = '\u{E00C}';
/// Ctrl and K, and all keys let go.
const PALETTE: &str = "\u{E009}k\u{E000}";
const LONG: &str = "Hello, my parcel with the number AB-1234-5678-9012-3456-7890-ABCD has not arrived, and I am getting a \
                    little nervous, because https://example.com/a/very/long/address/of/a/tracking/page/without/an/end \
                    says nothing";

/// A window of this width, CSS pixels.
async fn narrow(page: &Page, width: u32) {
    let screen = json!({ "width": width, "height": 740, "deviceScaleFactor": 1, "mobile": false });
    page.devtools("Emulation.setDeviceMetricsOverride", screen).await;
}

/// Nothing sticks out at the side, in any of the widths.
pub(crate) async fn fits(page: &Page, what: &str) {
    for width in [640, 360, 320] {
        narrow(page, width).await;
        let found = page.evaluate(STICKS_OUT).await;
        assert_eq!(found, json!([]), "{what} at {width} px");
    }
    narrow(page, 360).await;
}

/// What makes the page wider than its window.
const STICKS_OUT: &str = "
    if (document.documentElement.scrollWidth <= innerWidth) return [];
    const out = (node) => node.checkVisibility() && node.getBoundingClientRect().right > innerWidth + 1;
    return [document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')].filter(out).slice(0, 8)
      .map((node) => `${node.localName}.${node.getAttribute('class')}`)];";

#[test]
fn everything_fits_and_is_done_on_a_phone_of_360_pixels() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.page(), centre.phone());
        agent.see("sign-in-submit").await;
        fits(&agent, "sign-in").await;
        agent.sign_in("ana", crate::harness::desk::PASSWORD).await;
        agent.see("presence-button").await;
        fits(&agent, "an empty desk").await;
        agent.click("presence-button").await;
        agent.see("settings").await;
        fits(&agent, "the presence menu").await;
        agent.click("settings").await;
        agent.see("setting-language").await;
        fits(&agent, "the settings").await;
        agent.write("setting-language", &ESCAPE.to_string()).await;

        agent.become_ready().await;
        phone.customer_writes(LONG).await;
        agent.see("offer").await;
        fits(&agent, "an offer").await;
        agent.click("offer-accept").await;
        agent.read("transcript", "my parcel").await;
        agent.agent_writes(LONG).await;
        phone.read("phone-message[data-from=business]", "my parcel").await;
        fits(&agent, "a conversation").await;
        for part in ["case", "side"] {
            agent.click(&format!("pane-{part}")).await;
            fits(&agent, part).await;
        }
        agent.click("pane-chat").await;
        for (place, hook) in [("communication", "contact-row"), ("history", "my-history-row")] {
            agent.evaluate(&format!("location.hash = '#/{place}'")).await;
            agent.see(hook).await;
            fits(&agent, place).await;
            agent.click(hook).await;
            agent.see_no(hook).await;
            fits(&agent, &format!("one of {place}")).await;
        }
        agent.evaluate("document.activeElement.blur()").await;
        agent.write_on(PALETTE).await;
        agent.see("palette-text").await;
        fits(&agent, "the palette").await;
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}

#[test]
fn on_a_wide_screen_an_offer_leaves_the_desk_free() {
    scenario(async {
        let centre = Centre::open().await;
        let (agent, phone) = tokio::join!(centre.agent("ana"), centre.phone());
        agent.become_ready().await;
        phone.customer_writes(LONG).await;
        agent.see("offer").await;
        for width in [1_024, 1_440, 1_920] {
            narrow(&agent, width).await;
            let wide = agent.evaluate("return document.querySelector('[data-test=offer]').offsetWidth").await;
            assert!(wide.as_u64().is_some_and(|wide| wide <= 360), "{wide} of {width} px");
        }
        tokio::join!(agent.close(), phone.close());
        centre.close().await;
    });
}
