import { cornerstone, type Viewport, type VolumeActor } from '../host.ts';
import { type Look, levelsOf, transferOf } from './paint.ts';
import type { ValueMap } from './value-map.ts';

const ACTOR = 'pellucid-map-volume';
/** What the host makes half of a plane, mm. */
const THIN = 0.05;

export interface VolumeLook extends Look {
  /** 0..1 */
  readonly opacity: number;
}

interface Drawn {
  readonly map: ValueMap;
  look: VolumeLook;
  /** The host adds a volume in its own time. */
  isAdded: boolean;
}
const drawn = new WeakMap<Viewport, Drawn>();
const volumeIds = new WeakMap<ValueMap, string>();
let made = 0;

/** Lays a map that has a grid over a plane through a volume; it follows every plane. Idempotent. */
export function showVolume(viewport: Viewport, map: ValueMap, look: VolumeLook): void {
  const now = drawn.get(viewport);
  if (now?.map === map && (!now.isAdded || actorOf(viewport))) {
    if (now.look === look) return;
    now.look = look;
    if (now.isAdded) repaint(viewport, now);
    return;
  }
  const volumeId = volumeOf(map);
  if (!volumeId || !viewport.addVolumes) return;
  if (now) hideVolume(viewport);
  const next: Drawn = { map, look, isAdded: false };
  drawn.set(viewport, next);
  viewport
    .addVolumes(
      [
        {
          volumeId,
          actorUID: ACTOR,
          visibility: true,
          // Only here: set later, the base image would take the overlay's grey scale.
          callback: ({ volumeActor }) => {
            volumeActor.getProperty().setInterpolationTypeToLinear();
            // One sample through the plane, and all of its opacity: else a ray shows more or less of it than was said.
            const thickness = 2 * (viewport.getSlabThickness?.() ?? THIN);
            volumeActor.getMapper().setSampleDistance(thickness);
            volumeActor.getProperty().setScalarOpacityUnitDistance(0, thickness);
            setTransfer(volumeActor, next);
          },
        },
      ],
      false,
      true,
    )
    .then(() => {
      next.isAdded = true;
      if (drawn.get(viewport) !== next) viewport.removeActors([ACTOR]);
      else repaint(viewport, next);
      viewport.render();
      // The first picture may lack the new texture.
      requestAnimationFrame(() => viewport.render());
    })
    // Said once: what failed stays noted as drawn, so that it is not tried again at each picture.
    .catch(reportError);
}

export function hideVolume(viewport: Viewport): void {
  if (!drawn.delete(viewport) || !actorOf(viewport)) return;
  viewport.removeActors([ACTOR]);
  viewport.render();
}

/** Frees what the host keeps of a map; hide it everywhere before. */
export function releaseVolume(map: ValueMap): void {
  const volumeId = volumeIds.get(map);
  const cache = cornerstone()?.cache;
  if (!volumeId || !cache) return;
  volumeIds.delete(map);
  const volume = cache.getVolume(volumeId);
  // Who leaves the study has the host empty its memory before this, and what throws here would take the whole viewer with it.
  if (!volume) return;
  cache.removeVolumeLoadObject(volumeId);
  for (const imageId of volume.imageIds)
    if (cache.getImageLoadObject(imageId)) cache.removeImageLoadObject(imageId);
}

const actorOf = (viewport: Viewport): VolumeActor | undefined =>
  viewport.getActors().find(({ uid }) => uid === ACTOR)?.actor as VolumeActor | undefined;

function repaint(viewport: Viewport, now: Drawn): void {
  const actor = actorOf(viewport);
  if (!actor) return;
  setTransfer(actor, now);
  viewport.render();
}

function setTransfer(actor: VolumeActor, { map, look }: Drawn): void {
  const colours = actor.getProperty().getRGBTransferFunction(0);
  const opacities = actor.getProperty().getScalarOpacity(0);
  colours.removeAllPoints();
  opacities.removeAllPoints();
  for (const { level, rgb, opacity } of transferOf(map, look)) {
    colours.addRGBPoint(level, ...rgb);
    opacities.addPoint(level, opacity * look.opacity);
  }
}

/** The host's volume of a map, made once; undefined where that is not possible. */
function volumeOf(map: ValueMap): string | undefined {
  const known = volumeIds.get(map);
  const loader = cornerstone()?.volumeLoader;
  if (known && cornerstone()?.cache.getVolume(known)) return known;
  if (!loader || !map.grid) return undefined;
  // Without a colon: the host would ask a loader of that scheme for the grey scale.
  const volumeId = `pellucid-map-${made++}`;
  const { FrameOfReferenceUID, ...grid } = map.grid;
  loader.createLocalVolume(volumeId, {
    ...grid,
    scalarData: levelsOf(map),
    metadata: {
      FrameOfReferenceUID,
      Modality: 'OT',
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: map.rows,
      Columns: map.columns,
      PixelSpacing: [grid.spacing[1], grid.spacing[0]],
      ImageOrientationPatient: grid.direction.slice(0, 6),
      voiLut: [],
      VOILUTFunction: 'LINEAR',
    },
  });
  volumeIds.set(map, volumeId);
  return volumeId;
}
