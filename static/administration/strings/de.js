/*
 * All words of the administration pages in German.
 */

export const words = {
  title: 'Verwaltung',
  not_administrator:
    'Nur Administratoren richten das Center ein. Fragen Sie einen von ihnen, oder melden Sie sich als einer an.',
  sign_in_ended: 'Ihre Anmeldung ist abgelaufen. Melden Sie sich wieder an, um weiterzumachen.',
  to_work: 'Zum Arbeitsplatz',
  skip: 'Zum Inhalt',
  back: 'Zurück zur Liste',
  loading: 'Wird geladen\u2026',
  try_again: 'Noch einmal versuchen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  sections_label: 'Bereiche',

  groups: {
    centre: 'Das Center',
    people: 'Personen',
    appliance: 'Dieses Gerät',
  },

  sections: {
    first_steps: 'Erste Schritte',
  },

  form: {
    save: 'Speichern',
    saved: 'Gespeichert.',
    cancel: 'Abbrechen',
    leave: 'Ohne Speichern verlassen?',
    leave_text: 'Was Sie hier geändert haben, ist noch nicht gespeichert.',
    leave_submit: 'Verlassen',
  },

  first_steps: {
    intro: 'Was ein neues Center braucht, in der Reihenfolge, in der es am besten geht.',
    done: 'Erledigt',
    open: 'Zu tun',
    steps: {
      number: { title: 'Eine WhatsApp-Nummer verbinden', text: 'Über sie kommen Nachrichten herein und gehen hinaus.' },
      agents: { title: 'Die ersten Agenten anlegen', text: 'Wer antwortet, hat eine eigene Anmeldung.' },
      outcomes: {
        title: 'Die Ergebnisse benennen',
        text: 'Wie eine Interaktion ausgegangen ist, für Berichte und für den Verlauf.',
      },
    },
  },
};
