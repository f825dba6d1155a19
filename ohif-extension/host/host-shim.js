/**
 * Gives a host before OHIF 3.14 what later ones offer by themselves: its own React, cornerstone and icons as shared globals. A
 * host that has them already is left alone; where its React is not found, as in a build that is made small, the panel brings its own.
 */
export async function installHostShared(peerImport) {
  if (!(window.react && window['react/jsx-runtime'])) {
    try {
      const load = bundlerRequire();
      for (const [name, looksRight] of Object.entries(PROBES)) {
        const id = Object.keys(load.m).find((key) =>
          looksRight(Function.prototype.toString.call(load.m[key])),
        );
        if (id === undefined) throw new Error(`the host’s ${name} was not found`);
        window[name] = load(id);
      }
      shareIcons(load);
    } catch (error) {
      console.warn('The host’s React was not found: the panel brings its own.', error);
      await import('/pellucid/own-react.js');
    }
  }
  // Loading this part of the host sets window.cornerstone.
  if (!window['@cornerstonejs/core']) await peerImport('@ohif/extension-cornerstone');
  window['@cornerstonejs/core'] ??= window.cornerstone;
}

/** The host's set of icons, for one of our own; without it the panel has one of the host's. */
function shareIcons(load) {
  const id = Object.keys(load.m).find((key) =>
    /\n {2}addIcon: \(name, icon\) =>/.test(Function.prototype.toString.call(load.m[key])),
  );
  const Icons = id && Object.values(load(id)).find((value) => typeof value?.addIcon === 'function');
  if (Icons) window['@ohif/ui-next'] ??= { Icons };
}

/** How to know a module by its source, whatever its id. */
const PROBES = {
  'react/jsx-runtime': (source) => /exports\.jsxs\s*=/.test(source) && /exports\.Fragment\s*=/.test(source),
  react: (source) => /exports\.useState\s*=/.test(source) && /exports\.createElement\s*=/.test(source),
};

/** The bundler hands its require function to each chunk that arrives: so send it an empty one. */
function bundlerRequire() {
  const chunks = window.rspackChunk ?? window.webpackChunk;
  if (!chunks) throw new Error('the host’s bundler was not found');
  let load;
  chunks.push([
    [`pellucid-${Math.random()}`],
    {},
    (require) => {
      load = require;
    },
  ]);
  if (!load) throw new Error('the host’s bundler did not answer');
  return load;
}
