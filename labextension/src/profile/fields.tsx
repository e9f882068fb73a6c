import { HTMLSelect } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';

interface IFieldProps {
  name: string;
  label: string;
  help?: string;
  /** What is wrong with it. */
  problem: string | null;
}

interface ITextProps extends IFieldProps {
  value: string;
  onChange: (value: string) => void;
}

interface IChoiceProps extends IFieldProps {
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
}

interface ITickProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

const idOf = (name: string) => `pm-profile-${name}`;

/** What a screen reader says of the box beside its name. */
function described({ name, help, problem }: IFieldProps) {
  const ids = [help && `${idOf(name)}-help`, problem && `${idOf(name)}-problem`].filter(Boolean);
  return {
    id: idOf(name),
    'aria-describedby': ids.join(' ') || undefined,
    'aria-invalid': problem !== null || undefined
  };
}

function Field({ children, ...props }: IFieldProps & { children: ReactNode }): JSX.Element {
  const { name, label, help, problem } = props;
  return (
    <div className="pm-field">
      <label htmlFor={idOf(name)}>{label}</label>
      {help && <small id={`${idOf(name)}-help`}>{help}</small>}
      {children}
      {problem && (
        <span className="pm-problem" id={`${idOf(name)}-problem`}>
          {problem}
        </span>
      )}
    </div>
  );
}

export function TextField({ value, onChange, ...props }: ITextProps): JSX.Element {
  return (
    <Field {...props}>
      <textarea
        {...described(props)}
        rows={3}
        value={value}
        onChange={event => onChange(event.target.value)}
      />
    </Field>
  );
}

export function ChoiceField({ value, options, onChange, ...props }: IChoiceProps): JSX.Element {
  return (
    <Field {...props}>
      <HTMLSelect
        {...described(props)}
        value={value}
        onChange={event => onChange(event.target.value)}
      >
        {options.map(([each, label]) => (
          <option key={each} value={each}>
            {label}
          </option>
        ))}
      </HTMLSelect>
    </Field>
  );
}

export function Tick({ label, checked, onChange }: ITickProps): JSX.Element {
  return (
    <label className="pm-tick">
      <input type="checkbox" checked={checked} onChange={event => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}
