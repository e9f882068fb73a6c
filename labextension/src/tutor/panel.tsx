import { useEffect, useRef, type RefObject } from 'react';

import type { MessageType, Status } from '../api/shapes';
import { useTools } from '../common/context';
import { Button, Empty, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { PanelModel } from '../panel/model';
import { Composer } from './composer';
import { ConsentLine, ConsentQuestion } from './consent';
import { MessageView } from './message';
import type { TutorModel } from './model';

function Unavailable({ status }: { status: Status | null }): JSX.Element | null {
  const { trans } = useTools();
  if (!status || status.tutor.available) {
    return null;
  }
  return (
    <Notice tone="calm">
      {status.tutor.why ??
        trans.__(
          'The AI tutor is not set up here: questions are answered with built-in explanations.'
        )}
    </Notice>
  );
}

/** Brings the newest question to the top and keeps it there while its answer grows, unless the reader scrolls. */
function useLastMessageInView(log: RefObject<HTMLDivElement>, id: string | undefined): void {
  useEffect(() => {
    const node = log.current;
    const list = node?.querySelector('ol');
    if (!node || !list || id === undefined) {
      return;
    }
    const observer = new ResizeObserver(() => {
      const last = list.lastElementChild as HTMLElement | null;
      node.scrollTop = (last?.offsetTop ?? 0) - node.offsetTop - 10;
    });
    const leave = () => observer.disconnect();
    observer.observe(list);
    for (const event of ['wheel', 'pointerdown', 'keydown']) {
      node.addEventListener(event, leave, { passive: true });
    }
    return () => {
      leave();
      for (const event of ['wheel', 'pointerdown', 'keydown']) {
        node.removeEventListener(event, leave);
      }
    };
  }, [log, id]);
}

interface ITutorPanelProps {
  model: TutorModel;
  panel: PanelModel;
  /** Text of the answer cell now, or null. */
  code: () => string | null;
}

/** The Tutor tab. */
export function TutorPanel({ model, panel, code }: ITutorPanelProps): JSX.Element {
  const { trans } = useTools();
  useModel(model);
  const { status } = useModel(panel.bench.service);
  const consent = useModel(panel.bench.consent);
  const log = useRef<HTMLDivElement>(null);
  const { asking } = consent;
  const asked = useRef(asking);
  useEffect(() => {
    if (asked.current && !asking) {
      // The button that had the focus is gone; one has come here to ask.
      panel.wantAsk();
    }
    asked.current = asking;
  }, [asking, panel]);
  useLastMessageInView(log, model.messages.at(-1)?.id);

  const ask = (type: MessageType, text: string) => {
    void model.ask(type, text, model.slug === null ? null : code());
  };
  return (
    <div className="pm-tutor">
      <div className="pm-log" ref={log} tabIndex={0} role="group" aria-label={trans.__('Messages')}>
        <Unavailable status={status} />
        {model.hasEarlier && (
          <Button onPress={() => void model.earlier()}>{trans.__('Show earlier messages')}</Button>
        )}
        {model.loaded && model.messages.length === 0 && !asking && (
          <Empty>
            {trans.__(
              'Ask anything about this problem. The tutor sees your answer cell and your last result, and helps without giving the solution away.'
            )}
          </Empty>
        )}
        <ol className="pm-messages">
          {model.messages.map(message => (
            <MessageView
              key={message.id}
              message={message}
              onRate={rating => void model.rate(message.id, rating)}
            />
          ))}
        </ol>
        {model.error && <Notice tone="warn">{model.error}</Notice>}
      </div>
      {asking ? (
        <ConsentQuestion model={consent} panel={panel} />
      ) : (
        <>
          <Composer key={model.slug} model={model} panel={panel} status={status} onAsk={ask} />
          <ConsentLine model={consent} />
        </>
      )}
    </div>
  );
}
