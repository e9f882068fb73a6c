import { useEffect, useRef, useState, type FormEvent } from 'react';

import type { Profile } from '../api/shapes';
import { useTools } from '../common/context';
import { Button, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import { ChoiceField, TextField, Tick } from './fields';
import type { Kind, ProfileModel } from './model';

interface IPartProps {
  draft: Profile;
  set: (change: Partial<Profile>) => void;
  model: ProfileModel;
}

function About({ draft, set, model }: IPartProps): JSX.Element {
  const { trans } = useTools();
  return (
    <>
      <TextField
        name="bio"
        label={trans.__('About me')}
        help={trans.__('Kept encrypted, and shown to nobody else.')}
        value={draft.bio ?? ''}
        problem={model.problem('bio')}
        onChange={bio => set({ bio })}
      />
      <TextField
        name="learning_goals"
        label={trans.__('What I want to learn')}
        help={trans.__('Kept encrypted, and shown to nobody else.')}
        value={draft.learning_goals ?? ''}
        problem={model.problem('learning_goals')}
        onChange={goals => set({ learning_goals: goals })}
      />
      <ChoiceField
        name="difficulty_preference"
        label={trans.__('Problems that are suggested to me')}
        value={draft.difficulty_preference}
        options={[
          ['easier', trans.__('Easier: I solve about 3 of 4')],
          ['balanced', trans.__('Balanced: I solve about 3 of 5')],
          ['harder', trans.__('Harder: I solve fewer than half')]
        ]}
        problem={model.problem('difficulty_preference')}
        onChange={value =>
          set({ difficulty_preference: value as Profile['difficulty_preference'] })
        }
      />
    </>
  );
}

function Board({ draft, set, model }: IPartProps): JSX.Element {
  const { trans } = useTools();
  return (
    <fieldset>
      <legend>{trans.__('Leaderboard')}</legend>
      <Tick
        label={trans.__('Take part: others who take part see my place')}
        checked={draft.leaderboard_opt_in}
        onChange={joined => set({ leaderboard_opt_in: joined })}
      />
      <ChoiceField
        name="leaderboard_name"
        label={trans.__('Name that others see')}
        value={draft.leaderboard_name}
        options={[
          ['username', trans.__('My user name')],
          ['display_name', trans.__('My full name')],
          ['nobody', trans.__('No name: “A learner”')]
        ]}
        problem={model.problem('leaderboard_name')}
        onChange={value => set({ leaderboard_name: value as Profile['leaderboard_name'] })}
      />
    </fieldset>
  );
}

function Notices({ draft, set }: IPartProps): JSX.Element {
  const { trans } = useTools();
  const wanted = draft.notification_settings;
  const kinds: [Kind, string][] = [
    ['verdicts', trans.__('An attempt was graded while I was on another page')],
    ['achievements', trans.__('I earned an achievement')],
    ['streaks', trans.__('My streak ends today unless I solve something')]
  ];
  return (
    <fieldset>
      <legend>{trans.__('Tell me when')}</legend>
      {kinds.map(([kind, label]) => (
        <Tick
          key={kind}
          label={label}
          checked={wanted[kind]}
          onChange={on => set({ notification_settings: { ...wanted, [kind]: on } })}
        />
      ))}
    </fieldset>
  );
}

/** Begins with the profile as it was found; `before` is what the draft is compared with. */
function ProfileForm({ model, found }: { model: ProfileModel; found: Profile }): JSX.Element {
  const { trans } = useTools();
  const [before, setBefore] = useState(found);
  const [draft, setDraft] = useState(found);
  const [saved, setSaved] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const { error } = model;
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [error]);
  const set = (change: Partial<Profile>) => {
    setSaved(false);
    setDraft({ ...draft, ...change });
  };
  const save = async () => {
    setSaved(false);
    if (await model.save(before, draft)) {
      setBefore(draft);
      setSaved(true);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const part = { draft, set, model };
  return (
    <form className="pm-profile" ref={form} onSubmit={submit}>
      <About {...part} />
      <Board {...part} />
      <Notices {...part} />
      <div role="status">
        {saved && <Notice tone="good">{trans.__('Your profile is saved.')}</Notice>}
        {error && <Notice tone="bad">{error}</Notice>}
      </div>
      <p className="pm-actions">
        <Button kind="main" off={model.busy} onPress={() => void save()}>
          {trans.__('Save my profile')}
        </Button>
      </p>
    </form>
  );
}

/** What the learner says about themselves, and what they want to see. */
export function ProfileSection({ model }: { model: ProfileModel }): JSX.Element {
  const { trans } = useTools();
  useModel(model);
  const { profile, error } = model;
  return (
    <section aria-labelledby="pm-profile-title">
      <h3 id="pm-profile-title">{trans.__('My profile')}</h3>
      {profile && !model.loading ? (
        <ProfileForm key={model.edition} model={model} found={profile} />
      ) : (
        <div role="status">{error && <Notice tone="bad">{error}</Notice>}</div>
      )}
    </section>
  );
}
