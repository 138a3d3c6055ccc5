/*
 * All words of the administration pages in German.
 */
import { counted } from '../../language.js';

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
  none: '\u2013',
  sections_label: 'Bereiche',
  units: { s: 'Sekunden', min: 'Minuten', h: 'Stunden' },

  groups: {
    centre: 'Das Center',
    people: 'Personen',
    appliance: 'Dieses Gerät',
  },

  sections: {
    first_steps: 'Erste Schritte',
    numbers: 'WhatsApp-Nummern',
    queues: 'Warteschlangen',
    outcomes: 'Ergebnisse',
    case_fields: 'Vorgangsdaten',
    responses: 'Textbausteine',
    rules: 'Regeln des Centers',
  },

  form: {
    save: 'Speichern',
    saved: 'Gespeichert.',
    cancel: 'Abbrechen',
    again: 'Laden, was jetzt da ist',
    leave: 'Ohne Speichern verlassen?',
    leave_text: 'Was Sie hier geändert haben, ist noch nicht gespeichert.',
    leave_submit: 'Verlassen',
  },

  first_steps: {
    intro: 'Was ein neues Center braucht, in der Reihenfolge, in der es am besten geht.',
    done: 'Erledigt',
    open: 'Zu tun',
    open_steps: (/** @type {number} */ count) => `Noch ${counted(count, 'Schritt', 'Schritte')} zu tun.`,
    all_done: 'Alles ist erledigt. Das Center kann arbeiten.',
    steps: {
      number: {
        title: 'Eine WhatsApp-Nummer verbinden',
        text: 'Über sie kommen Nachrichten herein und gehen hinaus. Der Verbindungstest sagt, was noch fehlt.',
        section: 'numbers',
      },
      agents: {
        title: 'Die ersten Agenten anlegen',
        text: 'Wer antwortet, hat eine eigene Anmeldung.',
        section: 'people',
      },
      queue: {
        title: 'Eine Warteschlange einrichten',
        text: 'Was Kontakte schreiben, wartet dort, bis ein Agent es nimmt.',
        section: 'queues',
      },
      outcomes: {
        title: 'Die Ergebnisse benennen',
        text: 'Agenten wählen, wie eine Interaktion ausgegangen ist, für Berichte und für den Verlauf.',
        section: 'outcomes',
      },
      backup: {
        title: 'Einen Ordner für Sicherungen wählen',
        text: 'Auf einer anderen Platte oder einem anderen Gerät, damit nichts verloren geht, wenn dieses ausfällt.',
        section: 'backups',
      },
    },
  },

  numbers: {
    intro: 'Die Geschäftsnummern Ihres WhatsApp-Business-Kontos bei Meta.',
    add: 'Nummer verbinden',
    empty: 'Noch keine Nummer ist verbunden.',
    new_heading: 'Nummer verbinden',
    state: 'Zustand',
    works: 'Verbunden',
    added: 'Die Nummer ist verbunden. Machen Sie den Verbindungstest.',
    removed: 'Die Nummer ist getrennt.',
    remove: 'Diese Nummer trennen',
    remove_text:
      'Ihre Geheimnisse werden vergessen, und nichts kommt mehr herein oder geht hinaus. Was gesagt wurde, bleibt; wird die Nummer wieder verbunden, geht es damit weiter. Eine Nummer mit offenen Interaktionen kann nicht getrennt werden.',
    kept: 'gesetzt; leer lassen, um es zu behalten',
    details: 'Angaben',
    secrets: 'Geheimnisse',
    secrets_hint: 'Sie werden nie gezeigt. Was Sie eingeben, ersetzt das Vorhandene; ein leeres Feld behält es.',
    graph: 'Wo Meta ist',
    graph_hint: 'So ist es für alle; ändern Sie es nur für Versuche oder wenn Meta es sagt.',
    where:
      'Öffnen Sie in Metas App-Dashboard Ihre App, dann WhatsApp, API-Einrichtung: Dort stehen die ID der Telefonnummer und die des Kontos.',
    webhook: 'Webhook',
    webhook_hint:
      'Tragen Sie beides in Metas App-Dashboard unter WhatsApp, Konfiguration, Webhook ein; abonnieren Sie dann das Feld \u201emessages\u201c.',
    address: 'Callback-URL',
    not_https:
      'Meta nimmt nur Adressen mit https und gültigem Zertifikat. Setzen Sie den öffentlichen Namen dieses Geräts anstelle der Adresse oben ein.',
    fields: {
      name: ['Name', 'So sehen ihn die Agenten.'],
      display_number: ['Nummer', 'So, wie man sie schreibt, etwa +49 30 901820.'],
      phone_number_id: ['ID der Telefonnummer', 'Metas ID der Nummer: Ziffern, nicht die Nummer selbst.'],
      business_account_id: ['ID des WhatsApp-Business-Kontos', 'Für Vorlagen und für das Abonnement des Webhooks.'],
      messages_per_s_max: [
        'Nachrichten pro Sekunde',
        'Was Meta erlaubt: 80, 20 bei einer Nummer, die auch in der App ist, 1.000 nach der Aufstufung.',
      ],
      asynchronous: [
        'Beendete Gespräche können wieder aufgenommen werden',
        'Sonst beginnt jede neue Nachricht ein eigenes Gespräch.',
      ],
      access_token: [
        'Zugriffstoken',
        'Eines Systemnutzers, damit es nicht abläuft, mit whatsapp_business_messaging und whatsapp_business_management.',
      ],
      app_secret: ['App-Geheimcode', 'App-Einstellungen, Allgemeines. Er beweist, dass eine Nachricht von Meta kommt.'],
      verify_token: ['Verifizierungstoken', 'Meta zeigt es vor, wenn die Callback-URL geprüft wird.'],
      graph_url: ['Adresse der Graph-API', ''],
      graph_version: ['Version der Graph-API', ''],
    },
  },

  connection: {
    heading: 'Verbindungstest',
    hint: 'Fragt Meta nach allem, was diese Nummer braucht, und achtet darauf, ob Nachrichten ankommen.',
    run: 'Verbindung testen',
    asking: 'Meta wird gefragt\u2026',
    right: 'Meta sagt, dass alles stimmt.',
    wrong: (/** @type {number} */ count) =>
      `${counted(count, 'Punkt ist', 'Punkte sind')} in Ordnung zu bringen; beginnen Sie oben.`,
    subscribe: 'App abonnieren',
    outcomes: { good: 'gut', bad: 'in Ordnung zu bringen', open: 'nicht bekannt' },
    steps: {
      token: 'Zugriffstoken',
      app_secret: 'App-Geheimcode',
      permissions: 'Berechtigungen',
      number: 'Nummer',
      account: 'Business-Konto',
      subscription: 'Abonnement der App',
      webhook: 'Ankunft von Nachrichten',
    },
    write_now: 'Seit dem Start von Deskbell ist für diese Nummer nichts von Meta gekommen.',
    write_how: 'Schreiben Sie jetzt von irgendeinem Telefon an diese Nummer: Es erscheint hier binnen einer Minute.',
    heard: (/** @type {string} */ at) => `Eine signierte Nachricht von Meta kam um ${at}.`,
    heard_before: (/** @type {string} */ at) =>
      `Die letzte signierte Nachricht von Meta kam um ${at}. Schreiben Sie von irgendeinem Telefon, um eine weitere ankommen zu sehen.`,
    nothing: 'Binnen einer Minute ist nichts gekommen.',
    nothing_way_out:
      'Prüfen Sie in Metas App-Dashboard die Callback-URL, dass das Feld \u201emessages\u201c abonniert ist und dass die App live ist. Von außen muss die Adresse dieses Gerät über https erreichen.',
    signature_refused: 'Etwas kam, das ein anderer App-Geheimcode signiert hat. Es wurde abgewiesen.',
    signature_way_out:
      'Kopieren Sie den App-Geheimcode der App, deren Webhook hierher führt: App-Einstellungen, Allgemeines.',
    token_refused: 'Meta hat mit einem anderen Verifizierungstoken nach dieser Adresse gefragt.',
    token_way_out: 'Kopieren Sie das Verifizierungstoken von unten in Metas Dashboard und speichern Sie dort noch einmal.',
  },

  queues: {
    intro:
      'Wo Interaktionen auf einen Agenten warten. Was Kontakte schreiben, kommt in die erste; die anderen sind für Übergaben.',
    add: 'Warteschlange hinzufügen',
    empty: 'Es gibt noch keine Warteschlange.',
    new_heading: 'Neue Warteschlange',
    first: '(für das, was Kontakte schreiben)',
    hours: 'Öffnungszeiten',
    hours_hint: 'Etwa 09:00\u201312:00, 13:00\u201317:30. Ein leerer Tag ist geschlossen.',
    span_wrong: 'Schreiben Sie Zeiten als 09:00\u201317:30, mit Kommas zwischen mehreren.',
    always: 'immer',
    sections: { offers: 'Angebote', texts: 'Begrüßung' },
    auto_answers: {
      off: 'Agenten nehmen an oder lehnen ab',
      on: 'Öffnet sich sofort von selbst',
      preview: 'Wird erst gezeigt, öffnet sich dann von selbst',
    },
    fields: {
      name: ['Name', ''],
      priority: ['Priorität', 'Höhere gehen vor.'],
      skills: ['Fähigkeiten', 'Eine je Zeile. Nur Agenten, die alle haben, werden gefragt.'],
      auto_answer: ['Angebote', ''],
      offer_timeout_ms: ['Zeit zum Antworten', 'Danach wird jemand anderes gefragt.'],
      pass_over_ms: ['Pause nach einer Ablehnung', 'So lange wird, wer abgelehnt hat, nicht wieder gefragt.'],
      last_agent_wait_ms: [
        'Für den letzten Agenten aufgehoben',
        'So lange wartet Arbeit auf den Agenten, der den Kontakt kennt.',
      ],
      transfer_timeout_ms: ['Dauer einer Übergabe', 'So lange sucht eine Übergabe an diese Warteschlange einen Agenten.'],
      greeting: ['Begrüßung', 'Wird gesendet, wenn eine neue Interaktion beginnt. Leer für keine.'],
      has_hours: [
        'Nur zu bestimmten Zeiten',
        'Außerhalb bekommen Kontakte einmal den Text unten; ihre Nachrichten warten.',
      ],
      time_zone: ['Zeitzone', 'Etwa Europe/Berlin.'],
      away_text: ['Text außerhalb der Öffnungszeiten', 'Leer für keinen.'],
    },
  },

  outcomes: {
    intro:
      'Wie eine Interaktion ausgegangen ist. Agenten wählen aus dieser Liste; mit anderen unter sich ist ein Ergebnis eine Überschrift.',
    add: 'Ergebnis hinzufügen',
    empty: 'Es gibt noch kein Ergebnis.',
    new_heading: 'Neues Ergebnis',
    state: 'Zustand',
    in_use: 'in Gebrauch',
    retired: 'ausgemustert',
    no_parent: 'keinem: ganz oben',
    fields: {
      label: ['Name', 'So sehen ihn die Agenten.'],
      parent: ['Unter', ''],
      code: ['Code', 'Für Berichte; ändert sich nie. Wird aus dem Namen gebildet, wenn er leer ist.'],
      retired: [
        'Ausgemustert',
        'Agenten können es nicht mehr wählen; was damit entschieden wurde, behält seinen Namen.',
      ],
    },
  },

  case_fields: {
    intro:
      'Was Agenten zu einer Interaktion ausfüllen, in dieser Reihenfolge. Daneben dürfen sie eigene Felder hinzufügen.',
    add: 'Feld hinzufügen',
    empty: 'Es gibt noch kein Feld.',
    new_heading: 'Neues Feld',
    rules: 'Regeln',
    order: 'Reihenfolge',
    up: 'Nach oben',
    down: 'Nach unten',
    moved: (/** @type {string} */ label, /** @type {number} */ place) => `${label} ist jetzt Nummer ${place}.`,
    kinds: { text: 'Text', number: 'Zahl', date: 'Datum', boolean: 'Ja oder nein', choice: 'Auswahl' },
    fields: {
      label: ['Name', 'So sehen ihn die Agenten.'],
      key: ['Name in Feldcodes und Berichten', 'a-z, 0-9 und _; ändert sich nie.'],
      kind: ['Art', ''],
      choices: ['Werte zur Auswahl', 'Einer je Zeile.'],
      required: ['Pflicht', 'Bevor es ausgefüllt ist, kann eine Interaktion nicht erledigt werden.'],
      on_offer: ['Beim Angebot gezeigt', 'Agenten sehen es, bevor sie annehmen.'],
      read_only: ['Nur zum Lesen', 'Agenten können es nicht ändern.'],
    },
  },

  responses: {
    intro: 'Vorbereitete Antworten für alle Agenten. Auch Supervisoren pflegen sie.',
    add: 'Textbaustein hinzufügen',
    empty: 'Es gibt noch keinen Textbaustein.',
    new_heading: 'Neuer Textbaustein',
    files: 'Dateien',
    attach: 'Datei anhängen',
    detach: 'Entfernen',
    not_taken: 'Die Datei wurde nicht angenommen. Versuchen Sie es noch einmal.',
    remove: 'Diesen Textbaustein entfernen',
    remove_text: 'Er verschwindet aus den Listen aller Agenten. Was damit gesendet wurde, bleibt.',
    removed: 'Der Textbaustein ist entfernt.',
    fields: {
      title: ['Titel', ''],
      category: ['Kategorie', 'Mit / zwischen einer Kategorie und einer darunter: Versand / Verspätung.'],
      shortcut: ['Kürzel', 'Wird nach / im Nachrichtenfeld getippt: a-z, 0-9, _ und -.'],
      text: ['Text', 'Feldcodes wie {{contact.first_name}} und {{agent.name}} werden für jeden Kontakt ausgefüllt.'],
    },
  },

  rules: {
    intro: 'Sie gelten für alle, sobald sie gespeichert sind.',
    no_language: 'keine: Wörter, wie sie geschrieben sind',
    sections: { work: 'Arbeit', presence: 'Anwesenheit', idle: 'Stille Gespräche' },
    read_marks: { on_view: 'sobald ein Agent die Nachricht sieht', on_reply: 'erst mit der Antwort' },
    fields: {
      disposition_mandatory: ['Erledigen braucht ein Ergebnis', ''],
      disposition_read_only_after_end: ['Das Ergebnis steht fest, wenn die Interaktion beendet ist', ''],
      reject_allowed: ['Agenten dürfen Angebote ablehnen', ''],
      read_marks: ['Kontakte sehen, dass eine Nachricht gelesen wurde', ''],
      main_language: ['Hauptsprache der Kontakte', 'Die Suche findet ihre Wörter auch in anderen Formen.'],
      reasons: ['Gründe für Nicht bereit', 'Einer je Zeile, in der Reihenfolge des Menüs.'],
      disconnect_grace_ms: [
        'Verlorene Verbindung',
        'Eine kürzere ändert nichts; nach einer längeren ist der Agent nicht bereit.',
      ],
      owner_grace_ms: ['Arbeit eines Agenten, der weg ist', 'Nach so langer Zeit geht sie zurück in die Warteschlange.'],
      idle_lock_ms: ['Abmelden nach', 'Ohne Berührung von Maus oder Tastatur; 0 für nie.'],
      idle_warning_ms: ['Davor warnen', ''],
      idle_alert_ms: ['Stille bis zur Erinnerung', 'Zeit ohne Nachricht in einer offenen Interaktion.'],
      idle_close_ms: ['Von der Erinnerung bis zum Ende', 'Dann wird die Interaktion beendet.'],
      idle_alert_text: [
        'Text der Erinnerung',
        'Geht an den Kontakt, solange das Antwortfenster offen ist. Leer für keinen.',
      ],
    },
  },
};
