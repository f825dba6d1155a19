import { createApp } from '../../server/app.ts';
import { log } from '../../server/shared/log.ts';
import { revealsRouter } from '../../server/show/reveals.ts';
import { NO_LOG_IN } from '../helpers/no-log-in.ts';
import { type Listening, listen } from './listening.ts';

const REVEAL = {
  StudyInstanceUID: '1.2.3',
  openedAt: '2026-11-25T12:00:00.000Z',
  revealedAt: '2026-11-25T12:01:30.000Z',
};

describe('what a reader reveals', () => {
  let site: Listening;
  const reveals: unknown[] = [];
  beforeAll(async () => {
    const router = revealsRouter(({ identity }, study) => reveals.push([identity?.subject, study]));
    site = await listen(createApp({ access: NO_LOG_IN, routers: [router] }));
  });
  afterAll(() => site.close());

  const post = (body: unknown) =>
    fetch(`${site.url}/api/reveals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  test('is written to the log with its times', async () => {
    const info = jest.spyOn(log, 'info').mockImplementation(() => undefined);
    expect((await post(REVEAL)).status).toBe(204);
    expect(info.mock.calls.map(([facts]) => facts)).toEqual([{ reveal: REVEAL }]);
    info.mockRestore();
    expect(reveals).toEqual([['local', '1.2.3']]);
  });

  test.each([
    { ...REVEAL, revealedAt: 'now' },
    { ...REVEAL, PatientName: 'A' },
    { ...REVEAL, StudyInstanceUID: '1.02' },
    {},
    '{',
    `"${'x'.repeat(3_000)}"`,
  ])('anything else is refused (%#)', async (body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
