//! Search in a real browser: what a person types, points at and opens.
//!
//! The answers are made up in the page from stored messages, so that states which pass quickly (a word that was
//! corrected, an index being built) can be looked at as long as it takes; what a query finds is tested elsewhere.

use serde_json::Value;

use super::transcript::{LongCentre, awaited};
use crate::harness::axe::Axe;
use crate::harness::chromium::{Page, scenario};

/// Hits are messages around number 49,900 of the long conversation, with the last word of the query marked.
const ANSWERS: &str = r#"
    const real = window.fetch;
    window.asked = [];
    window.fetch = async (path, options) => {
        if (!/\/search\?/.test(path)) return real(path, options);
        const query = new URL(path, location).searchParams.get('q').trim();
        window.asked.push(path);
        const word = query.split(/\s+/).filter((one) => !one.includes(':')).at(-1) ?? '';
        const wanted = word === 'ordr' ? 'order' : word;
        const page = await (await real('/api/conversations/1/messages?limit=60&around=50002')).json();
        const hits = page.messages.reverse().flatMap((message) => {
            const { text } = message.content;
            const at = text.toLowerCase().indexOf(wanted.toLowerCase());
            return at < 0 ? [] : [{
                message_id: message.id, kind: 'message', interaction_id: message.interaction_id, conversation_id: 1,
                contact: page.contact, agent_id: message.author.agent_id, author: message.author.kind, at: message.at,
                snippet: text, marks: wanted ? [[at, at + wanted.length]] : [],
            }];
        });
        return Response.json({
            hits, total: hits.length, total_is_exact: true, cursor: null, indexed_through: 1,
            read_as: word === 'ordr' ? { query: 'order', because: 'corrected' } : null,
            indexing: word === 'line' ? { done: 63, of: 100 } : null,
        });
    };"#;

async fn at_work(centre: &LongCentre) -> Page {
    let ana = centre.ana().await;
    ana.evaluate(ANSWERS).await;
    ana.click("work-item[data-interaction='203']").await;
    ana.read("transcript", "No 99990:").await;
    ana
}

/// Which words are marked in the transcript.
async fn marked(page: &Page) -> Value {
    page.evaluate("return [...(CSS.highlights.get('deskbell-hit') ?? [])].map(String).join()").await
}

#[test]
fn words_are_found_in_the_conversation_and_opened_by_keys() {
    let axe = Axe::installed();
    scenario(async {
        let centre = LongCentre::open().await;
        let ana = at_work(&centre).await;
        ana.click("tab-conversation").await;
        ana.write("find-text", "order").await;
        ana.see("find-hit mark").await;
        ana.read("search-status", "result").await;
        if let Some(axe) = &axe {
            axe.finds_nothing(&ana, "search in the conversation").await;
        }
        // Down, down, Enter: the second hit, and the focus stays for the next one.
        ana.write("find-text", "\u{E015}\u{E015}\u{E007}").await;
        let second = ana.evaluate("return document.querySelectorAll('[data-test=find-hit]')[1].dataset.message").await;
        let second = second.as_str().expect("an id").to_owned();
        ana.see(&format!("message[data-message='{second}'][data-flash]")).await;
        assert_eq!(marked(&ana).await, "order");
        ana.write("find-text", "\u{E015}\u{E007}").await;
        ana.see_no(&format!("message[data-message='{second}'][data-flash]")).await;
        assert_eq!(marked(&ana).await, "order");
        ana.click("latest").await;
        ana.read("transcript", "No 99999:").await;
        assert_eq!(marked(&ana).await, "");
        ana.close().await;
        centre.close().await;
    });
}

#[test]
fn search_everywhere_is_one_key_away_and_says_how_it_read_the_words() {
    let axe = Axe::installed();
    scenario(async {
        let centre = LongCentre::open().await;
        let ana = at_work(&centre).await;
        ana.write("transcript", "/").await;
        ana.see("search-text").await;
        ana.write("search-text", "ordr").await;
        ana.read("search-read-as", "order").await;
        ana.see("find-hit mark").await;
        if let Some(axe) = &axe {
            axe.finds_nothing(&ana, "search everywhere").await;
        }
        // A filter that is chosen stands in the text, and one that is typed is shown as chosen.
        ana.choose("search-filter-author", "The contact").await;
        ana.read_field("search-text", "from:contact ordr").await;
        ana.click("search-clear-filters").await;
        ana.read_field("search-text", "ordr").await;
        ana.evaluate("document.querySelector('[data-test=search-text]').select()").await;
        ana.write("search-text", "has:link after:2026-01-01 line").await;
        ana.read("search-indexing", "63 %").await;
        ana.read_field("search-filter-has", "has:link").await;
        ana.read("search-typed-filter", "after:2026-01-01").await;
        let last = awaited("return new URL(asked.at(-1), location).searchParams.get('q')");
        assert_eq!(ana.evaluate_later(&last).await, "has:link after:2026-01-01 line");

        ana.evaluate("document.querySelector('[data-test=search-text]').select()").await;
        ana.write("search-text", "zzzz").await;
        ana.read("search-status", "Nothing found").await;
        ana.see_no("find-hit").await;

        ana.evaluate("document.querySelector('[data-test=search-text]').select()").await;
        ana.write("search-text", "Thank").await;
        ana.see("find-hit mark").await;
        ana.write("search-text", "\u{E007}").await;
        ana.see_no("search-panel").await;
        ana.read("message[data-flash]", "Thank you!").await;
        assert_eq!(marked(&ana).await, "Thank");
        ana.close().await;
        centre.close().await;
    });
}
