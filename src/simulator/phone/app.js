// The page of phones: follows the simulator's stream, keeps the list of customers and the open phones.

import { Phone, visible } from "./chat.js";
import { call, el } from "./dom.js";
import { anyInForce, buildFaults } from "./faults.js";

const CUSTOMERS_MAX = 200;
const PHONE_WIDTH_PX = 300;
const byId = (id) => document.getElementById(id);
const [list, main, connection] = ["customers", "phones", "connection"].map(byId);

/** Every customer we know of, oldest first. @type {Map<string, any>} */
const customers = new Map();
/** The phones on the table, oldest first. @type {Map<string, Phone>} */
const open = new Map();
/** @type {Map<string, HTMLElement>} */
const tabs = new Map();
/** Until a person chose, the page opens as many phones as fit. */
let chosen = false;

const fits = () => Math.max(1, Math.floor(main.clientWidth / PHONE_WIDTH_PX));

function openPhone(waId) {
  const customer = customers.get(waId);
  if (!customer || open.has(waId)) return;
  while (open.size >= fits()) closePhone(open.keys().next().value);
  const phone = new Phone(customer, () => { chosen = true; closePhone(waId); });
  open.set(waId, phone);
  main.append(phone.element);
  phone.toEnd();
  showTab(customer);
  tabs.get(waId)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  readIfSeen(customer);
}

function closePhone(waId) {
  open.get(waId)?.element.remove();
  open.delete(waId);
  const customer = customers.get(waId);
  if (customer) showTab(customer);
}

function toggle(waId) {
  chosen = true;
  if (open.has(waId) && open.size > 1) return closePhone(waId);
  openPhone(waId);
  open.get(waId)?.text.focus();
}

/** What lies open before a person's eyes is read. */
function readIfSeen(customer) {
  const unread = customer.messages.some((message) => !message.from_customer && message.state === "delivered");
  if (unread && open.has(customer.wa_id) && document.visibilityState === "visible") {
    call("POST", `customers/${customer.wa_id}/read`, {}).catch(() => {});
  }
}

function showTab(customer) {
  const shown = customer.messages.filter(visible);
  const last = shown.at(-1);
  const unread = shown.filter((message) => !message.from_customer && message.state === "delivered").length;
  const isOpen = open.has(customer.wa_id);
  const tab = el("button", {
    type: "button", class: "tab", "aria-pressed": String(isOpen), "data-test": "customer-tab", "data-wa-id": customer.wa_id,
    click: () => toggle(customer.wa_id),
  },
    el("span", { class: "avatar", "aria-hidden": "true" }, [...customer.name.trim()][0]?.toUpperCase() ?? "?"),
    el("span", { class: "who" }, el("strong", {}, customer.name),
      el("span", { class: "preview", dir: "auto" }, last?.text || (last ? last.kind : `+${customer.wa_id}`))),
    customer.offline && el("span", { class: "badge" }, "offline"),
    unread > 0 && el("span", { class: "badge unread", "aria-label": `${unread} unread` }, String(unread)));
  const before = tabs.get(customer.wa_id);
  const focused = before === document.activeElement;
  tabs.set(customer.wa_id, tab);
  if (before) before.replaceWith(tab);
  else list.append(tab);
  if (focused) tab.focus();
}

function forget(waId) {
  customers.delete(waId);
  tabs.get(waId)?.remove();
  tabs.delete(waId);
}

const reducer = {
  snapshot({ customers: all, faults }) {
    const wereOpen = [...open.keys()];
    for (const waId of wereOpen) closePhone(waId);
    for (const waId of [...customers.keys()]) forget(waId);
    for (const customer of all) {
      customers.set(customer.wa_id, customer);
      showTab(customer);
    }
    const wanted = wereOpen.length > 0 || chosen ? wereOpen : all.slice(0, fits()).map(({ wa_id }) => wa_id);
    for (const waId of wanted) openPhone(waId);
    reducer.faults({ faults });
  },
  customer({ customer }) {
    const known = customers.get(customer.wa_id) ?? { messages: [] };
    Object.assign(known, customer);
    customers.set(customer.wa_id, known);
    open.get(customer.wa_id)?.update(known);
    showTab(known);
    const oldest = customers.size > CUSTOMERS_MAX && [...customers.keys()].find((waId) => !open.has(waId));
    if (oldest) forget(oldest);
    if (!chosen && open.size < fits()) openPhone(customer.wa_id);
  },
  message({ wa_id: waId, message }) {
    const customer = customers.get(waId);
    if (!customer) return;
    const at = customer.messages.findIndex(({ wamid }) => wamid === message.wamid);
    if (at < 0) customer.messages.push(message);
    else customer.messages[at] = message;
    if (customer.messages.length > 200) customer.messages.shift();
    open.get(waId)?.show(message);
    showTab(customer);
    if (message.state === "delivered") readIfSeen(customer);
  },
  typing({ wa_id: waId, for_s: forSeconds }) {
    open.get(waId)?.showTyping(forSeconds);
  },
  faults({ faults }) {
    const inForce = anyInForce(faults);
    byId("open-faults").textContent = inForce ? "Faults on" : "Faults";
    byId("open-faults").classList.toggle("warned", inForce);
  },
};

function follow() {
  const stream = new EventSource("/simulator/live");
  const tell = (state, text) => {
    if (connection.dataset.state === state) return;
    connection.dataset.state = state;
    connection.textContent = text;
  };
  stream.onmessage = ({ data }) => {
    tell("live", "Live");
    const event = JSON.parse(data);
    reducer[event.event]?.(event);
  };
  stream.onerror = () => {
    tell("lost", "Reconnecting");
    // The browser gives up for good on some errors.
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 1000);
  };
}

const add = byId("add");
byId("open-add").addEventListener("click", () => add.showModal());
byId("add-cancel").addEventListener("click", () => add.close());
byId("add-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { name, wa_id } = Object.fromEntries(new FormData(form));
  try {
    const customer = await call("POST", "customers", { name, wa_id });
    reducer.customer({ customer });
    chosen = true;
    openPhone(customer.wa_id);
    form.reset();
    byId("add-problem").textContent = "";
    add.close();
    open.get(customer.wa_id)?.text.focus();
  } catch (error) {
    byId("add-problem").textContent = error.message;
  }
});

const openFaults = buildFaults(byId("faults-form"), byId("faults"));
byId("open-faults").addEventListener("click", () => openFaults().catch(() => {}));
document.addEventListener("visibilitychange", () => {
  for (const waId of open.keys()) readIfSeen(customers.get(waId));
});
addEventListener("resize", () => {
  while (open.size > fits()) closePhone(open.keys().next().value);
});
follow();
