import type { MouseEvent, ReactNode } from 'react';

interface IButtonProps {
  children: ReactNode;
  /** Clicks made with the keyboard have no place on the screen; they arrive with `byKeyboard`. */
  onPress: (byKeyboard: boolean) => void;
  kind?: 'plain' | 'main' | 'link';
  /** Keeps the focus, unlike `disabled`, and is told to screen readers. */
  off?: boolean;
  title?: string;
  label?: string;
  expanded?: boolean;
}

export function Button(props: IButtonProps): JSX.Element {
  const { children, onPress, kind = 'plain', off = false, title, label, expanded } = props;
  const press = (event: MouseEvent) => {
    if (!off) {
      onPress(event.detail === 0);
    }
  };
  return (
    <button
      type="button"
      className={`pm-button pm-mod-${kind}`}
      aria-disabled={off || undefined}
      aria-label={label}
      aria-expanded={expanded}
      title={title}
      onClick={press}
    >
      {children}
    </button>
  );
}

type Tone = 'good' | 'bad' | 'warn' | 'calm';

/** A framed message; `tone` is a colour beside the words, never instead of them. */
export function Card({ tone, children }: { tone: Tone; children: ReactNode }): JSX.Element {
  return <div className={`pm-card pm-tone-${tone}`}>{children}</div>;
}

/** A sentence with a bar at its side: states of the service, refusals. */
export function Notice({ tone, children }: { tone: Tone; children: ReactNode }): JSX.Element {
  return <div className={`pm-notice pm-tone-${tone}`}>{children}</div>;
}

export function Empty({ children }: { children: ReactNode }): JSX.Element {
  return <div className="pm-empty">{children}</div>;
}

/** A mark whose meaning stands in words beside it. */
export function Mark({ state }: { state: MarkState }): JSX.Element {
  return (
    <svg className={`pm-mark pm-mark-${state}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={MARKS[state]} />
    </svg>
  );
}

export type MarkState = 'passed' | 'failed' | 'notRun' | 'new' | 'started' | 'locked';

const MARKS: Record<MarkState, string> = {
  passed: 'M3 8.5l3.5 3.5L13 4.5',
  failed: 'M4 4l8 8M12 4l-8 8',
  notRun: 'M4 8h8',
  new: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9',
  started: 'M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M8 3.5v9M10 4v8M12 6v4',
  locked: 'M4 7.5h8v5.5H4zM5.5 7.5v-2a2.5 2.5 0 0 1 5 0v2'
};
