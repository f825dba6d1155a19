import type { Catalogue } from './en.ts';
import type { EN_OVERLAY } from './en-overlay.ts';

export const FR_OVERLAY: Pick<Catalogue, keyof typeof EN_OVERLAY> = {
  overImage: 'Sur l’image',
  map: 'Carte',
  uncertainty: 'Incertitude',
  masks: 'Masques',
  regions: 'Régions',
  moreControls: 'Plus',
  opacity: 'Opacité',
  showTop: 'Les plus forts',
  topHolds: (top) => [`Les ${top} les plus forts portent `, ' des indices'],
  showLowest: 'Les plus bas',
  lowest: (part) => `Les ${part} les plus bas de l’échelle : cas limites`,
  evidence: 'Indices',
  form: 'Présentation',
  forms: { colours: 'Couleurs', outline: 'Contour' },
  lineFor: 'montré, pour',
  lineAgainst: 'montré, contre',
  sides: { for: 'Pour', against: 'Contre', both: 'Les deux' },
  speaksFor: 'plaide pour',
  speaksAgainst: 'plaide contre',
  scaledTo: 'rapporté à la cellule la plus forte, pour ou contre',
  holdToHide: ['maintenir ', ' : l’image seule'],
  grid: (rows, columns) => `calculé sur ${columns} × ${rows} cellules, lissé pour l’affichage`,
  dimmed: 'atténué, car le score est sous son seuil',
  noUnit: 'sans unité',
  mapLoading: 'Chargement de la carte…',
  mapLoadingShare: (share) => `Chargement de la carte : ${share}`,
  notHere: {
    title: 'Non calculé pour l’image affichée',
    text: 'La carte appartient à une autre image ; rien n’est dessiné ici.',
  },
  masksUnread: {
    title: 'Les masques ne sont pas encore dessinés',
    text: 'La visionneuse n’a pas encore pu lire leur série ; elle est sollicitée à nouveau. Valeurs et volumes sont complets.',
  },
  masksElsewhere: {
    title: 'Les masques concernent une autre série',
    text: 'Ils ne sont dessinés que sur leurs propres images.',
    show: 'Afficher cette série',
  },
  maskUnable: {
    title: 'Le masque n’est pas dessiné',
    text: 'La visionneuse ne l’a pas, ou ne peut pas le dessiner. Valeurs et volumes sont complets.',
  },
  mapFailed: {
    title: 'La carte n’a pas pu être chargée',
    text: 'Score et explication sont complets ; la carte est dans les séries de l’IA de cet examen.',
  },
};
