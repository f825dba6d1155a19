import type { Page } from 'playwright-core';
import { readPart10 } from '../../server/dicom/read.ts';
import { writePart10 } from '../../server/dicom/write.ts';
import { type SeriesInArchive, sendTo } from '../helpers/archive.ts';
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
    chest: (archive) => made(archive, sendTo(archive, CHEST), explainChest),
    healthy: (archive) => made(archive, sendTo(archive, HEALTHY), explainChest),
  };

  test.each<[study: string, kinds: Record<string, [seriesNumber: number, seen: keyof typeof SEEN]>]>([
    ['ct', { SR: [904, 'rectangles'], SEG: [901, 'colours'], PM: [903, 'colours'], KOS: [905, 'nothing'] }],
    ['oblique-mr', { SEG: [901, 'masks'], SR: [904, 'rectangles'], PM: [903, 'colours'] }],
    ['cine', { SC: [906, 'colours'], MAP: [907, 'nothing'], SR: [904, 'rectangles'] }],
    [
      'chest',
      { SC: [906, 'colours'], MAP: [907, 'nothing'], SR: [904, 'rectangles'], KOS: [905, 'nothing'] },
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
});

/** What the functions above find in the page. */
declare const window: {
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
