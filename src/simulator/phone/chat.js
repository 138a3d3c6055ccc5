// One customer's phone: the chat with the business, the switches of the phone and the composer.

import { call, el, icon, sendFile } from "./dom.js";

const KINDS = {
  image: "Image", video: "Video", audio: "Voice or sound", document: "Document", sticker: "Sticker",
  location: "Location", contacts: "Contact card", template: "Template", edit: "Changed to", revoke: "Deleted a message",
};
/** What a customer can share besides words and files; the nodes are Meta's. */
const SHARED = {
  location: ["My place", {
    node: { latitude: 52.516275, longitude: 13.377704, name: "Brandenburg Gate", address: "Pariser Platz, Berlin" },
    text: "Brandenburg Gate",
  }],
  contacts: ["A contact", {
    node: [{
      name: { formatted_name: "Ada Example", first_name: "Ada" }, org: { company: "Example Works" },
      phones: [{ phone: "+49 30 5550100", type: "WORK" }], emails: [{ email: "ada@example.com", type: "WORK" }],
    }],
    text: "Ada Example",
  }],
};
const OWN_STATES = {
  sending: ["clock", "Not yet acknowledged"],
  sent: ["tick", "Acknowledged by the business"],
  read: ["ticks", "Read by the business"],
};
const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** What a phone shows: the customer's own messages, and those of the business that reached the phone. */
export const visible = (message) => message.from_customer || message.state === "delivered" || message.state === "read";

const REACTIONS = ["👍", "❤️", "😂", "🙏"];

/** A phone on the page. It keeps its elements and changes them in place. */
export class Phone {
  /** @param {any} customer @param {() => void} onClose */
  constructor(customer, onClose) {
    this.customer = customer;
    /** @type {Map<string, HTMLElement>} */
    this.bubbles = new Map();
    this.name = el("h2", { id: `name-${customer.wa_id}` });
    this.number = el("p", { class: "number" });
    this.avatar = el("span", { class: "avatar", "aria-hidden": "true" });
    this.receipts = this.switch("Read receipts", "read_receipts", "phone-receipts");
    this.offline = this.switch("Phone offline", "offline", "phone-offline");
    this.list = el("ol", { class: "messages" });
    this.typing = el("p", { class: "typing", "data-test": "phone-typing", hidden: true },
      el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), "The business is typing");
    this.scroller = el("div", { class: "scroller", tabindex: 0, role: "log", "aria-label": "Chat" },
      el("p", { class: "empty" }, "Nothing yet. Write the first message."), this.list, this.typing);
    this.text = el("textarea", {
      rows: 1, maxlength: 65536, placeholder: "Message", "aria-label": `Message from ${customer.name}`,
      "data-test": "phone-text",
      keydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        void this.send();
      },
    });
    this.quoted = null;
    this.edited = null;
    this.shared = el("div", { class: "shared", hidden: true }, ...Object.entries(SHARED).map(([kind, [label, object]]) =>
      el("button", {
        type: "button", class: "quiet", "data-test": `phone-share-${kind}`,
        click: () => { this.shared.hidden = true; void this.sendObject({ kind, ...object }); },
      }, label)));
    this.quoting = el("div", { class: "quoting", "data-test": "phone-quoting", hidden: true });
    this.file = el("input", {
      type: "file", "data-test": "phone-file", "aria-label": `File from ${customer.name}`, class: "hidden",
      change: () => void this.sendFile(),
    });
    this.problem = el("p", { class: "problem", role: "alert" });
    const composer = el("form", { class: "composer", submit: (event) => { event.preventDefault(); void this.send(); } },
      this.file,
      el("button", { type: "button", class: "quiet round", click: () => this.file.click() }, icon("clip", "Send a file")),
      el("button", {
        type: "button", class: "quiet round", "data-test": "phone-share", "aria-label": "Share something else",
        click: () => { this.shared.hidden = !this.shared.hidden; },
      }, "+"),
      this.text,
      el("button", { type: "submit", class: "primary round", "data-test": "phone-send" }, icon("send", "Send")));
    this.element = el("section", {
      class: "phone", "data-test": "customer", "data-wa-id": customer.wa_id, "aria-labelledby": `name-${customer.wa_id}`,
    },
      el("header", {}, this.avatar, el("div", { class: "who" }, this.name, this.number),
        el("button", { type: "button", class: "quiet", "aria-label": `Put ${customer.name}'s phone away`, click: onClose }, "×")),
      el("div", { class: "switches" }, this.receipts.label, this.offline.label),
      this.scroller, this.problem, this.quoting, this.shared, composer);
    this.update(customer);
    for (const message of customer.messages) this.show(message);
  }

  switch(text, field, test) {
    const input = el("input", {
      type: "checkbox", role: "switch", "data-test": test,
      change: () => this.try(call("PUT", `customers/${this.customer.wa_id}`, { [field]: input.checked })),
    });
    return { input, label: el("label", { class: "switch" }, input, text) };
  }

  /** The customer's name or switches changed. */
  update(customer) {
    this.customer = customer;
    this.name.textContent = customer.name;
    this.number.textContent = `+${customer.wa_id}`;
    this.avatar.textContent = [...customer.name.trim()][0]?.toUpperCase() ?? "?";
    this.receipts.input.checked = customer.read_receipts;
    this.offline.input.checked = customer.offline;
    this.element.dataset.offline = String(customer.offline);
    if (customer.offline) this.typing.hidden = true;
  }

  /** A message is new or changed. */
  show(message) {
    if (!visible(message)) return;
    const atEnd = this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 60;
    const bubble = this.bubble(message);
    const before = this.bubbles.get(message.wamid);
    this.bubbles.set(message.wamid, bubble);
    if (before) before.replaceWith(bubble);
    else {
      this.list.append(bubble);
      if (!message.from_customer) this.typing.hidden = true;
      if (this.bubbles.size > 200) this.forgetOldest();
    }
    if (atEnd || message.from_customer) this.toEnd();
  }

  forgetOldest() {
    const [wamid, bubble] = this.bubbles.entries().next().value;
    this.bubbles.delete(wamid);
    bubble.remove();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  bubble(message) {
    const own = message.from_customer;
    const quoted = message.quoted && this.customer.messages.find((other) => other.wamid === message.quoted);
    const foot = el("span", { class: "foot" },
      el("time", { datetime: new Date(message.at_ms).toISOString() }, time.format(message.at_ms)),
      own && OWN_STATES[message.state] && icon(...OWN_STATES[message.state]));
    return el("li", {
      class: own ? "bubble own" : "bubble", dir: "auto",
      "data-test": "phone-message", "data-from": own ? "customer" : "business", "data-state": message.state,
    },
      el("span", { class: "hidden" }, own ? `${this.customer.name}: ` : "The business: "),
      quoted && el("blockquote", {}, quoted.text),
      KINDS[message.kind] && el("span", { class: "kind" }, KINDS[message.kind]),
      message.file && this.fileOf(message.file),
      el("span", { class: "text" }, message.text),
      foot,
      (message.reaction || message.own_reaction) && el("span", { class: "reaction", "data-test": "phone-reaction" },
        message.reaction, message.own_reaction),
      el("span", { class: "tools" },
        el("button", { type: "button", class: "quiet", "data-test": "phone-quote", click: () => this.quote(message) },
          icon("reply", "Answer with a quote")),
        own && message.kind === "text" && el("button", {
          type: "button", class: "quiet", "data-test": "phone-edit", "aria-label": "Change this message",
          click: () => this.edit(message),
        }, "✎"),
        own && el("button", {
          type: "button", class: "quiet", "data-test": "phone-revoke", "aria-label": "Delete this message",
          click: () => void this.sendObject({ kind: "revoke", node: { original_message_id: message.wamid }, text: "" }),
        }, "✕"),
        ...REACTIONS.map((emoji) => el("button", {
          type: "button", class: "quiet", "data-test": "phone-react", "aria-label": `React with ${emoji}`,
          click: () => this.react(message, message.own_reaction === emoji ? "" : emoji),
        }, emoji))),
      message.choices.length > 0 && el("span", { class: "choices" }, ...message.choices.map((choice) => el("button", {
        type: "button", "data-test": "phone-choice",
        click: () => this.try(call("POST", `customers/${this.customer.wa_id}/messages`, {
          tapped: { ...choice, description: choice.description ?? undefined, wamid: message.wamid },
        })),
      }, choice.title, choice.description && el("small", {}, choice.description)))));
  }

  /** The business types, for so many seconds or until its message arrives. */
  showTyping(forSeconds) {
    if (this.customer.offline) return;
    clearTimeout(this.typingTimer);
    this.typing.hidden = false;
    this.toEnd();
    this.typingTimer = setTimeout(() => { this.typing.hidden = true; }, forSeconds * 1000);
  }

  /** A file as the phone shows it: a picture, a player or a link. */
  fileOf({ id, mime_type: type, name }) {
    const src = `/simulator/media/${id}`;
    if (/^image\/(png|jpeg|webp|gif)$/.test(type)) return el("img", { class: "file", src, alt: name || "Image" });
    if (type.startsWith("video/")) return el("video", { class: "file", src, controls: true, preload: "metadata" });
    if (type.startsWith("audio/")) return el("audio", { class: "file", src, controls: true, preload: "metadata" });
    return el("a", { class: "file", href: src, download: name || "file" }, name || type);
  }

  /** The next text answers this message; `null`: none. */
  quote(message) {
    this.quoted = message;
    this.quoting.hidden = !message;
    this.quoting.replaceChildren(...(message ? [
      el("blockquote", {}, message.text || KINDS[message.kind] || message.kind),
      el("button", { type: "button", class: "quiet", "aria-label": "Without the quote", click: () => this.quote(null) }, "×"),
    ] : []));
    this.text.focus();
  }

  /** The next text takes this message's place. */
  edit(message) {
    this.edited = message.wamid;
    this.text.value = message.text;
    this.text.focus();
  }

  /** A message of any of Meta's kinds. */
  sendObject(object) {
    return this.try(call("POST", `customers/${this.customer.wa_id}/messages`, { object }));
  }

  react(message, emoji) {
    return this.try(call("POST", `customers/${this.customer.wa_id}/messages`, { reaction: { wamid: message.wamid, emoji } }));
  }

  async sendFile() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    const caption = this.text.value.trim();
    if (await this.try(sendFile(this.customer.wa_id, file, caption))) this.text.value = "";
  }

  async send() {
    const text = this.text.value;
    if (!text.trim()) return;
    this.text.value = "";
    const quoted = this.quoted?.wamid;
    const edited = this.edited;
    this.edited = null;
    this.quote(null);
    const message = { context: { id: edited }, type: "text", text: { body: text } };
    const sent = edited
      ? await this.sendObject({ kind: "edit", node: { original_message_id: edited, message }, text })
      : await this.try(call("POST", `customers/${this.customer.wa_id}/messages`, { text, quoted }));
    if (!sent && !this.text.value) this.text.value = text;
    this.text.focus();
  }

  async try(asked) {
    try {
      await asked;
      this.problem.textContent = "";
      return true;
    } catch (error) {
      this.problem.textContent = error.message;
      return false;
    }
  }
}
