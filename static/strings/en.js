/*
 * All words of the page in English, the language that the others follow.
 *
 * Invariant: no view holds a sentence of its own. Sentences of the server (problems, failures of a message) are shown as
 * they come.
 */
import { counted } from '../language.js';

const names_list = new Intl.ListFormat('en', { type: 'conjunction' });

/** @param {string[]} names */
const together = (names) => names_list.format(names);

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
    after_work: 'Not Ready after current work',
    after_work_plain: 'Without a reason',
    after_work_cancel: 'Stay as I am after current work',
    then: (/** @type {string} */ presence) => `then ${presence}`,
    load: (/** @type {number} */ load, /** @type {number} */ capacity) => `${load} of ${capacity} places taken`,
    no_work: 'No new work arrives.',
    go_ready: 'Set Ready',
  },

  header: {
    waiting: (/** @type {number} */ count) => counted(count, 'contact waiting', 'contacts waiting'),
    page_names: { work: 'My work', communication: 'Communication', history: 'My History', open_work: 'Open work' },
    pages: 'Pages',
    shortcuts: 'Keyboard shortcuts',
    palette: 'Find an action',
    updated: 'Deskbell has been updated. Load the page anew when it suits you.',
    load_anew: 'Load anew',
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
    heard: (/** @type {string} */ name, /** @type {string} */ queue) => `New offer: ${name}, ${queue}.`,
    keys: (/** @type {string} */ accept, /** @type {string} */ reject) =>
      `Press ${accept} to accept, ${reject} to reject.`,
    answered: 'Answered for you',
    heard_answered: (/** @type {string} */ name, /** @type {string} */ queue) =>
      `Answered for you: ${name}, ${queue}. It is in your list.`,
    show: 'Show',
  },

  work: {
    heading: 'My work',
    groups: {
      offered: 'Offered to you',
      active: 'Active',
      ended: 'Ended, not Done',
      joined: 'With colleagues',
      parked: 'Parked',
    },
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
    choose_hint: (/** @type {string} */ next, /** @type {string} */ previous, /** @type {string} */ palette) =>
      `${next} and ${previous} move through the list. ${palette} finds every action.`,
  },

  participants: {
    region: 'Colleagues who take part',
    you: 'You',
    parts: { consult: 'Consult', conference: 'Conference' },
    hints: {
      consult: 'reads along and writes to you only',
      conference: 'also writes to the contact',
    },
    leave: 'Leave',
    remove: 'Remove',
    heading: 'Ask a colleague in',
    colleague: 'Colleague',
    may: 'They may',
    ask: 'Ask in',
  },

  internal: {
    label: 'Internal message',
    placeholder: 'Write to your colleagues\u2026',
    hint: 'Seen by who takes part, never by the contact. Mention somebody with @ and their login.',
    send: 'Send internally',
    switcher: 'Write to',
    to: { contact: 'To the contact', internal: 'Internal' },
  },

  mentions: {
    region: 'Mentions',
    sentence: (/** @type {string} */ by, /** @type {string} */ contact) => `${by} mentioned you: ${contact}`,
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
    invite: 'Ask in',
    panes: 'Parts of the interaction',
    chat: 'Chat',
    case: 'Case',
    side: 'Contact',
    case_tabs: 'About this case',
    side_tabs: 'About this contact',
    fold: 'Fold away',
    unfold: 'Show',
    tabs: {
      case: 'Case Information',
      disposition: 'Disposition',
      note: 'Note',
      contact: 'Contact',
      conversation: 'Conversation',
      history: 'History',
      responses: 'Responses',
    },
    marks: { missing: 'needed before Mark Done', note: 'has a note' },
    transfer: 'Transfer',
    cancel_transfer: 'Cancel transfer',
    park: 'Park',
    end: 'End',
    open: 'Open',
    done: 'Mark Done',
    needs_disposition: 'Choose a disposition first; then mark it Done.',
  },

  done_dialog: {
    heading: (/** @type {string} */ name) => (name ? `${name} is still active` : 'This interaction is still active'),
    question: 'End it and mark it Done, or park it to go on later?',
    end_and_done: 'End and mark Done',
    park: 'Park',
    needs: 'Choose the disposition to mark it Done.',
    draft: 'Your draft is kept with the conversation and not sent.',
  },

  sign_out_dialog: {
    heading: 'Log out with open work?',
    parked: (/** @type {number} */ count) =>
      `${counted(count, 'active interaction is', 'active interactions are')} parked. You find them under Parked when you sign in again; a message of the contact wakes them before.`,
    ended: (/** @type {number} */ count) =>
      `${counted(count, 'ended interaction stays', 'ended interactions stay')} on your desktop until marked Done.`,
    drafts: (/** @type {number} */ count) => `${counted(count, 'draft is', 'drafts are')} kept.`,
    submit: 'Log out',
  },

  transfer_dialog: {
    heading: (/** @type {string} */ name) => `Transfer ${name}`,
    kind: 'To whom',
    kinds: { agents: 'To a colleague', queues: 'To a queue' },
    search: 'Search',
    targets: 'Who gets it',
    note: 'Note for the colleague (optional)',
    submit: 'Offer transfer',
    hint: 'It stays with you until somebody accepts.',
    nobody: 'No colleague is signed in at the moment. Transfer it to a queue instead.',
    not_found: 'Nobody of this name.',
    full: 'No room at the moment',
    entry: (/** @type {string} */ name, /** @type {string} */ presence) => `${name} (${presence})`,
  },

  transfer_state: {
    to_agent: (/** @type {string} */ name) => `Offered to ${name}. It stays with you until it is accepted.`,
    to_queue: (/** @type {string} */ name) =>
      `Waits for a colleague in ${name}. It stays with you until it is accepted.`,
    left: (/** @type {string} */ span) => `${span} left`,
  },

  colleagues: {
    heading: 'Colleagues',
    search: 'Search colleagues',
    here: (/** @type {number} */ count) => counted(count, 'colleague signed in', 'colleagues signed in'),
    load: (/** @type {number} */ load, /** @type {number} */ capacity) => `${load} of ${capacity}`,
    nobody: 'You have no colleagues here yet.',
    not_found: 'Nobody of this name.',
  },

  watchers: {
    here: (/** @type {string[]} */ names) =>
      names.length === 0 ? '' : `${together(names)} ${names.length === 1 ? 'is' : 'are'} here too`,
    typing: (/** @type {string[]} */ names) => `${together(names)} ${names.length === 1 ? 'is' : 'are'} typing\u2026`,
  },

  communication: {
    page: 'Communication',
    heading: 'Contacts',
    contact_region: 'Contact',
    scope: 'Which contacts',
    scopes: { assigned: 'Assigned Contacts', all: 'All contacts' },
    search: 'Search by name or number',
    search_all: 'Search all contacts',
    add: 'New contact',
    found: (/** @type {number} */ count, /** @type {boolean} */ more) =>
      more
        ? `More than ${counted(count, 'contact', 'contacts')} found`
        : `${counted(count, 'contact', 'contacts')} found`,
    nothing_found: 'No contact found',
    nothing_found_hint: {
      assigned: 'Nobody in your list. The contact may stand under all contacts.',
      all: 'Try fewer letters, or part of the number. A new contact is made with the plus sign.',
    },
    empty: { assigned: 'No assigned contacts yet', all: 'No contacts yet' },
    empty_hint: {
      assigned: 'Contacts that you have handled stand here. All others are found under all contacts.',
      all: 'Whoever writes to one of your numbers becomes a contact. You can also add one with the plus sign.',
    },
    remove: (/** @type {string} */ name) => `Remove ${name} from Assigned Contacts`,
    remove_short: 'Remove from Assigned Contacts',
    removed: (/** @type {string} */ name) => `${name} was removed from your list and stays under all contacts.`,
    choose: 'Choose a contact',
    choose_hint: 'All that was said with it, by whomever, opens here.',
    panes: { information: 'Information', conversation: 'Conversation' },
    panes_label: 'Parts of the contact',
    channel_choice: 'Channel',
    never_talked: 'Nothing has been said with this contact yet.',
  },

  information: {
    heading: 'Contact Information',
    channels: 'Channels',
    create: 'Create WhatsApp Interaction',
    create_hint: 'Opens the chat. It becomes active with your first message.',
    create_closed: 'The reply window is closed: the chat opens, and begins with a template.',
    window_open: (/** @type {string} */ span) => `Reply window open, ${span} left`,
    window_closed: (/** @type {string} */ when) => `Reply window closed since ${when}`,
    window_never: 'Reply window closed: the contact has not written yet',
    no_conversation: 'No conversation on this channel yet',
    last: (/** @type {string} */ when) => `Last activity ${when}`,
    asynchronous_off: 'On this channel the contact has to write first.',
    open: (/** @type {number} */ id, /** @type {string} */ state) =>
      state ? `Interaction #${id} is open (${state}).` : `Interaction #${id} is open.`,
    open_mine: 'It is yours.',
    open_nobody: 'It waits for somebody.',
    open_other: (/** @type {string} */ name) => `${name} handles it: read along, or ask for a transfer.`,
    go_to_open: 'Go to the open interaction',
  },

  new_contact: {
    heading: 'New contact',
    name: 'Name',
    phone: 'Number',
    phone_hint: 'With the country code, as in +49 30 1234567.',
    submit: 'Add contact',
    known: 'Show this contact',
  },

  my_history: {
    heading: 'My History',
    details: 'Details',
    contact: 'Contact',
    contact_hint: 'Search by name or number',
    filters: 'Filters',
    queue: 'Queue',
    disposition: 'Disposition',
    state: 'State',
    from: 'From',
    until: 'Until',
    any: 'Any',
    reset: 'Clear filters',
    no_disposition: 'no disposition',
    empty: 'Nothing handled yet',
    empty_hint: 'Interactions that you have accepted stand here, the newest first.',
    nothing_found: 'No interaction fits',
    nothing_found_hint: 'Loosen the filters to see more.',
    choose: 'Choose an interaction',
    choose_hint: 'Its note, case data and outcome open here.',
  },

  handled: {
    outcome: 'Outcome',
    case_data: 'Case Information',
    last_words: 'Last message',
    by: 'Handled by',
    waited: 'Waited',
    duration: 'Handled for',
    done: 'Done',
    done_by: (/** @type {string} */ when, /** @type {string} */ name) => `${when}, by ${name}`,
    transcript: 'Show in the conversation',
    open: 'Go to the interaction',
  },

  transcript: {
    region: 'Transcript',
    beginning: 'Beginning of the conversation',
    empty: 'Nothing has been said yet.',
    chapter: (/** @type {number} */ id) => `Interaction #${id}`,
    latest: 'Back to latest',
    fresh: (/** @type {number} */ count) => counted(count, 'new message', 'new messages'),
    fresh_from_here: 'New messages',
    internal: 'Internal',
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
    ended_for_good: 'This interaction has ended, and its channel starts each conversation anew. Mark it Done.',
    offered: 'Accept the offer to answer.',
    ringing: 'A colleague has been offered this interaction.',
    queued: 'This interaction waits in the queue.',
    elsewhere: (/** @type {string} */ name) => `${name} handles this interaction. You can read along.`,
    tools: 'Writing tools',
    marks: { bold: 'Bold', italic: 'Italic', strike: 'Strikethrough', mono: 'Fixed width' },
    codes: (/** @type {string} */ code, /** @type {number} */ count) =>
      count === 1
        ? `Fill in ${code} before you send. Tab goes to it.`
        : `Fill in ${code} and ${count - 1} more before you send. Tab goes to the next one.`,
    next_code: 'Go to it',
  },

  emoji: {
    open: 'Emoji',
    search: 'Find an emoji',
    recent: 'Recently used',
    found: 'Found',
    none: 'No emoji of this name here. The keyboard of your system has all of them.',
    groups: [
      {
        label: 'Faces',
        entries:
          '😀 grinning|😃 smile|😄 laugh eyes|😁 beaming|😅 sweat smile relief|😂 tears of joy laugh|🙂 slight smile|😉 wink|😊 blush happy|😇 angel|🥰 hearts love|😍 heart eyes|😘 kiss|😋 yummy tasty|😎 cool sunglasses|🤩 star eyes wow|🤗 hug|🤔 thinking|🤨 raised eyebrow|😐 neutral|🙄 rolling eyes|😏 smirk|😌 relieved calm|😴 sleeping tired|🤒 ill fever|😕 confused|🙁 slight frown|😮 surprised|😳 embarrassed|🥺 pleading please|😢 sad tear|😭 crying|😤 annoyed|😡 angry|🤯 mind blown|😱 shocked|🥳 party|🤝 handshake deal',
      },
      {
        label: 'Hands and people',
        entries:
          '👍 thumbs up yes|👎 thumbs down no|👌 fine perfect|✌️ victory|🤞 fingers crossed luck|👋 wave hello bye|🙏 thank you please|👏 applause bravo|🙌 hooray|💪 strong|👉 point right|👇 point down|☝️ point up|✋ stop hand|🤷 shrug do not know|🙋 raised hand question|👀 eyes look|❤️ red heart love|💚 green heart|💙 blue heart|🧡 orange heart|💔 broken heart|🔥 fire hot|✨ sparkles|⭐ star|🎉 celebration congratulations|🎁 gift present|🎂 birthday cake|💐 flowers bouquet',
      },
      {
        label: 'Signs',
        entries:
          '✅ check done yes|❌ cross no|❗ important exclamation|❓ question|⚠️ warning|ℹ️ information|➡️ arrow right|⬇️ arrow down|🔁 repeat again|🆕 new|🆗 ok|🔴 red dot|🟢 green dot|🟡 yellow dot|1️⃣ one first|2️⃣ two second|3️⃣ three third',
      },
      {
        label: 'Work and things',
        entries:
          '📦 parcel package|🚚 delivery truck|✈️ plane flight|🏠 house home|🏪 shop store|💳 card payment|💶 euro money|💵 dollar money|🧾 receipt invoice|📄 document page|📎 attachment clip|📝 note write|📅 calendar date|⏰ alarm time|⏳ waiting hourglass|📍 place location|📞 telephone call|📱 mobile phone|💻 computer|📧 mail e-mail|📷 camera photo|🔑 key password|🔒 lock secure|🔧 repair tool|🛠️ tools maintenance|🔍 search find|💡 idea light|📣 announcement|🔔 bell reminder|☕ coffee break|🍕 pizza food|🌧️ rain weather|☀️ sun weather|🌍 world',
      },
    ],
  },

  note: {
    heading: 'Note',
    private: 'Only your team sees the note.',
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
    find: 'Find a disposition',
    none_found: 'No disposition of this name.',
    clear: 'Take the disposition back',
    read_only: 'Cannot be changed after the end.',
  },

  case_information: {
    empty: 'Nothing is recorded for this case yet.',
    no_value: '\u2013',
    yes: 'Yes',
    no: 'No',
    saving: 'Saving\u2026',
    saved: 'Saved',
    read_only: 'Read only',
    add: 'Add field',
    add_short: 'Add',
    new_name: 'Name',
    new_value: 'Value',
    remove: (/** @type {string} */ key) => `Remove ${key}`,
  },

  find: {
    label: 'Find in this conversation',
    more: 'More results',
    more_letters: 'Type at least two letters.',
    total: (/** @type {number} */ count, /** @type {boolean} */ exact) =>
      count === 0 ? 'Nothing found.' : `${exact ? '' : 'About '}${counted(count, 'result', 'results')}.`,
    read_as: (/** @type {string} */ query) => `Searched for \u201c${query}\u201d.`,
    indexing: (/** @type {number} */ done, /** @type {number} */ of) =>
      `Older messages are still being indexed (${done} of ${of}).`,
    outline: 'Interactions in this conversation',
    now: 'this one',
  },

  history: {
    filter: (/** @type {number} */ count) => (count ? `Filter (${count})` : 'Filter'),
    filters: {
      state: 'Any state',
      channel: 'Any channel',
      queue: 'Any queue',
      agent: 'Any agent',
      disposition: 'Any disposition',
      from: 'From',
      until: 'Until',
    },
    open: 'Not Done',
    reset: 'Show all',
    none: 'No interactions with this contact yet.',
    none_found: 'No interactions match the filter.',
    nobody: 'nobody yet',
    more: 'Show older',
    handled_by: 'Handled by',
    done_by: 'Marked Done by',
    show: 'Show in conversation',
    elsewhere: (/** @type {string} */ channel) => `It was on another channel: ${channel}.`,
    open_contact: 'Open the contact',
    this_one: (/** @type {string} */ state) => `${state}, this one`,
    no_jump: 'Nothing was said in this interaction.',
  },

  responses: {
    search: 'Find a response',
    shortcuts: 'Responses',
    shortcuts_heard: (/** @type {number} */ count) =>
      `${counted(count, 'response', 'responses')}. Arrow keys choose, Enter inserts.`,
    insert: 'Put into the message',
    not_now: 'Nothing can be written at the moment',
    none: 'There are no responses yet. Supervisors write them.',
    none_found: 'No response holds these words.',
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
    window_open: (/** @type {string} */ span) => `Open, ${span} left`,
    window_closed: 'Window closed',
    number: 'Number',
    interaction: 'Interaction',
    edit: 'Edit',
    form: 'Change the contact',
    profile_name: (/** @type {string} */ name) => `On WhatsApp: ${name}`,
    first_name: 'First name',
    last_name: 'Last name',
    tags: 'Tags',
    tags_hint: 'Separated by commas',
    attributes: 'Attributes',
    add_attribute: 'Add attribute',
    attribute_name: 'Name',
    attribute_value: 'Value',
    remove_attribute: (/** @type {string} */ key) => (key ? `Remove ${key}` : 'Remove'),
    save: 'Save',
    conflict: 'Somebody else has changed this contact meanwhile. It is now:',
    keep_mine: 'Keep mine',
    take_theirs: 'Take theirs',
    numbers: 'Numbers',
    add_number: 'Add number',
    add: 'Add',
    new_number: 'New number, with country code',
    new_number_example: '+49 30 1234567',
    remove_number: (/** @type {string} */ value, /** @type {boolean} */ sure) =>
      sure ? `Remove ${value} now` : `Remove ${value}`,
    remove_sure: 'Remove?',
    channels: 'Channels',
    this_channel: 'this conversation',
    last: (/** @type {string} */ when) => `last ${when}`,
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

  idle: {
    heading: 'Are you still there?',
    explanation:
      'You are about to be signed out, because nothing has been typed or moved here. Open work is parked, and your drafts are kept.',
    left: (/** @type {number} */ seconds) => `Signing out in ${counted(seconds, 'second', 'seconds')}`,
    stay: 'Stay signed in',
    locked:
      'You were signed out because nothing was typed or moved for a while. Open work is parked, and your drafts are kept.',
  },

  settings: {
    heading: 'Settings of this browser',
    language: 'Language',
    as_browser: (/** @type {string} */ name) => `As the browser (${name})`,
    theme: 'Theme',
    as_system: 'As the system',
    light: 'Light',
    dark: 'Dark',
    density: 'Density',
    comfortable: 'Comfortable',
    compact: 'Compact',
    sound: 'Ring for an offer',
    sound_try: 'Try it',
    notices_on: 'Switch desktop notifications on',
    notices_off: 'Switch desktop notifications off',
    notices_hint:
      'They tell of offers and messages while you look at something else. The browser asks for your permission.',
    notices_are_on: 'Offers and messages are shown on your desktop while you look at something else.',
    notices_refused:
      'This browser does not allow notifications for Deskbell. Allow them in its settings for this page, then try again.',
    notices_impossible: 'This browser shows notifications only for a page that is opened over HTTPS.',
  },

  palette: {
    heading: 'Find an action',
    label: 'Type what you want to do',
    found: (/** @type {number} */ count) =>
      count === 0 ? 'Nothing fits. Try other words.' : counted(count, 'action', 'actions'),
    go_to: (/** @type {string} */ name) => `Go to ${name}`,
    presence: (/** @type {string} */ presence) => `Status: ${presence}`,
    language: (/** @type {string} */ name) => `Language: ${name}`,
    theme: (/** @type {string} */ name) => `Theme: ${name}`,
    density: (/** @type {string} */ name) => `Density: ${name}`,
    sound_on: 'Switch the bell on',
    sound_off: 'Switch the bell off',
  },

  /** What a command does, for the palette and the sheet of shortcuts. */
  commands: {
    palette: 'Find an action',
    next: 'Next interaction',
    previous: 'Previous interaction',
    accept: 'Accept the front offer',
    reject: 'Reject the front offer',
    answer: 'Write an answer',
    note: 'Write the note',
    disposition: 'Choose the disposition',
    done: 'Mark Done',
    transfer: 'Transfer',
    cancel_transfer: 'Cancel the transfer',
    park: 'Park',
    open: 'Open the parked interaction',
    end: 'End the interaction',
    search: 'Search in the conversation',
    case: 'Case Information',
    contact: 'Contact',
    contact_history: 'History of the contact',
    responses: 'Responses',
    invite: 'Ask a colleague in',
    my_work: 'My work',
    open_work: 'Open work',
    communication: 'Communication',
    history: 'My history',
    ready: 'Set Ready',
    not_ready: 'Set Not Ready',
    settings: 'Settings',
    help: 'Keyboard shortcuts',
    sign_out: 'Log out',
  },

  shortcuts: {
    heading: 'Keyboard shortcuts',
    rows: [
      ['\u2193 / \u2191', 'Next or previous interaction, while the list has the focus'],
      ['Enter', 'On an interaction: write the answer'],
      ['Enter', 'In the message field: send'],
      ['Shift+Enter', 'In the message field: new line'],
      ['/', 'In the message field: a prepared response'],
      ['F2', 'In the message field: next field code to fill in'],
      ['Ctrl+B / Ctrl+I', 'In the message field: bold, italic'],
      ['Esc', 'Leave the message field, close a dialog'],
    ],
    hint: 'Choose a key to change it.',
    how: 'Press the new key or combination. Backspace removes the key, Esc leaves it as it is.',
    press: 'Press a key\u2026',
    change: 'Choose to change it.',
    none: 'no key',
    kept: 'The new key is kept.',
    taken: (/** @type {string} */ key, /** @type {string} */ other) =>
      `${key} was the key of \u201c${other}\u201d, which has none now.`,
    reset: 'All usual keys again',
    single_keys: 'Use single-key shortcuts',
    version: (/** @type {string} */ version) => `Deskbell ${version}`,
  },
};
