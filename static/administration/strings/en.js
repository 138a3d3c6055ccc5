/*
 * All words of the administration pages in English, the language that the others follow.
 *
 * Invariant: no view holds a sentence of its own. Sentences of the server are shown as they come.
 */

export const words = {
  title: 'Administration',
  not_administrator: 'Only administrators set up the centre. Ask one of them, or sign in as one.',
  sign_in_ended: 'Your sign-in has ended. Sign in again to go on.',
  to_work: 'To the workspace',
  skip: 'To the content',
  back: 'Back to the list',
  loading: 'Loading\u2026',
  try_again: 'Try again',
  copy: 'Copy',
  copied: 'Copied',
  sections_label: 'Sections',

  groups: {
    centre: 'The centre',
    people: 'People',
    appliance: 'This box',
  },

  sections: {
    first_steps: 'First steps',
  },

  form: {
    save: 'Save',
    saved: 'Saved.',
    cancel: 'Cancel',
    leave: 'Leave without saving?',
    leave_text: 'What you have changed here is not saved yet.',
    leave_submit: 'Leave',
  },

  first_steps: {
    intro: 'What a new centre needs, in the order in which it is best done.',
    done: 'Done',
    open: 'To do',
    steps: {
      number: { title: 'Connect a WhatsApp number', text: 'Messages come in and go out through it.' },
      agents: { title: 'Add the first agents', text: 'Everybody who answers has a sign-in of their own.' },
      outcomes: { title: 'Name the outcomes', text: 'How an interaction ended, for reports and for the history.' },
    },
  },
};
