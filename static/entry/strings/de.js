/* What comes before one is in, in German. */

/** @type {typeof import('./en.js').words} */
export const words = {
  set_up: {
    title: 'Willkommen bei Deskbell',
    intro: 'Sie sind die erste Person hier. Machen Sie sich zur Administration; alle anderen fügen Sie danach hinzu.',
    no_link:
      'Öffnen Sie den ganzen Link, den der Server beim Start angezeigt hat. Einen neuen macht dieser Befehl auf dem ' +
      'Rechner, auf dem Deskbell läuft:',
    name: 'Ihr Name',
    name_hint: 'Die Kolleginnen und Kollegen sehen ihn.',
    login: 'Anmeldename',
    login_hint: 'Sie geben ihn beim Anmelden ein.',
    submit: 'Administration anlegen',
    second_factor: 'Ein zweiter Faktor?',
    second_factor_intro:
      'Wer Ihr Passwort erfährt, kommt ohne einen Code von Ihrem Telefon nicht herein. Das geht auch später, unter ' +
      'Verwaltung.',
    later: 'Später',
  },
  password: 'Passwort',
  password_hint:
    'Mindestens 12 Zeichen. Ein paar Wörter, die nur Sie so zusammenstellen, sind besser als Zeichen und Ziffern.',
  again: 'Passwort noch einmal',
  differs: 'Das ist nicht dasselbe Passwort.',
  code: {
    title: 'Ihr Code',
    label: 'Code aus Ihrer Authenticator-App',
    hint: 'Sechs Ziffern. Ohne Ihr Gerät nehmen Sie einen Ihrer Wiederherstellungscodes.',
    submit: 'Anmelden',
  },
  new_password: {
    title: 'Wählen Sie Ihr Passwort',
    intro: 'Ihr bisheriges Passwort hat jemand aus der Administration gewählt. Ab jetzt kennen es nur Sie.',
    submit: 'Dieses Passwort nehmen und anmelden',
  },
  begin_again: 'Von vorn beginnen',
  factor: {
    password: 'Ihr Passwort',
    password_hint: 'Damit das niemand sonst an Ihrem offenen Bildschirm tut.',
    begin: 'Zweiten Faktor einrichten',
    scan: 'Lesen Sie dieses Bild mit einer Authenticator-App auf Ihrem Telefon ein, oder geben Sie dort den Schlüssel ein.',
    picture: 'QR-Code mit dem Schlüssel',
    key: 'Schlüssel',
    open: 'In einer App auf diesem Gerät öffnen',
    code: 'Code, den die App jetzt zeigt',
    confirm: 'Bestätigen',
    codes: 'Wiederherstellungscodes',
    codes_intro:
      'Schreiben Sie diese auf und bewahren Sie sie dort auf, wo Ihr Telefon nicht ist. Jeder öffnet einmal, wenn das ' +
      'Telefon fehlt. Sie werden nicht noch einmal gezeigt.',
    all_codes: 'Alle Codes',
    done: 'Ich habe sie aufgeschrieben',
  },
};
