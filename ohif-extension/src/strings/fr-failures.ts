import type { Catalogue } from './en.ts';

/** Ce qui manque, et que faire alors. */
export const FR_FAILURES: Catalogue['failures'] = {
  slow: 'L’archive prend son temps. Continuez à lire : les résultats apparaissent ici.',
  priorsSlow: 'Examens antérieurs de ce patient : l’archive n’a pas encore répondu.',
  priorsPart: 'Tous les examens antérieurs de ce patient n’ont pas pu être demandés.',
  missing: {
    title: (count) =>
      count === 1 ? 'Un compte rendu n’a pas pu être lu' : `${count} comptes rendus n’ont pas pu être lus`,
    text: 'Ce qui est montré n’est peut-être pas le plus récent, ou a été rejeté depuis.',
  },
  stale: {
    title: 'L’archive n’a pas répondu de nouveau',
    text: 'Voici l’état d’avant : il y a peut-être un résultat plus récent, ou une évaluation.',
  },
  newer: {
    title: 'Un résultat plus récent est là',
    text: 'Votre travail sur celui-ci n’est pas signé. Signez-le ou abandonnez-le ; le plus récent est montré ensuite.',
  },
  offers: 'Le serveur n’a pas répondu. Fermez et rouvrez ceci pour redemander.',
  sending: {
    unknown: 'Pas de réponse : c’est peut-être enregistré. Signez encore ; rien n’est enregistré deux fois.',
    signedOut:
      'Non enregistré : votre session a expiré. Connectez-vous, puis signez ici ; ce que vous avez écrit reste.',
    leave: 'Votre évaluation est en cours d’enregistrement. Quitter, et peut-être la perdre ?',
  },
};
