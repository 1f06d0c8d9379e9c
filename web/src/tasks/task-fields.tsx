// The fields of a task.
import type { Task } from '../live/api.ts';
import { useTheWorld } from '../live/use.ts';
import { Field, problemAt } from '../parts/form.tsx';
import type { Draft } from './draft.ts';
import { ParentField } from './parent-field.tsx';
import { models, priorities, statuses, statusWords } from './words.ts';

export interface TaskFieldsProps {
  /** null for a new one. */
  task: Task | null;
  draft: Draft;
  refusal: Error | null;
  onChange: (change: Partial<Draft>) => void;
}

export function TaskFields({ task, draft, refusal, onChange }: TaskFieldsProps) {
  const { projects } = useTheWorld();
  return (
    <>
      <Text {...{ draft, refusal, onChange }} label="Title" field="title" />
      <Text {...{ draft, refusal, onChange }} label="Description" field="description" rows={3} />
      <Text
        {...{ draft, refusal, onChange }}
        label="Acceptance criteria"
        field="acceptanceCriteria"
        rows={3}
        hint="One a line."
      />
      <div className="fields">
        <Choice
          {...{ draft, refusal, onChange }}
          label="Status"
          field="status"
          options={statuses.map((status) => [status, statusWords[status]])}
        />
        <Choice
          {...{ draft, refusal, onChange }}
          label="Priority"
          field="priority"
          options={priorities.map((priority) => [priority, priority])}
        />
        {/* A model that is set can be changed, but not be taken away: the API reads null as "not given". */}
        <Choice
          {...{ draft, refusal, onChange }}
          label="Model"
          field="model"
          options={[
            ...(task?.model ? [] : ([['', 'none']] as const)),
            ...models.map((model) => [model, model] as const),
          ]}
        />
      </div>
      {task ? (
        <p className="small">Project: {projects.get(task.projectId)?.name ?? task.projectId}</p>
      ) : (
        <Choice
          {...{ draft, refusal }}
          // A parent is of the same project.
          onChange={(change) => onChange({ ...change, parentId: '' })}
          label="Project"
          field="projectId"
          options={[...projects.values()].map(({ id, name }) => [id, name])}
        />
      )}
      <ParentField
        task={task}
        projectId={draft.projectId}
        value={draft.parentId}
        problem={problemAt(refusal, 'parentId')}
        onChange={(parentId) => onChange({ parentId })}
      />
      <Text
        {...{ draft, refusal, onChange }}
        label="Initial prompt"
        field="initialPrompt"
        rows={2}
        hint="What its agent is told first."
      />
    </>
  );
}

interface OneProps {
  label: string;
  field: keyof Draft;
  draft: Draft;
  refusal: Error | null;
  onChange: (change: Partial<Draft>) => void;
}

function Text({
  label,
  field,
  draft,
  refusal,
  onChange,
  hint,
  rows,
}: OneProps & { hint?: string; rows?: number }) {
  return (
    <Field label={label} problem={problemAt(refusal, field)} {...(hint !== undefined && { hint })}>
      {(attributes) =>
        rows === undefined ? (
          <input
            {...attributes}
            value={draft[field]}
            onChange={(event) => onChange({ [field]: event.target.value })}
          />
        ) : (
          <textarea
            {...attributes}
            rows={rows}
            value={draft[field]}
            onChange={(event) => onChange({ [field]: event.target.value })}
          />
        )
      }
    </Field>
  );
}

function Choice({
  label,
  field,
  draft,
  refusal,
  onChange,
  options,
}: OneProps & { options: readonly (readonly [value: string, name: string])[] }) {
  return (
    <Field label={label} problem={problemAt(refusal, field)}>
      {(attributes) => (
        <select
          {...attributes}
          value={draft[field]}
          onChange={(event) => onChange({ [field]: event.target.value })}
        >
          {options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
