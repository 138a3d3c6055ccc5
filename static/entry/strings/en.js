/*
 * The words of what comes before one is in, in English, the language that the others follow.
 *
 * Invariant: no view holds a sentence of its own. Sentences of the server are shown as they come.
 */

export const words = {
  set_up: {
    title: 'Welcome to Deskbell',
    intro: 'You are the first one here. Make yourself the administrator; you add everybody else afterwards.',
    no_link:
      'Open the whole link that the server printed when it started. A new one is made by this command on the machine ' +
      'that runs Deskbell:',
    name: 'Your name',
    name_hint: 'Colleagues see it.',
    login: 'Login',
    login_hint: 'You type it when you sign in.',
    submit: 'Make me the administrator',
    second_factor: 'A second factor?',
    second_factor_intro:
      'Whoever learns your password cannot get in without a code of your phone. You can also do this later, under ' +
      'Administration.',
    later: 'Later',
  },
  password: 'Password',
  password_hint: 'At least 12 characters. Some words that only you put together are better than signs and digits.',
  again: 'Password again',
  differs: 'This is not the same password.',
  code: {
    title: 'Your code',
    label: 'Code of your authenticator',
    hint: 'Six digits. Without your device, use one of your recovery codes.',
    submit: 'Sign in',
  },
  new_password: {
    title: 'Choose your password',
    intro: 'An administrator chose your password so far. From now on only you know it.',
    submit: 'Take this password and sign in',
  },
  begin_again: 'Begin again',
  factor: {
    password: 'Your password',
    password_hint: 'So that nobody else does this at your open screen.',
    begin: 'Set up a second factor',
    scan: 'Read this picture with an authenticator app on your phone, or type the key in there.',
    picture: 'QR code with the key',
    key: 'Key',
    open: 'Open in an app on this device',
    code: 'Code that the app shows now',
    confirm: 'Confirm',
    codes: 'Recovery codes',
    codes_intro:
      'Write these down and keep them where your phone is not. Each opens once, when the phone is not there. They are ' +
      'not shown again.',
    all_codes: 'All codes',
    done: 'I have written them down',
  },
};
