// What a task is below. There may be thousands to choose from: some are shown, and more by searching.
import { useMemo, useState } from 'react';
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { Field } from '../parts/form.tsx';
import { withThoseBelow } from './branches.ts';
import { fitting } from './fitting.ts';

const SHOWN = 100;

export interface ParentFieldProps {
  /** null for a new one. */
  task: Task | null;
  projectId: string;
  value: string;
  problem: string | undefined;
  onChange: (parentId: string) => void;
}

export function ParentField({ task, projectId, value, problem, onChange }: ParentFieldProps) {
  const { tasks } = useTheWorld();
  const [words, setWords] = useState('');
  const id = task?.id;
  /** A task is never below itself. */
  const ownKin = useMemo(
    () => (id === undefined ? new Set<string>() : withThoseBelow(tasks, id)),
    [tasks, id],
  );
  const fits = fitting(words, false);
  const possible = [...tasks.values()].filter(
    (each) => each.projectId === projectId && !ownKin.has(each.id) && (!fits || fits(each)),
  );
  const shown = possible.slice(0, SHOWN);
  const chosen = tasks.get(value);
  if (chosen && !shown.includes(chosen)) shown.unshift(chosen);
  const hint =
    possible.length > SHOWN ? `The first ${SHOWN} of ${possible.length}: search for others.` : undefined;
  return (
    <Field label="Below" problem={problem} {...(hint !== undefined && { hint })}>
      {(attributes) => (
        <div className="line">
          <select {...attributes} value={value} onChange={(event) => onChange(event.target.value)}>
            <option value="">nothing: it is a root</option>
            {shown.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
          </select>
          {(possible.length > SHOWN || words !== '') && (
            <input
              type="search"
              aria-label="Search for what it is below"
              placeholder="Search"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          )}
        </div>
      )}
    </Field>
  );
}
