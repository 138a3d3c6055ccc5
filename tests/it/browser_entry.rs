//! Getting in, in a real browser: the first administrator by the link, a second factor, a first password.

use std::net::SocketAddr;

use deskbell::appliance::Appliance;
use deskbell::clock::Clock;
use deskbell::control::{self, Request};

use crate::harness::axe::Axe;
use crate::harness::chromium::{Page, scenario};
use crate::harness::desk::MORNING;
use crate::two_factor::authenticator;

/// The link that the command line gives, without the host.
async fn link(data: &std::path::Path) -> String {
    let data = data.to_owned();
    let asked = tokio::task::spawn_blocking(move || control::ask(&data, Request::SetUpLink)).await.expect("no panic");
    let answer = asked.expect("the server answers");
    answer.details.as_str().map(str::to_owned).expect("a link")
}

/// Types in place of what stands there.
async fn rewrite(page: &Page, hook: &str, text: &str) {
    page.evaluate(&format!("document.querySelector('[data-test={hook}]').value = ''")).await;
    page.write(hook, text).await;
}

async fn type_new_password(page: &Page, form: &str, password: &str) {
    rewrite(page, &format!("{form}-password"), password).await;
    rewrite(page, &format!("{form}-again"), password).await;
    page.click(&format!("{form}-submit")).await;
}

#[test]
fn a_new_centre_is_set_up_by_following_the_page_alone_and_people_get_in_in_two_steps() {
    scenario(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Clock::manual(MORNING);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let appliance = Appliance::start(folder.path(), listen, clock.clone()).await.expect("the appliance starts");
        let at = format!("http://{}", appliance.local_addr());
        let axe = Axe::installed();
        let looks = async |page: &Page, what: &str| {
            if let Some(axe) = &axe {
                axe.finds_nothing(page, what).await;
            }
        };

        let admin = Page::open(&format!("{at}/")).await;
        admin.see("set-up-no-link").await;
        let link = link(folder.path()).await;
        let admin_first = admin;
        let admin = Page::open(&format!("{at}{link}")).await;
        admin_first.close().await;
        admin.write("set-up-name", "Ada Lind").await;
        admin.write("set-up-login", "ada").await;
        looks(&admin, "the set-up").await;
        type_new_password(&admin, "set-up", "password1234").await;
        admin.read("set-up-password-trouble", "first that are guessed").await;
        rewrite(&admin, "set-up-password", "rain on a tin roof").await;
        admin.click("set-up-submit").await;
        admin.read("set-up-again-trouble", "not the same").await;
        type_new_password(&admin, "set-up", "rain on a tin roof").await;
        admin.click("factor-submit").await;
        admin.see("factor-key").await;
        looks(&admin, "the picture of a second factor").await;
        let key = admin.words("factor-key").await;
        admin.write("factor-confirm-code", &authenticator(&key, clock.now().0)).await;
        admin.click("factor-confirm-submit").await;
        admin.see("factor-recovery").await;
        looks(&admin, "the recovery codes").await;
        admin.click("factor-done").await;

        // It leads on to the administration pages.
        admin.click("section-people").await;
        admin.see("people-row").await;
        looks(&admin, "the people").await;
        admin.click("people-add").await;
        admin.write("new-person-login", "nia").await;
        admin.write("new-person-name", "Nia Obi").await;
        admin.write("new-person-password", "short").await;
        admin.click("new-person-submit").await;
        admin.read("new-person-password-trouble", "12 to 128").await;
        rewrite(&admin, "new-person-password", "a walk along the canal").await;
        admin.click("new-person-submit").await;
        admin.see("person-password-password").await;
        looks(&admin, "a person").await;
        admin.click("section-own_sign_in").await;
        admin.read("own-factor-state", "10 recovery codes").await;
        looks(&admin, "one's own sign-in").await;
        admin.click("section-audit").await;
        admin.read("audit", "Set-up link used").await;
        admin.click("audit-check").await;
        admin.read("audit-checked", "none missing").await;
        looks(&admin, "the audit log").await;
        admin.close().await;

        // The next day she signs in again: password, then a code.
        clock.advance_ms(60_000);
        let again = Page::open(&format!("{at}/administration")).await;
        again.sign_in("ada", "rain on a tin roof").await;
        again.see("code-code").await;
        looks(&again, "the code").await;
        again.write("code-code", "000000").await;
        again.click("code-submit").await;
        again.read("code-trouble", "wrong or was used").await;
        rewrite(&again, "code-code", &authenticator(&key, clock.now().0)).await;
        again.click("code-submit").await;
        again.see("section-people").await;
        again.close().await;

        let nia = Page::open(&format!("{at}/")).await;
        nia.sign_in("nia", "a walk along the canal").await;
        nia.see("new-password-password").await;
        looks(&nia, "a new password").await;
        type_new_password(&nia, "new-password", "the smell of rain in june").await;
        nia.see("presence-button").await;
        nia.close().await;
        appliance.stop().await;
    });
}
