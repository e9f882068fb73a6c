import { useTools } from '../common/context';
import { Button, Notice } from '../common/ui';
import type { PrivacyModel } from './model';
import { moment } from './moment';

/** Where the copy is, in a sentence. */
function useStanding(model: PrivacyModel): string | null {
  const { trans } = useTools();
  const { copy, hasLink } = model;
  switch (copy?.state) {
    case 'waiting':
    case 'ready':
      return hasLink
        ? trans.__(
            'Your copy is being made; it is saved as soon as it is ready. Stay on this page.'
          )
        : trans.__(
            'You asked for a copy on %1; only the page that asked can save it. You can ask again here.',
            moment(copy.requested_at)
          );
    case 'fetched':
      return trans.__('You saved the copy that you asked for on %1.', moment(copy.requested_at));
    case 'failed':
      return trans.__(
        'The copy could not be made; ask again, or ask whoever runs the service for it.'
      );
    default:
      return null;
  }
}

/** A zip of everything that is kept about the learner. */
export function CopySection({ model }: { model: PrivacyModel }): JSX.Element {
  const { trans } = useTools();
  const standing = useStanding(model);
  const waits = model.copy?.state === 'ready' && model.hasLink && !model.busy;
  return (
    <section aria-labelledby="pm-copy-title">
      <h3 id="pm-copy-title">{trans.__('A copy of your data')}</h3>
      <p>
        {trans.__(
          'One zip file with everything that is kept about you: your code, results, conversations and progress. A file in it explains the others.'
        )}
      </p>
      <div role="status">{standing && <Notice tone="calm">{standing}</Notice>}</div>
      <p className="pm-actions">
        {waits ? (
          <Button kind="main" onPress={() => void model.again()}>
            {trans.__('Save my copy')}
          </Button>
        ) : (
          <Button off={model.busy} onPress={() => void model.download()}>
            {trans.__('Download my data')}
          </Button>
        )}
      </p>
    </section>
  );
}
