import { Component, type ReactNode } from 'react';
import { STRINGS } from '../strings.ts';
import { Notice } from './notice.tsx';

/** A page that cannot be drawn says so, and what was written stays kept; the rest of the console goes on. */
export class Boundary extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError = () => ({ hasFailed: true });

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="rev-alone">
        <Notice kind="stop" title={STRINGS.failed.undrawn}>
          <p>{STRINGS.failed.undrawnText}</p>
          <button type="button" className="pel-btn" onClick={() => location.reload()}>
            {STRINGS.again}
          </button>
        </Notice>
      </main>
    );
  }
}
