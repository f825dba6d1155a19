import { type CSSProperties, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from 'react';
import type { Case, CaseFinding } from '../../../server/review/contract/case.ts';
import type { Looking } from '../hooks/use-looking.ts';
import type { Windowing } from '../hooks/use-window.ts';
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
  const { picture: n, looks, windowing } = looking;
  const picture = pictures[n];
  const drag = useDrag(zoom, `${analysis} ${n}`, windowing.move);
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
            address={pictureOf(analysis, n, windowing.window)}
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
            {kinds.includes('corrected') && looks.isCorrected && (
              <Layer
                address={overlayOf(analysis, n, 'corrected', { finding: looking.finding })}
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
      <span className="cap2">
        {windowing.window && `${WORDS.windowIs(windowing.window.width, windowing.window.centre)} · `}
        {picture.name}
      </span>
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

/** Over so many pixels of the screen a window moves by its own width. */
const WINDOW_PX = 300;

/** Moves the enlarged picture under the pointer, back in place when it is another or not enlarged; else, and with Shift, its window: to the side its width, up and down its centre. */
function useDrag(zoom: number, of: string, moveWindow: Windowing['move']) {
  const [at, setAt] = useState({ x: 0, y: 0 });
  const from = useRef<{ readonly x: number; readonly y: number; readonly isWindow: boolean } | undefined>(
    undefined,
  );
  useEffect(() => setAt({ x: 0, y: 0 }), [zoom === 1, of]);
  const handlers = {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return;
      const isWindow = zoom === 1 || event.shiftKey;
      from.current = isWindow
        ? { x: event.clientX, y: event.clientY, isWindow }
        : { x: event.clientX - at.x, y: event.clientY - at.y, isWindow };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const began = from.current;
      if (!began) return;
      const [dx, dy] = [event.clientX - began.x, event.clientY - began.y];
      if (!began.isWindow) return setAt({ x: dx, y: dy });
      from.current = { ...began, x: event.clientX, y: event.clientY };
      if (dx || dy) moveWindow({ wider: dx / WINDOW_PX, darker: dy / WINDOW_PX });
    },
    onPointerUp: () => {
      from.current = undefined;
    },
  };
  return { ...at, handlers };
}
