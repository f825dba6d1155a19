import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { TensorProto_DataLocation as Location } from 'onnx-buf';
import { asFault, Fault } from '../../shared/fault.ts';
import { LARGEST, parseModel, type TensorProto, writeModel } from './onnx.ts';

/**
 * An ONNX file as bytes that stand alone: weights in files beside it are taken in. Nothing is read that is not in the model's own
 * folder, nor more than one ONNX file can hold. Throws MODEL_FILE_INVALID.
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  const bytes = await readPart(path, { path, room: LARGEST });
  const model = parseModel(bytes);
  const outside = model.graph.initializer.filter((t) => t.dataLocation === Location.EXTERNAL);
  if (outside.length === 0) return bytes;
  let room = LARGEST - bytes.length;
  for (const tensor of outside) {
    tensor.rawData = await weightsOf(tensor, { path, room });
    tensor.dataLocation = Location.DEFAULT;
    tensor.externalData = [];
    room -= tensor.rawData.length;
  }
  return writeModel(model);
}

interface Source {
  /** The model, for its folder and for messages. */
  readonly path: string;
  /** Bytes that may still be read. */
  readonly room: number;
}

/** ONNX: external data. `location` is relative to the model; without `length` it reaches to the end of the file. */
async function weightsOf(
  { name, externalData }: TensorProto,
  source: Source,
): Promise<Uint8Array<ArrayBuffer>> {
  const said = new Map(externalData.map(({ key, value }) => [key, value]));
  const [offset, length] = ['offset', 'length'].map((key) => wholeNumber(said.get(key), `${key} of ${name}`));
  const folder = await realpath(dirname(source.path));
  const location = said.get('location') ?? '';
  const file = await realpath(join(folder, location)).catch((cause: unknown) =>
    invalid(`the weights ${name} are in the file ${location}, which is not beside the model`, { cause }),
  );
  if (location.startsWith(sep) || !file.startsWith(`${folder}${sep}`))
    invalid(`the weights ${name} are in ${location}, outside the model’s folder`);
  return readPart(file, {
    ...source,
    ...(offset === undefined ? {} : { offset }),
    ...(length === undefined ? {} : { length }),
  });
}

function wholeNumber(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) invalid(`the ${what} is ${text}, no number of bytes`);
  return Number(text);
}

interface Part extends Source {
  readonly offset?: number;
  /** To the end when left out. */
  readonly length?: number;
}

/** Looks at the size before it takes memory. */
async function readPart(
  file: string,
  { path, room, offset = 0, length }: Part,
): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(file).catch((cause: unknown) => invalid(`${file} cannot be read`, { cause }));
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) invalid(`${file} is no file`);
    const wanted = length ?? facts.size - offset;
    if (wanted < 0 || offset + wanted > facts.size)
      invalid(`${file} has ${facts.size} bytes, the model reads ${wanted} from ${offset} on`);
    if (wanted > room) invalid(`${path} is over 2 GiB with its weights, more than an ONNX file can hold`);
    return await fill(handle, new Uint8Array(wanted), offset);
  } finally {
    await handle.close();
  }
}

async function fill(
  handle: FileHandle,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): Promise<Uint8Array<ArrayBuffer>> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle
      .read(bytes, { offset: done, position: offset + done })
      .catch((cause: unknown) => invalid(`a read failed: ${asFault(cause).detail}`, { cause }));
    if (bytesRead === 0) invalid('the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

function invalid(detail: string, options?: ErrorOptions): never {
  throw new Fault('MODEL_FILE_INVALID', detail, options);
}
