//! Faults strike when asked for, and pass.

use super::*;

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
