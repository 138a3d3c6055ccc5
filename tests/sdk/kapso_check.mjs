// Checks the simulator with @kapso/whatsapp-cloud-api: everything it sends is accepted, everything it receives it can
// verify and normalise. Reads SIMULATOR_URL, ACCESS_TOKEN, PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID, APP_SECRET and
// VERIFY_TOKEN. Ends with 0, or with 1 and the first mismatch.
import assert from "node:assert/strict";
import http from "node:http";

import { WhatsAppClient, buildTemplateSendPayload } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";

import { arrived, control, waitFor } from "./simulator.mjs";

const { SIMULATOR_URL, ACCESS_TOKEN, PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID, APP_SECRET, VERIFY_TOKEN } = process.env;
const CUSTOMER = "16505551234";

const client = new WhatsAppClient({ accessToken: ACCESS_TOKEN, baseUrl: SIMULATOR_URL });
const messages = [];
const statuses = [];
let refused = 0;

const receiver = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://receiver");
  if (request.method === "GET") {
    const right = url.searchParams.get("hub.verify_token") === VERIFY_TOKEN;
    response.writeHead(right ? 200 : 403).end(url.searchParams.get("hub.challenge"));
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const rawBody = Buffer.concat(chunks);
  if (!verifySignature({ appSecret: APP_SECRET, rawBody, signatureHeader: request.headers["x-hub-signature-256"] })) {
    refused += 1;
    response.writeHead(401).end();
    return;
  }
  const events = normalizeWebhook(JSON.parse(rawBody.toString("utf8")));
  assert.equal(events.phoneNumberId, PHONE_NUMBER_ID);
  messages.push(...events.messages.map((message) => ({ ...message, contacts: events.contacts })));
  statuses.push(...events.statuses);
  response.writeHead(200).end();
  arrived();
});

/** Takes the first item of a list that fits, waiting for it. */
const take = (list, fits, what) =>
  waitFor(() => {
    const at = list.findIndex(fits);
    return at >= 0 && list.splice(at, 1)[0];
  }, what);

/** The message was accepted for the customer, and its statuses follow. */
async function checkSent(sending, { callbackData, only = ["sent", "delivered"], input = CUSTOMER } = {}) {
  const answer = await sending;
  const id = answer.messages[0].id;
  assert.match(id, /^wamid\./);
  assert.equal(answer.contacts[0].input, input);
  for (const expected of only) {
    const status = await take(statuses, (status) => status.id === id, `status ${expected}`);
    assert.equal(status.status, expected);
    assert.equal(status.recipientId, CUSTOMER);
    assert.match(status.recipientUserId, /^US\./);
    assert.equal(status.bizOpaqueCallbackData, callbackData);
  }
  return id;
}

await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
await control("PUT", "webhook", { url: `http://127.0.0.1:${receiver.address().port}/webhook` });

// Receiving.
const text = "Grüße aus Zürich 😀 – see https://example.com/a?b=1";
const { wamid } = await control("POST", `customers/${CUSTOMER}/messages`, { text });
const first = await take(messages, (message) => message.id === wamid, "the first message");
assert.equal(first.text.body, text);
assert.equal(first.from, CUSTOMER);
assert.equal(first.kapso.direction, "inbound");
assert.equal(first.contacts[0].profile.name, "Amina Diallo");
assert.equal(first.contacts[0].userId, first.fromUserId);

// Sending.
const address = { phoneNumberId: PHONE_NUMBER_ID, to: CUSTOMER };
const { messages: outgoing } = client;
await checkSent(outgoing.sendText({ ...address, body: "Hello <&> ü 😀", bizOpaqueCallbackData: "m1" }), { callbackData: "m1" });
await checkSent(outgoing.sendText({ ...address, to: `+${CUSTOMER}`, body: "with plus" }), { input: `+${CUSTOMER}` });
const byUserId = { phoneNumberId: PHONE_NUMBER_ID, recipient: first.fromUserId, body: "by user id" };
await checkSent(outgoing.sendText(byUserId), { input: first.fromUserId });
await checkSent(outgoing.sendText({ ...address, body: "quoted", contextMessageId: wamid }));
await checkSent(outgoing.sendReaction({ ...address, reaction: { messageId: wamid, emoji: "👍" } }), { only: ["sent"] });
await checkSent(outgoing.sendLocation({ ...address, location: { latitude: 47.37, longitude: 8.54, name: "Lake", address: "Zürich" } }));
const card = { name: { formattedName: "Ada Example", firstName: "Ada" }, phones: [{ phone: "+15550100", type: "WORK" }] };
await checkSent(outgoing.sendContacts({ ...address, contacts: [card] }));
assert.equal((await outgoing.markRead({ phoneNumberId: PHONE_NUMBER_ID, messageId: wamid })).success, true);
const typing = { phoneNumberId: PHONE_NUMBER_ID, messageId: wamid, typingIndicator: { type: "text" } };
assert.equal((await outgoing.markRead(typing)).success, true);

// Interactive messages and their answers.
const buttons = [{ id: "answer-yes", title: "Yes" }, { id: "answer-no", title: "No" }];
const asked = await checkSent(outgoing.sendInteractiveButtons({ ...address, bodyText: "Sure?", footerText: "Tap one", buttons }));
const yes = { kind: "button_reply", id: "answer-yes", title: "Yes", wamid: asked };
await control("POST", `customers/${CUSTOMER}/messages`, { tapped: yes });
const button = await take(messages, (message) => message.type === "interactive", "the tapped button");
assert.equal(button.interactive.buttonReply.id, "answer-yes");
assert.equal(button.context.id, asked);
const rows = [{ id: "size-s", title: "Small", description: "For one" }, { id: "size-l", title: "Large" }];
const sections = [{ title: "Sizes", rows }];
const listed = await checkSent(outgoing.sendInteractiveList({ ...address, bodyText: "Which size?", buttonText: "Choose", sections }));
const small = { kind: "list_reply", id: "size-s", title: "Small", description: "For one", wamid: listed };
await control("POST", `customers/${CUSTOMER}/messages`, { tapped: small });
const row = await take(messages, (message) => message.type === "interactive", "the tapped row");
assert.equal(row.interactive.listReply.description, "For one");
const link = { displayText: "Open", url: "https://example.com" };
await checkSent(outgoing.sendInteractiveCtaUrl({ ...address, bodyText: "Look", parameters: link }));

// Templates.
const templates = await client.templates.list({ businessAccountId: BUSINESS_ACCOUNT_ID });
assert.ok(templates.data.some((template) => template.name === "appointment_reminder" && template.status === "APPROVED"));
const template = buildTemplateSendPayload({
  name: "appointment_reminder",
  language: "en_US",
  body: [{ type: "text", text: "Jo" }, { type: "text", text: "Monday" }],
  buttons: [{ type: "button", subType: "quick_reply", index: 0, parameters: [{ type: "payload", payload: "confirm" }] }],
});
await checkSent(outgoing.sendTemplate({ ...address, template }));
const named = buildTemplateSendPayload({
  name: "we_miss_you",
  language: "en_US",
  body: [{ type: "text", text: "Jo", parameterName: "first_name" }],
});
await checkSent(outgoing.sendTemplate({ ...address, template: named }));

// Media.
const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
const file = new Blob([bytes], { type: "image/png" });
const { id: mediaId } = await client.media.upload({ phoneNumberId: PHONE_NUMBER_ID, type: "image", file, fileName: "a.png" });
const media = await client.media.get({ mediaId });
assert.deepEqual([media.mimeType, Number(media.fileSize)], ["image/png", bytes.length]);
assert.deepEqual(new Uint8Array(await client.media.download({ mediaId, auth: "always" })), bytes);
await checkSent(outgoing.sendImage({ ...address, image: { id: mediaId, caption: "A picture" } }));
const document = { link: "https://example.com/a.pdf", filename: "a.pdf", caption: "A paper" };
await checkSent(outgoing.sendDocument({ ...address, document }));
assert.equal((await client.media.delete({ mediaId })).success, true);
await assert.rejects(client.media.get({ mediaId }), { code: 100, errorSubcode: 33 });

// The business.
const profile = await client.phoneNumbers.businessProfile.get({ phoneNumberId: PHONE_NUMBER_ID });
assert.ok(profile.data.length > 0);

// Errors and failures.
await assert.rejects(outgoing.sendText({ ...address, to: "4930999999", body: "never wrote" }), { code: 131047 });
await control("PUT", "faults", { graph_error: { next: 1 }, graph_error_answer: { code: 130429, http_status: 429, retry_after_s: 1 } });
await assert.rejects(outgoing.sendText({ ...address, body: "too fast" }), { code: 130429, httpStatus: 429 });
await control("PUT", "faults", { status_failed: { next: 1 }, status_failed_code: 131026 });
const failing = await outgoing.sendText({ ...address, body: "fails later" });
const failed = await take(statuses, (status) => status.id === failing.messages[0].id, "the failed status");
assert.deepEqual([failed.status, failed.errors[0].code], ["failed", 131026]);

// Batches.
await control("PUT", "faults", { webhook_batch_updates: 5 });
for (let number = 0; number < 5; number += 1) {
  await control("POST", `customers/${CUSTOMER}/messages`, { text: `batch ${number}` });
}
for (let number = 0; number < 5; number += 1) {
  await take(messages, (message) => message.text?.body === `batch ${number}`, `message ${number} of a batch`);
}
await control("PUT", "faults", {});

assert.equal(refused, 0, "no webhook's signature was refused");
console.log("kapso: all checks passed");
receiver.closeAllConnections();
receiver.close();
