import type { Catalogue } from './en.ts';

/** Was fehlt, und was dann zu tun ist. */
export const DE_FAILURES: Catalogue['failures'] = {
  slow: 'Das Archiv braucht Zeit. Lesen Sie weiter: die Ergebnisse erscheinen hier.',
  priorsSlow: 'Frühere Studien dieses Patienten: das Archiv hat noch nicht geantwortet.',
  priorsPart: 'Nicht alle früheren Studien dieses Patienten waren zu fragen.',
  missing: {
    title: (count) => (count === 1 ? 'Ein Bericht war nicht lesbar' : `${count} Berichte waren nicht lesbar`),
    text: 'Was gezeigt wird, ist vielleicht nicht das Neueste, oder wurde inzwischen abgelehnt.',
  },
  stale: {
    title: 'Das Archiv hat nicht erneut geantwortet',
    text: 'Dies ist der vorige Stand: vielleicht gibt es ein neueres Ergebnis oder eine Beurteilung.',
  },
  newer: {
    title: 'Ein neueres Ergebnis ist da',
    text: 'Ihre Arbeit an diesem ist nicht signiert. Signieren oder verwerfen Sie sie; dann erscheint das neuere.',
  },
  offers: 'Der Server hat nicht geantwortet. Zum erneuten Fragen hier schließen und öffnen.',
  sending: {
    unknown:
      'Keine Antwort: vielleicht ist es gespeichert. Signieren Sie erneut; doppelt gespeichert wird nie.',
    signedOut:
      'Nicht gespeichert: Ihre Sitzung ist abgelaufen. Melden Sie sich an und signieren Sie dann hier; was Sie schrieben, bleibt.',
    leave: 'Ihre Beurteilung wird noch gespeichert. Verlassen und sie vielleicht verlieren?',
  },
};
