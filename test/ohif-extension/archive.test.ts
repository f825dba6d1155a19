import { archiveAt } from '../../ohif-extension/src/lib/archive.ts';

type Answer = readonly [status: number, body: unknown];

const UID = (uid: string) => ({ vr: 'UI', Value: [uid] });
const series = (uid: string) => ({ '0020000E': UID(uid) });
const report = (uid: string) => ({ '00080018': UID(uid) });
/** What the browser makes of an answer that is no JSON, where JSON was asked for (XMLHttpRequest, §3.6.9). */
const PAGE: Answer = [200, null];

/** As much of the browser's request as the client uses; answered by the end of its address. */
function answering(answers: Readonly<Record<string, Answer>>): void {
  class Request extends EventTarget {
    url = '';
    status = 0;
    response: unknown = null;
    readyState = 0;
    responseType = '';
    timeout = 0;
    onreadystatechange: () => void = () => undefined;
    open(_: string, url: string) {
      this.url = url;
    }
    setRequestHeader() {}
    getResponseHeader() {
      return 'application/dicom+json';
    }
    getAllResponseHeaders() {
      return '';
    }
    abort() {}
    send() {
      const found = Object.entries(answers).find(([end]) => this.url.endsWith(end));
      [this.status, this.response] = found?.[1] ?? [200, []];
      this.readyState = 4;
      queueMicrotask(() => this.onreadystatechange());
    }
  }
  Object.assign(globalThis, { XMLHttpRequest: Request, location: { href: 'http://viewer/' } });
}

const archive = archiveAt('/dicom-web', () => ({}));
const { signal } = new AbortController();
const LISTED = { 'series?Modality=SR': [200, [series('1.1'), series('1.2')]] } as const;

test.each<[what: string, answers: Readonly<Record<string, Answer>>, reason: string]>([
  ['does not list its series', { 'series?Modality=SR': [503, null] }, 'HTTP 503'],
  ['breaks off', { 'series?Modality=SR': [0, null] }, 'no answer'],
  ['sends a page to log in at', { 'series?Modality=SR': PAGE }, 'the answer is not DICOM JSON'],
  ['sends one instead of reports', { ...LISTED, metadata: PAGE }, 'the answer is not DICOM JSON'],
  ['lists reports and gives none (204)', { ...LISTED, metadata: [204, null] }, 'the answer is empty'],
])('an archive that %s has not answered: that is no study without reports', async (_, answers, reason) => {
  answering(answers);
  await expect(archive.reports('1', signal)).rejects.toThrow(reason);
});

test.each<Answer>([[500, null], [404, null], [204, null], PAGE])(
  'one report that cannot be had (%j) takes none of the others with it, and is counted',
  async (...answer) => {
    answering({ ...LISTED, '1.1/metadata': answer, '1.2/metadata': [200, [report('1.2.1')]] });
    expect(await archive.reports('1', signal)).toEqual({ documents: [report('1.2.1')], missing: 1 });
  },
);

test('a study without reports is one', async () => {
  answering({ 'series?Modality=SR': [204, null] });
  expect(await archive.reports('1', signal)).toEqual({ documents: [], missing: 0 });
});
