import type { Catalogue } from './en.ts';
import type { EN_OVERLAY } from './en-overlay.ts';

export const DE_OVERLAY: Pick<Catalogue, keyof typeof EN_OVERLAY> = {
  overImage: 'Über dem Bild',
  map: 'Karte',
  uncertainty: 'Unsicherheit',
  masks: 'Masken',
  regions: 'Regionen',
  moreControls: 'Mehr',
  opacity: 'Deckkraft',
  showTop: 'Stärkste',
  topHolds: (top) => [`Die stärksten ${top} tragen `, ' der Hinweise'],
  showLowest: 'Niedrigste',
  lowest: (part) => `Die niedrigsten ${part} der Skala: knapp entschieden`,
  evidence: 'Hinweise',
  form: 'Darstellung',
  forms: { colours: 'Farben', outline: 'Umriss' },
  lineFor: 'gezeigt, dafür',
  lineAgainst: 'gezeigt, dagegen',
  sides: { for: 'Dafür', against: 'Dagegen', both: 'Beides' },
  speaksFor: 'spricht dafür',
  speaksAgainst: 'spricht dagegen',
  scaledTo: 'bezogen auf die stärkste Zelle, dafür oder dagegen',
  holdToHide: ['', ' halten: nur das Bild'],
  grid: (rows, columns) => `berechnet auf ${columns} × ${rows} Zellen, zur Anzeige geglättet`,
  dimmed: 'gedämpft, weil der Wert unter der Schwelle liegt',
  noUnit: 'ohne Einheit',
  mapLoading: 'Die Karte wird geladen …',
  mapLoadingShare: (share) => `Die Karte wird geladen: ${share}`,
  notHere: {
    title: 'Nicht für das gezeigte Bild berechnet',
    text: 'Die Karte gehört zu einem anderen Bild; hier wird nichts eingezeichnet.',
  },
  masksUnread: {
    title: 'Die Masken sind noch nicht gezeichnet',
    text: 'Der Viewer konnte ihre Serie bisher nicht lesen und wird erneut gefragt. Werte und Volumina sind vollständig.',
  },
  masksElsewhere: {
    title: 'Die Masken gehören zu einer anderen Serie',
    text: 'Sie werden nur über ihren eigenen Bildern gezeichnet.',
    show: 'Diese Serie zeigen',
  },
  maskUnable: {
    title: 'Die Maske ist nicht gezeichnet',
    text: 'Der Viewer hat sie nicht oder kann sie nicht zeichnen. Werte und Volumina sind vollständig.',
  },
  mapFailed: {
    title: 'Die Karte war nicht zu laden',
    text: 'Wert und Erklärung sind vollständig; die Karte liegt in den KI-Serien dieser Studie.',
  },
};
