/* What comes before one is in, in German. */

/** @type {typeof import('./en.js').words} */
export const words = {
  set_up: {
    title: 'Willkommen bei Deskbell',
    intro: 'Sie sind die erste Person hier. Machen Sie sich zur Administration; alle anderen f\u00fcgen Sie danach hinzu.',
    no_link:
      '\u00d6ffnen Sie den ganzen Link, den der Server beim Start angezeigt hat. Einen neuen macht dieser Befehl auf dem ' +
      'Rechner, auf dem Deskbell l\u00e4uft:',
    name: 'Ihr Name',
    name_hint: 'Die Kolleginnen und Kollegen sehen ihn.',
    login: 'Anmeldename',
    login_hint: 'Sie geben ihn beim Anmelden ein.',
    submit: 'Administration anlegen',
    second_factor: 'Ein zweiter Faktor?',
    second_factor_intro:
      'Wer Ihr Passwort erf\u00e4hrt, kommt ohne einen Code von Ihrem Telefon nicht herein. Das geht auch sp\u00e4ter, unter ' +
      'Verwaltung.',
    later: 'Sp\u00e4ter',
  },
  password: 'Passwort',
  password_hint:
    'Mindestens 12 Zeichen. Ein paar W\u00f6rter, die nur Sie so zusammenstellen, sind besser als Zeichen und Ziffern.',
  again: 'Passwort noch einmal',
  differs: 'Das ist nicht dasselbe Passwort.',
  code: {
    title: 'Ihr Code',
    label: 'Code aus Ihrer Authenticator-App',
    hint: 'Sechs Ziffern. Ohne Ihr Ger\u00e4t nehmen Sie einen Ihrer Wiederherstellungscodes.',
    submit: 'Anmelden',
  },
  new_password: {
    title: 'W\u00e4hlen Sie Ihr Passwort',
    intro: 'Ihr bisheriges Passwort hat jemand aus der Administration gew\u00e4hlt. Ab jetzt kennen es nur Sie.',
    submit: 'Dieses Passwort nehmen und anmelden',
  },
  begin_again: 'Von vorn beginnen',
  factor: {
    password: 'Ihr Passwort',
    password_hint: 'Damit das niemand sonst an Ihrem offenen Bildschirm tut.',
    begin: 'Zweiten Faktor einrichten',
    scan: 'Lesen Sie dieses Bild mit einer Authenticator-App auf Ihrem Telefon ein, oder geben Sie dort den Schl\u00fcssel ein.',
    picture: 'QR-Code mit dem Schl\u00fcssel',
    key: 'Schl\u00fcssel',
    open: 'In einer App auf diesem Ger\u00e4t \u00f6ffnen',
    code: 'Code, den die App jetzt zeigt',
    confirm: 'Best\u00e4tigen',
    codes: 'Wiederherstellungscodes',
    codes_intro:
      'Schreiben Sie diese auf und bewahren Sie sie dort auf, wo Ihr Telefon nicht ist. Jeder \u00f6ffnet einmal, wenn das ' +
      'Telefon fehlt. Sie werden nicht noch einmal gezeigt.',
    all_codes: 'Alle Codes',
    done: 'Ich habe sie aufgeschrieben',
  },
};
