// How a session is to work.
import type { Role, Strategy } from '../../../src/domain/session.ts';
import { Field, problemAt } from '../parts/form.tsx';
import { SkillsField } from './skills-field.tsx';
import { models, type Model } from './words.ts';

export interface Order {
  role: Role;
  strategy: Strategy;
  /** `''`: the strongest of its tasks' models. */
  model: Model | '';
  name: string;
  skills: ReadonlySet<string>;
}

const roles: Readonly<Record<Role, string>> = {
  worker: 'It does the tasks.',
  orchestrator: 'It has others do them.',
};
const strategies: Readonly<Record<Strategy, string>> = {
  simple: 'All are given at once.',
  queue: 'One after the other.',
  tree: 'With what is below them.',
};

export interface SpawnFieldsProps {
  order: Order;
  refusal: Error | null;
  onChange: (change: Partial<Order>) => void;
}

export function SpawnFields({ order, refusal, onChange }: SpawnFieldsProps) {
  return (
    <>
      <div className="fields">
        <Field label="Role" hint={roles[order.role]}>
          {(attributes) => (
            <select
              {...attributes}
              value={order.role}
              // The options are the keys of `roles`.
              onChange={(event) => onChange({ role: event.target.value as Role })}
            >
              {optionsOf(roles)}
            </select>
          )}
        </Field>
        <Field label="Strategy" hint={strategies[order.strategy]}>
          {(attributes) => (
            <select
              {...attributes}
              value={order.strategy}
              onChange={(event) => onChange({ strategy: event.target.value as Strategy })}
            >
              {optionsOf(strategies)}
            </select>
          )}
        </Field>
        <Field
          label="Model"
          hint={order.model === '' ? 'As its tasks say.' : ''}
          problem={problemAt(refusal, 'model')}
        >
          {(attributes) => (
            <select
              {...attributes}
              value={order.model}
              onChange={(event) => onChange({ model: event.target.value as Model | '' })}
            >
              <option value="">none</option>
              {models.map((model) => (
                <option key={model}>{model}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Field
        label="Name"
        hint="Left empty, it is named after its first task."
        problem={problemAt(refusal, 'sessionName')}
      >
        {(attributes) => (
          <input
            {...attributes}
            value={order.name}
            onChange={(event) => onChange({ name: event.target.value })}
          />
        )}
      </Field>
      <SkillsField
        chosen={order.skills}
        problem={problemAt(refusal, 'skills')}
        onChange={(skills) => onChange({ skills })}
      />
    </>
  );
}

const optionsOf = (words: Readonly<Record<string, string>>) =>
  Object.keys(words).map((word) => <option key={word}>{word}</option>);
