import { loadConfig } from '../config.ts';
import { loadModels } from '../models/load.ts';

/** Prints each package of MODEL_PATH: ready, or refused with its reason. */
export async function modelsCommand(): Promise<void> {
  const { ready, refused } = await loadModels(loadConfig(process.env).MODEL_PATH);
  for (const { identity } of ready) {
    process.stdout.write(`ready    ${identity.id} ${identity.version}  ${identity.intendedUse}\n`);
  }
  for (const { folder, fault } of refused) process.stdout.write(`refused  ${folder}  ${fault.detail}\n`);
}
