import { readFileSync } from 'node:fs';
import { Router } from 'express';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { readResult } from '../../server/results/read.ts';
import { Fault } from '../../server/shared/fault.ts';
import { getJson } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import { storedBytes } from '../helpers/archive.ts';
import { errorsOf } from '../helpers/validators.ts';
import { assessmentsOver } from './assessing.ts';
import { MARKED, sendMarked } from './made-markers.ts';
import {
  colouredWhen,
  inList,
  isDrawn,
  screenshot,
  startViewerSite,
  turnTo,
  type ViewerSite,
} from './viewer-site.ts';

jest.setTimeout(480_000);

/** Voxels of each image, as `column,row`, by SOP Instance UID. */
type Voxels = Readonly<Record<string, readonly string[]>>;

/** The masks that the host has in its memory under a label. */
const masksInHost = (page: Page, isCopy: boolean): Promise<Voxels> =>
  page.evaluate((wanted) => {
    const { segmentationService } = window.services ?? {};
    const found = segmentationService
      ?.getSegmentations()
      .find(({ label }) => label.endsWith('your correction') === wanted);
    const voxels: Record<string, string[]> = {};
    for (const id of found?.representationData.Labelmap.imageIds ?? []) {
      const { referencedImageId, voxelManager, columns } = window.cornerstone.cache.getImage(id);
      const uid = /instances\/([\d.]+)/.exec(referencedImageId)?.[1] ?? '';
      voxelManager.getScalarData().forEach((label, i) => {
        if (label) voxels[uid] = [...(voxels[uid] ?? []), `${i % columns},${Math.floor(i / columns)}`];
      });
    }
    return voxels;
  }, isCopy);

/** The same of a Segmentation in the archive. */
function masksIn(bytes: Uint8Array): Voxels {
  const read = readResult(bytes);
  if (read.kind !== 'segmentation') throw new Error('no segmentation');
  const voxels: Record<string, string[]> = {};
  for (const [i, { source }] of read.frameList.entries())
    voxels[source?.SOPInstanceUID ?? ''] = [...read.pixels(i)].flatMap((bit, at) =>
      bit ? [`${at % read.columns},${Math.floor(at / read.columns)}`] : [],
    );
  return voxels;
}

const Instances = z.array(z.object({ '00080018': z.object({ Value: z.array(z.string()) }) }));

const countOf = (voxels: Voxels): number => Object.values(voxels).flat().length;

describe('a reader corrects masks with the viewer’s own brush', () => {
  const api = Router();
  const archive = () => ({ url: site.orthanc.url });
  const made: string[] = [];
  let refused = '';
  let site: ViewerSite;
  let page: Page;
  beforeAll(async () => {
    api.use(
      assessmentsOver(archive, {
        before: async () => {
          if (refused) throw new Fault('REQUEST_INVALID', refused);
          return {};
        },
        store: async (_, { objects }) => {
          await store(archive(), '/dicom-web', objects);
          made.push(...objects.map(({ SOPInstanceUID }) => SOPInstanceUID));
        },
      }),
    );
    site = await startViewerSite(api);
    page = await site.open('/');
  });
  afterAll(() => site?.close());

  const open = async (name: string, marked = MARKED.MR): Promise<string> => {
    const { StudyInstanceUID } = await sendMarked(archive(), { ...marked, name });
    await turnTo(page, `/viewer?StudyInstanceUIDs=${StudyInstanceUID}`);
    await colouredWhen(page, isDrawn);
    return StudyInstanceUID;
  };
  const begin = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Modify' }).waitFor();
    await page.keyboard.press('Alt+p');
    await page.keyboard.press('m');
    await page.getByTestId('pel-edit').waitFor({ timeout: 60_000 });
  };
  /** The mouse is pressed at one point of the screen, and let go at the last. */
  const drag = async (page: Page, from: Point, ...to: readonly Point[]) => {
    await page.mouse.move(...from);
    await page.mouse.down();
    for (const point of to) await page.mouse.move(...point, { steps: 8 });
    await page.mouse.up();
  };
  /** A stroke over the first viewport; from and to as shares of it. */
  const stroke = async (page: Page, from: Point, to: Point) => {
    const { x, y, width, height } = await viewportOn(page);
    const at = ([across, down]: Point): Point => [x + across * width, y + down * height];
    await drag(page, at(from), at(to));
  };

  test('a stroke is in the corrected segmentation, voxel for voxel; the report has its volume; the original is as it was', async () => {
    await open('painted');
    const before = await masksInHost(page, false);
    await begin(page);
    expect(await masksInHost(page, true)).toEqual(before);
    expect(await page.getByRole('button', { name: 'Sign as Jane Sample' }).isDisabled()).toBe(true);
    await stroke(page, [0.3, 0.3], [0.45, 0.3]);
    await page.getByText('Changed and not saved yet').waitFor();
    const painted = await masksInHost(page, true);
    expect(countOf(painted)).toBeGreaterThan(countOf(before));
    expect(await masksInHost(page, false)).toEqual(before);
    await screenshot(page, 'modify-painted');
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    expect(await page.evaluate(async () => (await window.axe.run('.pel-panel')).violations)).toEqual([]);
    await page.getByRole('button', { name: 'Sign as Jane Sample' }).click();
    await page.getByText('Saved as a new report; the original stays.').waitFor();
    const [segmentation = '', report = ''] = made.slice(-2);
    const bytes = await storedBytes(archive(), segmentation);
    expect(masksIn(bytes)).toEqual(painted);
    const document = await storedBytes(archive(), report);
    for (const each of [bytes, document]) expect(errorsOf(each)).toEqual([]);
    const read = readResult(document);
    if (read.kind !== 'report') throw new Error('no report');
    expect(read.findings.flatMap((f) => f.measurements.map(({ value }) => value))).toEqual([
      expect.closeTo(countOf(painted) * 0.8 * 1.1 * 2.5, 3),
    ]);
    const ml = (voxels: Voxels) => ((countOf(voxels) * 0.8 * 1.1 * 2.5) / 1000).toFixed(2);
    await page.getByText('Corrected by Jane Sample').waitFor();
    await screenshot(page, 'modify-corrected');
    await page.locator('.pel-list').getByText(ml(painted)).waitFor();
    // The viewer reads the new series, and draws it in the place of the old.
    await inList(page, 901).nth(1).waitFor({ timeout: 60_000 });
    await page.waitForFunction(
      (wanted) =>
        window.services?.segmentationService?.getSegmentations().some(({ representationData }) => {
          let count = 0;
          for (const id of representationData.Labelmap.imageIds)
            for (const label of window.cornerstone.cache.getImage(id).voxelManager.getScalarData())
              if (label) count++;
          return count === wanted;
        }),
      countOf(painted),
      // At each frame it would keep the viewer from its own work.
      { polling: 1_000 },
    );
    await screenshot(page, 'modify-saved');
  });

  test.each([
    ['ends with half a word', 127],
    ['ends with a whole word', 125],
  ])(
    'a mask whose frames begin within bytes (PS3.5 §8.1.1) and that %s is drawn as it was stored',
    async (name, columns) => {
      const study = await open(name, { ...MARKED.MR, shape: [24, 95, columns] });
      const [found] = Instances.parse(
        await getJson(archive(), `/dicom-web/studies/${study}/instances?Modality=SEG`),
      );
      const stored = masksIn(await storedBytes(archive(), found?.['00080018'].Value[0] ?? ''));
      expect(countOf(stored)).toBeGreaterThan(0);
      expect(await masksInHost(page, false)).toEqual(stored);
      await screenshot(page, `modify-within-bytes-${columns}`);
    },
  );

  test('a finding without a mask is drawn with the viewer’s rectangle; nothing that is not saved is lost unasked', async () => {
    await open('drawn', MARKED.CR);
    const asked: string[] = [];
    page.once('dialog', (dialog) => {
      asked.push(`${dialog.type()}: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await begin(page);
    const [from, to] = await onScreen(page, [
      [EDGES.left, EDGES.top],
      [EDGES.right, EDGES.bottom],
    ]);
    await drag(page, from as Point, to as Point);
    await page.getByText('Changed and not saved yet').waitFor();
    await screenshot(page, 'modify-drawn');
    await page.locator('[data-cy=return-to-work-list]').click();
    expect(asked).toEqual(['confirm: Your correction is not saved. Leave and lose it?']);
    await page.locator('.pel-signing').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Discard the changes' }).waitFor();
    refused = 'another reader has signed it meanwhile';
    await page.getByRole('button', { name: 'Sign as Jane Sample' }).click();
    await page.getByText('another reader has signed it meanwhile').waitFor();
    refused = '';
    await page.getByRole('button', { name: 'Sign as Jane Sample' }).click();
    await page.getByText('Saved as a new report; the original stays.').waitFor();
    const [rectangle, ...more] = await placesIn(made.at(-1) ?? '');
    expect(more).toEqual([]);
    expectEdges(rectangle, EDGES);
  });

  test('an ellipse and a freehand line around one finding, both in the report', async () => {
    await open('drawn round', MARKED.CR);
    await begin(page);
    const { left, top, right, bottom } = EDGES;
    const wide = { left: left - 60, top: top - 60, right: right + 60, bottom: bottom + 60 };
    const [centre, corner, ...line] = await onScreen(page, [
      [(left + right) / 2, (top + bottom) / 2],
      [right, bottom],
      [wide.left, wide.top],
      [wide.right, wide.top],
      [wide.right, wide.bottom],
      [wide.left, wide.bottom],
      [wide.left, wide.top],
    ]);
    await take(page, 'EllipticalROI');
    await drag(page, centre as Point, corner as Point);
    await page.getByText('Changed and not saved yet').waitFor();
    await take(page, 'PlanarFreehandROI');
    await drag(page, line[0] as Point, ...(line.slice(1) as Point[]));
    await screenshot(page, 'modify-round');
    await page.getByRole('button', { name: 'Sign as Jane Sample' }).click();
    await page.getByText('Saved as a new report; the original stays.').waitFor();
    const places = await placesIn(made.at(-1) ?? '');
    expect(places.map(({ shape }) => shape)).toEqual(['ELLIPSE', 'POLYLINE']);
    expectEdges(places[0], EDGES);
    expectEdges(places[1], wide);
  });

  /** Where the findings of a report in the archive are, which must be valid. */
  const placesIn = async (report: string) => {
    const document = await storedBytes(archive(), report);
    expect(errorsOf(document)).toEqual([]);
    const read = readResult(document);
    if (read.kind !== 'report') throw new Error('no report');
    return read.findings.flatMap((f) => f.places);
  };
});

/** Of the box in the radiograph, in pixel edges. */
const EDGES = {
  left: MARKED.CR.box.columns[0],
  top: MARKED.CR.box.rows[0],
  right: MARKED.CR.box.columns[1] + 1,
  bottom: MARKED.CR.box.rows[1] + 1,
};

/** To 1.5 pixels of the image. */
function expectEdges(
  place: { readonly points: readonly (readonly number[])[] } | undefined,
  edges: typeof EDGES,
): void {
  const columns = place?.points.map(([column = 0]) => column) ?? [];
  const rows = place?.points.map(([, row = 0]) => row) ?? [];
  const off = [
    Math.min(...columns) - edges.left,
    Math.min(...rows) - edges.top,
    Math.max(...columns) - edges.right,
    Math.max(...rows) - edges.bottom,
  ];
  expect({ off, isNear: off.every((n) => Math.abs(n) < 1.5) }).toMatchObject({ isNear: true });
}

/** Points of the image in the first viewport, in pixel edges, on the screen. */
async function onScreen(
  page: Page,
  points: readonly (readonly [number, number])[],
): Promise<readonly Point[]> {
  const { x, y } = await viewportOn(page);
  const onCanvas = await page.evaluate((edges) => {
    const { viewportGridService, cornerstoneViewportService } = window.services ?? {};
    const id = viewportGridService?.getState().activeViewportId ?? '';
    const viewport = cornerstoneViewportService?.getCornerstoneViewport(id);
    if (!viewport) throw new Error('no viewport');
    const { origin, spacing, direction } = viewport.getImageData();
    return edges.map(([column, row]) =>
      viewport.worldToCanvas(
        origin.map(
          (o, i) =>
            o +
            (direction[i] ?? 0) * (spacing[0] ?? 0) * (column - 0.5) +
            (direction[3 + i] ?? 0) * (spacing[1] ?? 0) * (row - 0.5),
        ),
      ),
    );
  }, points);
  return onCanvas.map(([right, down]) => [x + right, y + down]);
}

async function viewportOn(page: Page) {
  const box = await page.locator('canvas.cornerstone-canvas').first().boundingBox();
  if (!box) throw new Error('no viewport');
  return box;
}

/** As the viewer's toolbar does. */
const take = (page: Page, toolName: string): Promise<void> =>
  page.evaluate((name) => window.commandsManager.run('setToolActiveToolbar', { toolName: name }), toolName);

type Point = readonly [x: number, y: number];

/** What the functions above find in the page. */
declare const window: {
  readonly commandsManager: { run(name: string, options: object): void };
  readonly axe: { run(selector: string): Promise<{ readonly violations: readonly unknown[] }> };
  readonly services?: {
    readonly viewportGridService?: { getState(): { readonly activeViewportId: string | null } };
    readonly cornerstoneViewportService?: {
      getCornerstoneViewport(id: string): {
        getImageData(): Readonly<Record<'origin' | 'spacing' | 'direction', readonly number[]>>;
        worldToCanvas(point: readonly number[]): readonly [number, number];
      } | null;
    };
    readonly segmentationService?: {
      getSegmentations(): readonly {
        readonly label: string;
        readonly representationData: { readonly Labelmap: { readonly imageIds: readonly string[] } };
      }[];
    };
  };
  readonly cornerstone: {
    readonly cache: {
      getImage(id: string): {
        readonly referencedImageId: string;
        readonly columns: number;
        readonly voxelManager: { getScalarData(): Uint8Array };
      };
    };
  };
};
