import { Component, type ReactNode } from 'react';
import { Notice } from '../components/notice.tsx';
import { STRINGS } from '../strings.ts';

interface State {
  readonly failed: boolean;
}

/** What fails inside while it draws ends here, and is said: the viewer and its images stay as they are. */
export class SafePanel extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    const { title, text, again } = STRINGS.broken;
    return (
      <div className="pel pel-panel" lang={STRINGS.language} data-testid="pel-panel" data-state="broken">
        <Notice kind="stop" title={title}>
          <span>{text}</span>
          <button type="button" className="pel-btn" onClick={() => this.setState({ failed: false })}>
            {again}
          </button>
        </Notice>
      </div>
    );
  }
}
