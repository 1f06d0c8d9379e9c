// A form whose server judges it: what is wrong with a field is said at the field, all else below.
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { Refusal } from '../live/api.ts';
import { RefusalNote } from './ask.tsx';

export interface FormProps {
  refusal: Error | null;
  /** Those that show their own problem. */
  fields: readonly string[];
  onSubmit: () => void;
  children: ReactNode;
  /** The buttons. */
  foot: ReactNode;
}

export function Form({ refusal, fields, onSubmit, children, foot }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (refusal) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusal]);
  const isSaidElsewhere = fields.some((field) => problemAt(refusal, field) !== undefined);
  return (
    <form
      ref={form}
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <RefusalNote refusal={isSaidElsewhere ? null : refusal} />
      <div className="actions">{foot}</div>
    </form>
  );
}

export interface FieldProps {
  label: string;
  hint?: string;
  problem?: string | undefined;
  children: (attributes: {
    id: string;
    'aria-invalid': boolean;
    'aria-describedby': string | undefined;
  }) => ReactNode;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}hint`, problem && `${id}problem`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': problem !== undefined, 'aria-describedby': described || undefined })}
      {hint && (
        <p id={`${id}hint`} className="small">
          {hint}
        </p>
      )}
      <p id={`${id}problem`} role="alert" className="refusal">
        {problem && `${label} ${problem}`}
      </p>
    </div>
  );
}

/** Also of a part of it: `acceptanceCriteria.2`. */
export function problemAt(refusal: Error | null, field: string): string | undefined {
  if (!(refusal instanceof Refusal)) return undefined;
  return Object.entries(refusal.fields).find(([name]) => name === field || name.startsWith(`${field}.`))?.[1];
}
