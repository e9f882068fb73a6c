import { useEffect, useRef, type KeyboardEvent } from 'react';

import type { MessageType, Status } from '../api/shapes';
import { useTools } from '../common/context';
import { Button } from '../common/ui';
import type { PanelModel } from '../panel/model';
import type { TutorModel } from './model';

interface IComposerProps {
  model: TutorModel;
  panel: PanelModel;
  status: Status | null;
  onAsk: (type: MessageType, text: string) => void;
}

/** The box and the four kinds of question. */
export function Composer({ model, panel, status, onAsk }: IComposerProps): JSX.Element {
  const { trans } = useTools();
  const box = useRef<HTMLTextAreaElement>(null);
  const { busy, draft: text } = model;

  useEffect(() => {
    const focus = () => box.current?.focus();
    panel.askWanted.connect(focus);
    return () => {
      panel.askWanted.disconnect(focus);
    };
  }, [panel]);

  const ask = (type: MessageType) => {
    // Of the model, not of what was drawn last: Enter can come before that.
    const question = model.draft.trim();
    if (!model.busy && (type !== 'question' || question)) {
      onAsk(type, question);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      ask('question');
    }
  };
  const remaining = status?.tutor.remaining_today ?? null;
  return (
    <div className="pm-composer">
      {model.slug !== null && (
        <div className="pm-actions" role="group" aria-label={trans.__('Quick questions')}>
          <Button off={busy} onPress={() => ask('hint_request')}>
            {trans.__('Give me a nudge')}
          </Button>
          <Button off={busy} onPress={() => ask('explanation')}>
            {trans.__('Explain this')}
          </Button>
          <Button off={busy} onPress={() => ask('code_review')}>
            {trans.__('Review my code')}
          </Button>
        </div>
      )}
      <div className="pm-ask">
        <textarea
          ref={box}
          rows={2}
          maxLength={4000}
          value={text}
          aria-label={trans.__('Your question')}
          placeholder={trans.__('Ask about your code…')}
          onChange={event => model.write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {busy ? (
          <Button onPress={() => model.stop()}>{trans.__('Stop')}</Button>
        ) : (
          <Button kind="main" off={!text.trim()} onPress={() => ask('question')}>
            {trans.__('Ask')}
          </Button>
        )}
      </div>
      <small className="pm-muted">
        {remaining !== null && (
          <>{trans._n('%1 question left today', '%1 questions left today', remaining)} · </>
        )}
        {trans.__('Enter sends, Shift+Enter starts a new line')}
      </small>
    </div>
  );
}
