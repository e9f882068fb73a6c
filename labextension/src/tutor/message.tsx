import { useId } from 'react';

import type { TutorMessage } from '../api/shapes';
import { useTools } from '../common/context';
import { Markdown } from '../common/markdown';
import { Notice } from '../common/ui';

function useTypeWords(): Record<TutorMessage['message_type'], string> {
  const { trans } = useTools();
  return {
    question: trans.__('A question'),
    hint_request: trans.__('Give me a nudge'),
    explanation: trans.__('Explain this'),
    code_review: trans.__('Review my code')
  };
}

function Ending({ message }: { message: TutorMessage }): JSX.Element | null {
  const { trans } = useTools();
  switch (message.state) {
    case 'cut':
      return <Notice tone="warn">{trans.__('The answer was stopped here.')}</Notice>;
    case 'blocked':
      return <Notice tone="warn">{trans.__('The safety filter held this answer back.')}</Notice>;
    case 'failed':
      return (
        <Notice tone="warn">
          {trans.__('The tutor could not answer. Your question is kept; ask again in a moment.')}
        </Notice>
      );
    default:
      return null;
  }
}

interface IRatingProps {
  message: TutorMessage;
  onRate: (rating: number) => void;
}

function Rating({ message, onRate }: IRatingProps): JSX.Element {
  const { trans } = useTools();
  const name = useId();
  return (
    <fieldset className="pm-rating">
      <legend>{trans.__('Was this helpful?')}</legend>
      {[1, 2, 3, 4, 5].map(value => (
        <label key={value} title={trans.__('%1 of 5', value)}>
          <input
            type="radio"
            name={name}
            value={value}
            aria-label={trans.__('%1 of 5', value)}
            checked={message.rating === value}
            onChange={() => onRate(value)}
          />
          <span aria-hidden="true">{value}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Sent({ message }: { message: TutorMessage }): JSX.Element | null {
  const { trans } = useTools();
  return message.context ? (
    <details className="pm-sent">
      <summary>{trans.__('What was sent')}</summary>
      <dl>
        {Object.entries(message.context).map(([name, value]) => (
          <div key={name}>
            <dt>{name.replace(/_/g, ' ')}</dt>
            <dd>
              <pre tabIndex={0}>
                {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
              </pre>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  ) : null;
}

/** One question and its answer. */
export function MessageView({ message, onRate }: IRatingProps): JSX.Element {
  const { rendermime, trans } = useTools();
  const words = useTypeWords();
  const streaming = message.state === 'streaming';
  return (
    <li>
      <div className="pm-bubble pm-mod-mine">
        <span className="pm-sr">{trans.__('You:')} </span>
        {message.user_message || words[message.message_type]}
      </div>
      {(message.ai_response || streaming) && (
        <div className="pm-bubble" aria-busy={streaming}>
          <span className="pm-sr">{trans.__('Tutor:')} </span>
          {message.ai_response ? (
            <Markdown rendermime={rendermime} source={message.ai_response} untrusted />
          ) : (
            <span className="pm-muted">{trans.__('Thinking…')}</span>
          )}
        </div>
      )}
      <Ending message={message} />
      {!streaming && (
        <div className="pm-after">
          {message.source === 'built_in' && (
            <small className="pm-line">
              {trans.__('Built-in explanation, not written by an AI model.')}
            </small>
          )}
          <Sent message={message} />
          {message.ai_response && <Rating message={message} onRate={onRate} />}
        </div>
      )}
    </li>
  );
}
