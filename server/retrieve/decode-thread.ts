import { parentPort } from 'node:worker_threads';
import { asFault } from '../shared/fault.ts';
import { decoderOf } from './codec.ts';
import type { Answer, Task } from './decode-pool.ts';

/** The thread that decode-pool.ts starts: a task comes, its answer goes. */
parentPort?.on('message', (task: Task & { id: number }) => {
  void answerTo(task).then((answer) =>
    parentPort?.postMessage(answer, 'decoded' in answer ? [answer.decoded.bytes.buffer as ArrayBuffer] : []),
  );
});

async function answerTo({ id, TransferSyntaxUID, frame, format }: Task & { id: number }): Promise<Answer> {
  try {
    const decode = await decoderOf(TransferSyntaxUID);
    const decoded = decode(frame, format);
    return { id, decoded: { ...decoded, bytes: owned(decoded.bytes) } };
  } catch (error) {
    const { code, detail } = asFault(error);
    return { id, code, detail };
  }
}

/** Bytes whose memory is theirs alone, so that it may leave this thread. */
const owned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
