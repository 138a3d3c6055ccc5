// Checks the simulator with @great-detail/whatsapp: everything it sends is accepted and answered so that it reads it,
// everything it receives it can verify. Reads SIMULATOR_URL, ACCESS_TOKEN, PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID,
// APP_SECRET and VERIFY_TOKEN. Ends with 0, or with 1 and the first mismatch.
import assert from "node:assert/strict";
import http from "node:http";

import Client from "@great-detail/whatsapp";

import { arrived, control, waitFor } from "./simulator.mjs";

const { SIMULATOR_URL, ACCESS_TOKEN, PHONE_NUMBER_ID, BUSINESS_ACCOUNT_ID, APP_SECRET, VERIFY_TOKEN } = process.env;
const CUSTOMER = "16505551234";

const sdk = new Client({
  prefixUrl: SIMULATOR_URL,
  request: { headers: { Authorization: `Bearer ${ACCESS_TOKEN}` }, retry: 0 },
});
const values = [];
const troubles = [];

const receiver = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://receiver");
  const asked = { method: request.method, query: Object.fromEntries(url.searchParams), headers: request.headers };
  try {
    if (request.method === "GET") {
      const registration = await sdk.webhook.register(asked);
      const right = registration.verifyToken === VERIFY_TOKEN;
      response.writeHead(right ? 200 : 403).end(right ? registration.accept() : registration.reject());
      return;
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = await sdk.webhook.eventNotification({ ...asked, body: Buffer.concat(chunks).toString("utf8") });
    await event.verifySignature(APP_SECRET);
    assert.equal(await event.checkSignature(`${APP_SECRET}!`), false, "another secret signs otherwise");
    for (const { changes } of event.eventNotification.entry) values.push(...changes.map((change) => change.value));
    response.writeHead(200).end(event.accept());
  } catch (error) {
    troubles.push(error);
    response.writeHead(500).end();
  }
  arrived();
});

/** Waits for the first value of a webhook in which `pick` finds what is wanted, and gives that. */
const take = (pick, what) =>
  waitFor(() => {
    assert.deepEqual(troubles, [], "a webhook could not be read");
    for (const value of values) {
      const found = pick(value);
      if (found) return found;
    }
    return null;
  }, what);

/** The message is accepted for the customer, and its statuses follow. */
async function checkSent(message) {
  const answer = await sdk.message.createMessage({ phoneNumberID: PHONE_NUMBER_ID, to: CUSTOMER, ...message }).json();
  const { id } = answer.messages[0];
  assert.match(id, /^wamid\./u);
  assert.equal(answer.contacts[0].wa_id, CUSTOMER);
  // A phone tells nothing of a reaction.
  for (const expected of message.type === "reaction" ? ["sent"] : ["sent", "delivered"]) {
    const fits = (status) => status.id === id && status.status === expected;
    await take((value) => value.statuses?.find(fits), `${expected} of ${message.type}`);
  }
  return id;
}

await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
await control("PUT", "webhook", { url: `http://127.0.0.1:${receiver.address().port}/webhook` });

// Receiving.
const text = "Grüße aus Zürich 😀 / https://example.com/a?b=1";
const { wamid } = await control("POST", `customers/${CUSTOMER}/messages`, { text });
const first = await take((value) => value.messages?.find((message) => message.id === wamid), "the first message");
assert.deepEqual([first.text.body, first.from], [text, CUSTOMER]);

// Sending.
await checkSent({ type: "text", text: { body: "Hello <&> ü 😀", preview_url: false } });
await checkSent({ type: "text", text: { body: "quoted" }, context: { message_id: wamid } });
await checkSent({ type: "reaction", reaction: { message_id: wamid, emoji: "👍" } });
await checkSent({ type: "location", location: { latitude: 47.37, longitude: 8.54, name: "Lake", address: "Zürich" } });
const name = { formatted_name: "Ada Example", first_name: "Ada" };
await checkSent({ type: "contacts", contacts: [{ name, phones: [{ phone: "+15550100", type: "WORK" }] }] });
const buttons = [{ type: "reply", reply: { id: "yes", title: "Yes" } }];
const asked = await checkSent({ type: "interactive", interactive: { type: "button", body: { text: "Sure?" }, action: { buttons } } });
await control("POST", `customers/${CUSTOMER}/messages`, { tapped: { kind: "button_reply", id: "yes", title: "Yes", wamid: asked } });
const tapped = await take((value) => value.messages?.find((message) => message.type === "interactive"), "the tapped button");
assert.deepEqual([tapped.interactive.button_reply.id, tapped.context.id], ["yes", asked]);
await checkSent({
  type: "template",
  template: {
    name: "appointment_reminder",
    language: { code: "en_US" },
    components: [
      { type: "body", parameters: [{ type: "text", text: "Jo" }, { type: "text", text: "Monday" }] },
      { type: "button", sub_type: "quick_reply", index: 0, parameters: [{ type: "payload", payload: "confirm" }] },
    ],
  },
});
const read = await sdk.message.createStatus({ phoneNumberID: PHONE_NUMBER_ID, status: "read", message_id: wamid }).json();
assert.equal(read.success, true);

// Media.
const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
const file = new Blob([bytes], { type: "image/png" });
const uploaded = await sdk.media.upload({ phoneNumberID: PHONE_NUMBER_ID, mimeType: "image/png", file, filename: "a.png" }).json();
const media = await sdk.media.getURL({ mediaID: uploaded.id }).json();
assert.deepEqual([media.mime_type, Number(media.file_size)], ["image/png", bytes.length]);
// The address is another host's: the SDK leaves the token to its caller.
const request = { headers: { Authorization: `Bearer ${ACCESS_TOKEN}` } };
const downloaded = await sdk.media.download({ mediaURL: media.url, request });
assert.deepEqual(new Uint8Array(await downloaded.arrayBuffer()), bytes);
await checkSent({ type: "image", image: { id: uploaded.id, caption: "A picture" } });
assert.equal((await sdk.media.delete({ mediaID: uploaded.id }).json()).success, true);

// The business.
const templates = await sdk.template.list(BUSINESS_ACCOUNT_ID, {}).json();
assert.ok(templates.data.some((template) => template.name === "appointment_reminder" && template.status === "APPROVED"));
const profile = await sdk.businessProfile.getBusinessProfile({ phoneNumberID: PHONE_NUMBER_ID }).json();
assert.ok(profile.data.length > 0);

// Errors: the answer says why.
const stranger = sdk.message.createMessage({ phoneNumberID: PHONE_NUMBER_ID, to: "4930999999", type: "text", text: { body: "never wrote" } });
const refusal = await stranger.then(() => null, (error) => error.response.json());
assert.equal(refusal?.error.code, 131047);

assert.deepEqual(troubles, []);
// What is under way is still answered.
receiver.close();
