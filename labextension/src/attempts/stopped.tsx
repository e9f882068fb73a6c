import type { ReactNode } from 'react';

import type { ErrorDetail } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button } from '../common/ui';
import { caretOf, type Caret } from './caret';
import { lacksName } from './words';

/** Characters that may need scrolling in a narrow panel. */
const LONG = 400;

export function LineButton({ line }: { line: number }): JSX.Element {
  const { commands, trans } = useTools();
  return (
    <Button kind="link" onPress={() => void commands.execute(CommandIDs.goToLine, { line })}>
      {trans.__('Go to line %1 of your answer', line)}
    </Button>
  );
}

/** Indentation is left out: in a narrow panel it would hide what matters. */
function caretUnder(text: string, { column, end_column: end }: ErrorDetail): Caret | null {
  const indent = text.length - text.trimStart().length;
  return caretOf(text.trim(), column && column - indent, end && end - indent);
}

/** The line of code, with a mark under the part that is meant. */
function Source({ error, text }: { error: ErrorDetail; text: string }): JSX.Element {
  const { trans } = useTools();
  const line = text.trim();
  const caret = caretUnder(text, error);
  return (
    <pre className="pm-source" tabIndex={0}>
      {error.line !== null && <span className="pm-line-number">{error.line}</span>}
      <code>
        {line}
        {caret && <span className="pm-under" aria-hidden="true">{`\n${caret.under}`}</span>}
        {caret?.part && <span className="pm-sr">{trans.__(' (it is about: %1)', caret.part)}</span>}
      </code>
    </pre>
  );
}

/** What the names of the function stood for when it stopped. */
function Values({ values }: { values: ErrorDetail['values'] }): JSX.Element | null {
  const { trans } = useTools();
  return values.length === 0 ? null : (
    <details>
      <summary>{trans.__('Your variables at that moment')}</summary>
      <dl className="pm-diff pm-values">
        {values.map(({ name, value }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** Words that may hold a whole list: beyond some lines they are scrolled. */
export function Words({ text, children }: { text: string; children: ReactNode }): JSX.Element {
  return (
    <div className="pm-long" tabIndex={text.length > LONG ? 0 : undefined}>
      {children}
    </div>
  );
}

/** Whether it was said already, be it cut to another length. */
function said(told: string, words: string): boolean {
  return told.includes(words.slice(0, LONG / 4));
}

/** The line where it stopped, and Python's own words folded; `told` was said above it already. */
export function ErrorBody({ error, told }: { error: ErrorDetail; told: string }): JSX.Element {
  const { trans } = useTools();
  const typed = error.message ? `${error.type}: ${error.message}` : error.type;
  const words = lacksName(error) ? error.message : typed;
  return (
    <>
      {!said(told, error.message || error.type) && (
        <Words text={words}>
          <p>{words}</p>
        </Words>
      )}
      {error.text && <Source error={error} text={error.text} />}
      {error.line !== null && <LineButton line={error.line} />}
      <Values values={error.values} />
      {error.traceback && (
        <details>
          <summary>{trans.__("Python's own message")}</summary>
          <pre tabIndex={0}>{`${error.traceback.trimEnd()}\n${words}`}</pre>
        </details>
      )}
    </>
  );
}
