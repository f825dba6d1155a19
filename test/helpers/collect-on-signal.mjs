import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded by `--import`: a process collects its garbage, all of it, when it gets SIGUSR2, and gives the pages back, as V8 does before it would be out of memory; a
 * usual collection keeps them.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
