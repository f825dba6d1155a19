import { type CSSProperties, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from 'react';
import type { Case, CaseFinding } from '../../../server/review/contract/case.ts';
import type { Looking } from '../hooks/use-looking.ts';
import { overlayOf, pictureOf } from '../lib/api.ts';
import { STRINGS } from '../strings.ts';
import { Notice } from './notice.tsx';
import { Regions } from './regions.tsx';

interface Props {
  readonly shown: Pick<Case, 'analysis' | 'pictures'>;
  readonly finding: CaseFinding | undefined;
  readonly looking: Looking;
  /** While the reader holds the key, the image alone. */
  readonly isBare: boolean;
  readonly zoom: number;
}

const { case: WORDS } = STRINGS;

/** The source image as the server draws it, with what the result says of it laid over. */
export function Picture({ shown: { analysis, pictures }, finding, looking, isBare, zoom }: Props) {
  const { picture: n, looks } = looking;
  const picture = pictures[n];
  const drag = useDrag(zoom, `${analysis} ${n}`);
  const turned = useRef(0);
  if (!picture) return <p className="rev-image rev-empty pel-t2">{WORDS.noPicture}</p>;
  const onWheel = (event: WheelEvent) => {
    turned.current += event.deltaY;
    if (Math.abs(turned.current) < 40) return;
    looking.goToPicture(n + Math.sign(turned.current));
    turned.current = 0;
  };
  const kinds = finding?.overlays ?? [];
  const base = kinds.includes('map') ? 'map' : kinds.includes('mask') ? 'mask' : undefined;
  const { top, colours, isAgainst } = looks;
  const height = picture.rows * (picture.aspect ?? 1);
  return (
    <div className={`rev-image ${zoom > 1 ? 'is-zoomed' : ''}`} onWheel={onWheel} {...drag.handlers}>
      <div className="fit">
        <div
          className="sheet"
          style={
            {
              aspectRatio: `${picture.columns} / ${height}`,
              width: `min(100cqw, ${((100 * picture.columns) / height).toFixed(3)}cqh)`,
              transform: `translate(${drag.x}px, ${drag.y}px) scale(${zoom})`,
            } as CSSProperties
          }
        >
          <Layer
            address={pictureOf(analysis, n)}
            alt={`${WORDS.picture}: ${picture.name}`}
            failed={WORDS.pictureFailed}
          />
          <div className={isBare ? 'is-hidden' : ''}>
            {base && looks.isMap && (
              <Layer
                address={overlayOf(analysis, n, base, {
                  finding: looking.finding,
                  ...(base === 'map' ? { top, colours, against: isAgainst ? 1 : 0 } : {}),
                })}
                opacity={looks.opacity}
                failed={WORDS.notHere}
              />
            )}
            {kinds.includes('uncertainty') && looks.isUncertainty && (
              <Layer
                address={overlayOf(analysis, n, 'uncertainty', { finding: looking.finding })}
                opacity={looks.opacity}
                failed={WORDS.notHere}
              />
            )}
            {looks.isRegions && (
              <Regions
                regions={finding?.regions.filter((region) => region.picture === n) ?? []}
                picture={picture}
              />
            )}
          </div>
        </div>
      </div>
      {finding && finding.keyPicture === undefined && kinds.length === 0 && (
        <span className="cap">{WORDS.noPlace}</span>
      )}
      <span className="cap2">{picture.name}</span>
    </div>
  );
}

interface LayerProps {
  readonly address: string;
  readonly alt?: string;
  readonly opacity?: number;
  readonly failed: string;
}

/** What is there stays until the next is; what cannot be drawn says so. */
function Layer({ address, alt = '', opacity = 1, failed }: LayerProps) {
  const [state, setState] = useState<{ address: string; isFailed: boolean }>();
  const isFailed = state?.address === address && state.isFailed;
  return (
    <>
      <img
        src={address}
        alt={alt}
        draggable={false}
        data-state={state?.address === address ? (isFailed ? 'failed' : 'ready') : 'loading'}
        className={isFailed ? 'is-hidden' : ''}
        style={{ opacity }}
        onLoad={() => setState({ address, isFailed: false })}
        onError={() => setState({ address, isFailed: true })}
      />
      {isFailed && (alt ? <Notice kind="warn" title={failed} /> : <span className="cap">{failed}</span>)}
    </>
  );
}

/** Moves the enlarged picture under the pointer; back in place when it is another, or not enlarged. */
function useDrag(zoom: number, of: string) {
  const [at, setAt] = useState({ x: 0, y: 0 });
  const from = useRef<{ readonly x: number; readonly y: number } | undefined>(undefined);
  useEffect(() => setAt({ x: 0, y: 0 }), [zoom === 1, of]);
  const handlers = {
    onPointerDown: (event: PointerEvent) => {
      if (zoom === 1) return;
      from.current = { x: event.clientX - at.x, y: event.clientY - at.y };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      if (from.current) setAt({ x: event.clientX - from.current.x, y: event.clientY - from.current.y });
    },
    onPointerUp: () => {
      from.current = undefined;
    },
  };
  return { ...at, handlers };
}
