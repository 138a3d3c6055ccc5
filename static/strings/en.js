/*
 * All words of the page in English, the language that the others follow.
 *
 * Invariant: no view holds a sentence of its own. Sentences of the server (problems, failures of a message) are shown as
 * they come.
 */
import { counted } from '../language.js';

export const words = {
  product: 'Deskbell',
  title: (/** @type {number} */ news) => (news > 0 ? `(${news}) Deskbell` : 'Deskbell'),
  today: 'Today',
  yesterday: 'Yesterday',
  hours_minutes: (/** @type {number} */ hours, /** @type {string} */ minutes) => `${hours} h ${minutes} min`,
  days_hours: (/** @type {number} */ days, /** @type {number} */ hours) => `${days} d ${hours} h`,
  unreachable: 'Deskbell does not answer. Check the network and try again.',
  refused: (/** @type {number} */ status) =>
    `The server refused this (${status}). Try again, or tell your administrator.`,
  loading: 'Loading\u2026',
  try_again: 'Try again',
  cancel: 'Cancel',
  close: 'Close',
  back: 'Back to the list',

  sign_in: {
    heading: 'Sign in',
    login: 'Login',
    password: 'Password',
    submit: 'Sign in',
    busy: 'Signing in\u2026',
    ended: 'Your sign-in has ended. Sign in again to go on; your drafts are kept.',
    signed_out: 'You have signed out.',
    no_server: 'Deskbell does not answer at the moment. This page tries again by itself.',
  },

  banner: {
    lost: 'Connection lost. Your drafts are safe, and what you send goes out once as soon as the connection is back.',
    hurry: 'Reconnect now',
  },

  presence: {
    names: {
      logged_off: 'Logged off',
      ready: 'Ready',
      not_ready: 'Not Ready',
      do_not_disturb: 'Do Not Disturb',
      after_call_work: 'After Call Work',
    },
    button: 'Your status',
    menu: 'Choose your status',
    sign_out: 'Log out',
    sign_out_hint: 'Open work is parked',
    load: (/** @type {number} */ load, /** @type {number} */ capacity) => `${load} of ${capacity} places taken`,
    no_work: 'No new work arrives.',
    go_ready: 'Set Ready',
  },

  header: {
    waiting: (/** @type {number} */ count) => counted(count, 'contact waiting', 'contacts waiting'),
    page_names: { work: 'My work', communication: 'Communication', history: 'My History', open_work: 'Open work' },
    pages: 'Pages',
    shortcuts: 'Keyboard shortcuts',
  },

  offer: {
    region: 'Offers',
    new_work: 'New contact',
    transfer_from: (/** @type {string} */ name) => `Transfer from ${name}`,
    waiting: (/** @type {string} */ span) => `waiting ${span}`,
    priority: (/** @type {number} */ priority) => `priority ${priority}`,
    accept: 'Accept',
    reject: 'Reject',
    seconds_left: (/** @type {number} */ seconds) => `${seconds} s left`,
    heard: (/** @type {string} */ name, /** @type {string} */ queue) =>
      `New offer: ${name}, ${queue}. Press A to accept, R to reject.`,
  },

  work: {
    heading: 'My work',
    groups: { offered: 'Offered to you', active: 'Active', ended: 'Ended, not Done', parked: 'Parked' },
    empty: 'Your desk is clear',
    empty_ready: 'You are Ready. New work pops up at the bottom right and is listed here.',
    empty_other: 'No new work arrives while you are not Ready.',
    unread: (/** @type {number} */ count) => counted(count, 'unread message', 'unread messages'),
    pending: (/** @type {string} */ span) => `Waits for an answer for ${span}`,
    levels: { green: '', yellow: 'getting late', red: 'late' },
    you: 'You:',
    draft: 'Draft:',
    transferring: 'Transfer offered',
    requeued: 'Waits in the queue',
    no_message: 'No message yet',
    choose: 'Choose an interaction',
    choose_hint: 'J and K move through the list. Press ? for all shortcuts.',
  },

  states: {
    queued: 'Queued',
    offered: 'Offered',
    active: 'Active',
    transferring: 'Transferring',
    parked: 'Parked',
    ended: 'Ended',
    done: 'Done',
  },

  interaction: {
    region: 'Interaction',
    gone: 'This interaction is not on your desk any more.',
    handled_by: (/** @type {string} */ name) => `handled by ${name}`,
    transfer_to: (/** @type {string} */ name) => `offered to ${name}`,
    actions: 'Actions',
    panes: 'Parts of the interaction',
    chat: 'Chat',
    details: 'Details',
    transfer: 'Transfer',
    cancel_transfer: 'Cancel transfer',
    park: 'Park',
    end: 'End',
    open: 'Open',
    done: 'Mark Done',
    needs_disposition: 'Choose a disposition first; then mark it Done.',
  },

  done_dialog: {
    heading: 'This interaction is still active',
    question: 'End it and mark it Done, or park it to go on later?',
    end_and_done: 'End and mark Done',
    park: 'Park',
    disposition: 'Disposition',
  },

  transfer_dialog: {
    heading: (/** @type {string} */ name) => `Transfer ${name}`,
    agent: 'To agent',
    note: 'Note for the colleague (optional)',
    submit: 'Offer transfer',
    hint: 'It stays with you until your colleague accepts.',
    nobody: 'No colleague is signed in at the moment.',
    entry: (/** @type {string} */ name, /** @type {string} */ presence) => `${name} (${presence})`,
  },

  transcript: {
    region: 'Transcript',
    beginning: 'Beginning of the conversation',
    empty: 'Nothing has been said yet.',
    latest: 'Latest messages',
    fresh: (/** @type {number} */ count) => counted(count, 'new message', 'new messages'),
    fresh_from_here: 'New messages',
    you: 'You',
    phone_app: 'Phone app',
    said: (/** @type {string} */ name, /** @type {string} */ time) => `${name}, ${time}:`,
    kinds: {
      image: 'Image',
      audio: 'Audio',
      video: 'Video',
      document: 'Document',
      sticker: 'Sticker',
      location: 'Location',
      contacts: 'Contact card',
      reaction: 'Reaction',
      interactive: 'Interactive message',
      button: 'Button',
      order: 'Order',
      template: 'Template',
      unsupported: 'Unsupported message',
    },
    other_kind: 'Message',
    notice: (/** @type {string} */ sentence, /** @type {string} */ name) => (name ? `${sentence} (${name})` : sentence),
    new_tab: 'opens in a new tab',
  },

  delivery: {
    queued: 'Waiting to be sent',
    sent: 'Sent',
    delivered: 'Delivered',
    read: 'Read',
    played: 'Played',
    failed: 'Not sent',
    unconfirmed: 'May not have been sent',
  },

  failure: {
    failed: 'Not sent.',
    unconfirmed:
      'May not have been sent. WhatsApp gave no answer; the contact could see it twice if you send it again.',
    retry: 'Retry',
    send_again: 'Send again',
    resent: 'Sent again below.',
    to_composer: 'Edit',
  },
  send_stale: 'Written before this page was reloaded and never sent.',

  composer: {
    label: (/** @type {string} */ name) => `Message to ${name}`,
    placeholder: 'Write a message',
    send: 'Send',
    hint: 'Enter sends, Shift+Enter breaks the line',
    reactivates: 'This interaction has ended. Sending makes it active again.',
    left: (/** @type {number} */ count) => counted(count, 'character left', 'characters left'),
    over: (/** @type {number} */ count) => counted(count, 'character too many', 'characters too many'),
    window_closes: (/** @type {string} */ span) => `Reply window closes in ${span}`,
    closed_heading: 'The reply window is closed',
    closed_since: (/** @type {string} */ when) => `It closed ${when}, 24 hours after the contact's last message.`,
    closed_never: 'The contact has not written in the last 24 hours.',
    closed_way_out:
      'WhatsApp now delivers an approved template only, and templates cannot be sent from here yet. As soon as the contact writes, you can answer here again.',
    closed_draft: 'Your draft is kept.',
    parked: 'This interaction is parked. Open it to write.',
    offered: 'Accept the offer to answer.',
    ringing: 'A colleague has been offered this interaction.',
    queued: 'This interaction waits in the queue.',
    elsewhere: (/** @type {string} */ name) => `${name} handles this interaction. You can read along.`,
  },

  note: {
    heading: 'Note',
    private: 'only your team sees it',
    placeholder: 'What colleagues should know next time',
    saved: 'Saved',
    saving: 'Saving\u2026',
    unsaved: 'Not saved yet',
    offline: 'Not saved: saved when the connection is back',
    over: (/** @type {number} */ count) => `Not saved: ${counted(count, 'character', 'characters')} too many`,
    conflict: 'The note was changed in another place meanwhile.',
    keep_mine: 'Keep mine',
    take_other: 'Take the other',
  },

  disposition: {
    heading: 'Disposition',
    none: 'Not chosen',
    mandatory: 'Needed before Mark Done',
  },

  contact: {
    heading: 'Contact',
    kinds: { phone: 'Number', user_id: 'WhatsApp id', username: 'Username' },
    other_kind: 'Address',
    channel: 'Wrote to',
    queue: 'Queue',
    owner: 'Agent',
    began: 'Began',
    ended: 'Ended',
    ended_by: { agent: 'by the agent', idle: 'for lack of activity', blocked: 'contact blocked' },
    window: 'Reply window',
    window_open: (/** @type {string} */ span) => `open, ${span} left`,
    window_closed: 'closed',
    number: 'Interaction',
  },

  open_work: {
    heading: 'Open work',
    hint: 'All open interactions of the centre, the longest waiting first.',
    columns: {
      contact: 'Contact',
      state: 'State',
      queue: 'Queue',
      agent: 'Agent',
      waits: 'Waits for an answer',
      unread: 'Unread',
      began: 'Began',
    },
    empty: 'No open interactions.',
    none: 'nobody',
  },

  shortcuts: {
    heading: 'Keyboard shortcuts',
    rows: [
      ['J / K', 'Next or previous interaction'],
      ['\u2193 / \u2191', 'The same, while the list has the focus'],
      ['Enter', 'On an interaction: write the answer'],
      ['A', 'Accept the front offer'],
      ['R', 'Reject the front offer'],
      ['Enter', 'In the message field: send'],
      ['Shift+Enter', 'In the message field: new line'],
      ['Esc', 'Leave the message field, close a dialog'],
      ['?', 'This sheet'],
    ],
    single_keys: 'Use single-key shortcuts',
    version: (/** @type {string} */ version) => `Deskbell ${version}`,
  },
};
