import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { readPart10 } from '../../server/dicom/read.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { ENCAPSULATED_PDF_STORAGE } from '../../server/encode/report-pdf.ts';
import { type SeriesInArchive, sendBytes, sendTo } from '../helpers/archive.ts';
import { describeWithKit, kitPath } from '../helpers/kit.ts';
import { explainCine } from './made-cine.ts';
import { explainCt, SOUGHT, sendThinned } from './made-ct.ts';
import { explainChest, explainHead } from './made-results.ts';
import {
  type Coloured,
  colouredWhen,
  faultsOf,
  imageIsShown,
  inList,
  screenshot,
  startViewerSite,
  type ViewerSite,
} from './viewer-site.ts';

jest.setTimeout(180_000);

const RADIOGRAPHS = ['B_chest_xray', 'dicom'] as const;
const CHEST = kitPath(...RADIOGRAPHS, 'kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm');
const HEALTHY = kitPath(...RADIOGRAPHS, 'kermany_test_NORMAL_IM-0099-0001.dcm');
const CT = kitPath('C_ct', 'dicom_chest_lung');
const HEAD = kitPath('A_brain_mri', 'dicom', 'datalad_t1_every2nd');
const CINE = kitPath('E_hostile', 'pydicom_test_files', 'examples_ybr_color.dcm');
const isDrawn = ({ count }: Coloured): boolean => count > 500;

/**
 * Resolves when lines are drawn over the active viewport. The host may know which lines only after it has rendered, and then draws them when it
 * renders next, as it does at a reader's first move.
 */
const linesAreDrawn = (page: Page) =>
  page.waitForFunction(
    () => {
      const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
      const id = viewportGridService?.getState().activeViewportId ?? '';
      cornerstoneViewportService?.getCornerstoneViewport(id)?.render();
      return document.querySelector('svg.svg-layer [stroke]') !== null;
    },
    undefined,
    { timeout: 30_000, polling: 250 },
  );

/** Names and colours of the segments as the host has them; it knows colours as bytes. */
const segmentsInHost = (page: Page) =>
  page.evaluate(() => {
    const { viewportGridService, segmentationService } = window.services ?? {};
    const viewport = viewportGridService?.getState().activeViewportId ?? '';
    return (segmentationService?.getSegmentations() ?? []).flatMap(({ segmentationId, segments }) =>
      Object.values(segments).map(({ segmentIndex, label }) => ({
        label,
        rgb: [...(segmentationService?.getSegmentColor(viewport, segmentationId, segmentIndex) ?? [])].slice(
          0,
          3,
        ),
      })),
    );
  });

/** The host reads CIELab under another white point than the standard's (D50): a channel comes out up to 40 off. */
function expectSegmentsOfCt(segments: Awaited<ReturnType<typeof segmentsInHost>>): void {
  expect(segments.map(({ label }) => label)).toEqual(SOUGHT.map(({ label }) => label));
  const off = segments.flatMap(({ rgb }, i) =>
    rgb.map((value, c) => Math.abs(value - (SOUGHT[i]?.rgb[c] as number))),
  );
  expect(off).toHaveLength(3 * SOUGHT.length);
  expect(Math.max(...off)).toBeLessThanOrEqual(40);
}

/** Resolves when white paper takes a fifth of what the viewer embeds, as the browser's own viewer draws a PDF. */
async function paperIsSeen(page: Page): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    const { data } = PNG.sync.read(await page.locator('object[type="application/pdf"]').screenshot());
    let white = 0;
    for (let i = 0; i < data.length; i += 4)
      if (data[i] === 255 && data[i + 1] === 255 && data[i + 2] === 255) white++;
    const share = white / (data.length / 4);
    if (share > 0.2) return;
    if (performance.now() > until) throw new Error(`white stays ${share} of it`);
    await page.waitForTimeout(250);
  }
}

/** What each series must bring to the eye once it is opened. */
const SEEN = {
  colours: async (page: Page) => {
    // The viewport may be put up anew.
    await page.waitForTimeout(1_500);
    await page.locator('canvas.cornerstone-canvas').first().waitFor();
    await colouredWhen(page, isDrawn);
  },
  /** The host opens a segmentation where it begins: a few images further there is more to see. */
  masks: async (page: Page) => {
    await page.waitForTimeout(1_500);
    await page.locator('canvas.cornerstone-canvas').first().hover();
    for (let i = 0; i < 3; i++) await page.mouse.wheel(0, 100);
    await colouredWhen(page, isDrawn);
  },
  rectangles: linesAreDrawn,
  paper: paperIsSeen,
  /** An image, or a series that the host lists and cannot show. */
  nothing: (page: Page) => page.waitForTimeout(2_000),
} as const;

/** A slice as a device writes it that keeps decimals within the sixteen characters of DS (PS3.5 §6.2): those of the kit's head are longer. */
function withinSixteen(bytes: Uint8Array): Uint8Array {
  const { dataset, pixels, TransferSyntaxUID } = readPart10(bytes);
  return writePart10({ ...dataset, PatientAge: null, PixelData: pixels }, { TransferSyntaxUID });
}

/** Without our panel: what any OHIF makes of the objects. */
describeWithKit('the series of a result, opened in OHIF by a double click, without an exception', () => {
  let site: ViewerSite;
  beforeAll(async () => {
    site = await startViewerSite();
  });
  afterAll(() => site?.close());

  type Archive = Parameters<typeof sendTo>[0];
  const made = async (
    archive: Archive,
    source: Promise<SeriesInArchive>,
    explain: (archive: Archive, series: SeriesInArchive) => Promise<void>,
  ): Promise<SeriesInArchive> => {
    const series = await source;
    await explain(archive, series);
    return series;
  };

  /** The radiograph without a finding and the structure that is not there have a report that opens too. */
  const STUDIES: Readonly<Record<string, (archive: Archive) => Promise<SeriesInArchive>>> = {
    ct: (archive) => made(archive, sendThinned(archive, CT), explainCt),
    'oblique-mr': (archive) => made(archive, sendThinned(archive, HEAD, withinSixteen), explainHead),
    cine: (archive) => made(archive, sendTo(archive, CINE), explainCine),
    chest: (archive) =>
      made(archive, sendTo(archive, CHEST), (to, series) =>
        explainChest(to, series, { also: ['KOS', 'PDF'] }),
      ),
    healthy: (archive) => made(archive, sendTo(archive, HEALTHY), explainChest),
  };

  test.each<[study: string, kinds: Record<string, [seriesNumber: number, seen: keyof typeof SEEN]>]>([
    ['ct', { SR: [904, 'rectangles'], SEG: [901, 'colours'], PM: [903, 'colours'], KOS: [905, 'nothing'] }],
    ['oblique-mr', { SEG: [901, 'masks'], SR: [904, 'rectangles'], PM: [903, 'colours'] }],
    ['cine', { SC: [906, 'colours'], MAP: [907, 'nothing'], SR: [904, 'rectangles'] }],
    [
      'chest',
      {
        SC: [906, 'colours'],
        MAP: [907, 'nothing'],
        PDF: [908, 'paper'],
        SR: [904, 'rectangles'],
        KOS: [905, 'nothing'],
      },
    ],
    ['healthy', { SC: [906, 'nothing'], SR: [904, 'rectangles'] }],
  ])('%s', async (study, kinds) => {
    const series = await STUDIES[study]?.({ url: site.orthanc.url });
    const page = await site.open(`/viewer?StudyInstanceUIDs=${series?.StudyInstanceUID}`, async (opening) => {
      await opening.route('**/pellucid/index.umd.js', (route) => route.fulfill({ status: 404 }));
    });
    await imageIsShown(page);
    const faults = faultsOf(page);
    for (const [kind, [seriesNumber, seen]] of Object.entries(kinds)) {
      await inList(page, seriesNumber).dblclick();
      // A segmentation is drawn only when the reader says so.
      if (kind === 'SEG') await page.getByRole('button', { name: 'Yes' }).click();
      await SEEN[seen](page).finally(() => screenshot(page, `series-${study}-${kind}`));
      if (kind === 'SEG' && study === 'ct') expectSegmentsOfCt(await segmentsInHost(page));
      expect({ kind, faults }).toEqual({ kind, faults: [] });
      expect(await page.getByText('Something went wrong').count()).toBe(0);
    }
    await page.close();
  });

  /** OHIF gives a document the type that the archive says it has: this one comes as a page, with all that a page can try. */
  const falsePdf = (elsewhere: string) => `<!doctype html><title>false</title>
    <script>top.ran = 'a script'</script><script src="data:text/javascript,top.ran = 'a script of an address'"></script>
    <img src="none" onerror="top.ran = 'a handler'"><iframe src="javascript:top.ran = 'an address'"></iframe>
    <iframe srcdoc="<script>top.ran = 'a page within'</script>"></iframe>
    <object data="data:text/html,<script>top.ran = 'a page of an address'</script>"></object>
    <meta http-equiv="refresh" content="0;url=${elsewhere}">`;

  test('what says that it is a PDF and is a page runs nothing and leads nowhere', async () => {
    const archive = { url: site.orthanc.url };
    const { StudyInstanceUID } = await sendTo(archive, HEALTHY);
    await sendBytes(
      archive,
      writePart10({
        SOPClassUID: ENCAPSULATED_PDF_STORAGE,
        StudyInstanceUID,
        SeriesInstanceUID: '2.25.1',
        SOPInstanceUID: '2.25.2',
        Modality: 'DOC',
        SeriesNumber: '1000',
        MIMETypeOfEncapsulatedDocument: 'text/html',
        EncapsulatedDocument: new TextEncoder().encode(falsePdf(site.url)),
      }),
    );
    const page = await site.open(`/viewer?StudyInstanceUIDs=${StudyInstanceUID}`);
    await imageIsShown(page);
    const faults = faultsOf(page);
    const opened: string[] = [];
    page.on('framenavigated', (frame) => opened.push(frame.url()));
    await Promise.all([
      page.waitForEvent('console', {
        predicate: (message) => message.text().startsWith('Framing'),
        timeout: 30_000,
      }),
      // The host lists it twice, for it does not say the date of the study.
      inList(page, 1000).first().dblclick(),
    ]);
    await screenshot(page, 'series-false-pdf');
    expect(await page.evaluate(() => window.ran)).toBeUndefined();
    expect(opened.map((url) => new URL(url).protocol)).toContain('blob:');
    expect(opened.filter((url) => url.startsWith('http'))).toEqual([]);
    const refused = faults.flatMap((fault) => /(?:script|object|frame)-src/.exec(fault) ?? []);
    expect([...new Set(refused)].sort()).toEqual(['frame-src', 'object-src', 'script-src']);
    await page.close();
  });
});

/** What the functions above find in the page. */
declare const window: {
  /** What ran that must not. */
  readonly ran?: string;
  readonly services?: {
    readonly viewportGridService?: { getState(): { readonly activeViewportId: string | null } };
    readonly segmentationService?: {
      getSegmentations(): readonly {
        readonly segmentationId: string;
        readonly segments: Readonly<
          Record<string, { readonly segmentIndex: number; readonly label: string }>
        >;
      }[];
      getSegmentColor(viewport: string, segmentation: string, segment: number): Iterable<number>;
    };
    readonly cornerstoneViewportService?: { getCornerstoneViewport(id: string): { render(): void } | null };
  };
};
declare const document: { querySelector(selector: string): object | null };
