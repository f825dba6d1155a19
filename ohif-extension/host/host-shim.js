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
      mendBitFrames(load);
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

/**
 * OHIF 3.13 counts the bits of a byte from the wrong end where the frames of a binary segmentation do not begin with whole bytes, and refuses one
 * that ends with half a word: it drew scrambled masks, or none. Here they are taken apart after PS3.5 §8.1.1.
 */
function mendBitFrames(load) {
  const id = Object.keys(load.m).find((key) =>
    /key: "readUncompressedBitFrame"/.test(Function.prototype.toString.call(load.m[key])),
  );
  const dcmjs = id && Object.values(load(id)).find((value) => value?.async?.AsyncDicomReader);
  if (!dcmjs) return;
  dcmjs.async.AsyncDicomReader.prototype.readUncompressedBitFrame = async function ({ length }) {
    const { listener, stream } = this;
    const { rows, columns, numberOfFrames } = listener.information;
    await stream.ensureAvailable(length);
    const packed = new Uint8Array(stream.readArrayBuffer(length));
    stream.consume();
    for (let frame = 0; frame < Number(numberOfFrames); frame++) {
      listener.startObject([]);
      listener.value(bitsOf(packed, frame * rows * columns, rows * columns).buffer);
      listener.pop();
    }
  };
}

/** A stretch of bits, the least significant first, in bytes of its own. */
function bitsOf(packed, from, count) {
  const bits = new Uint8Array(Math.ceil(count / 8));
  const [first, shift] = [from >> 3, from & 7];
  for (let i = 0; i < bits.length; i++)
    bits[i] = (packed[first + i] | ((packed[first + i + 1] ?? 0) << 8)) >> shift;
  return bits;
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
