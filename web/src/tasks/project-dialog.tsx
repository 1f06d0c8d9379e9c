// Makes a project.
import { useState } from 'react';
import { post, type Project } from '../live/api.ts';
import { useAsk } from '../parts/ask.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, Form, problemAt } from '../parts/form.tsx';

const fields = ['name', 'workingDir'];

export function ProjectDialog({ onMade, onClose }: { onMade: (id: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [workingDir, setWorkingDir] = useState('');
  const { isUnderWay, refusal, ask } = useAsk();
  return (
    <Dialog title="New project" onClose={onClose}>
      {(close) => (
        <Form
          refusal={refusal}
          fields={fields}
          onSubmit={() =>
            void ask(async () => {
              const { id } = await post<Project>('api/projects', { name, workingDir });
              onMade(id);
              close();
            })
          }
          foot={
            <>
              <button type="submit" className="first" disabled={isUnderWay}>
                Create project
              </button>
              <button type="button" onClick={close}>
                Cancel
              </button>
            </>
          }
        >
          <Field label="Name" problem={problemAt(refusal, 'name')}>
            {(attributes) => (
              <input {...attributes} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field
            label="Working directory"
            hint="The folder in which its agents work."
            problem={problemAt(refusal, 'workingDir')}
          >
            {(attributes) => (
              <input
                {...attributes}
                value={workingDir}
                onChange={(event) => setWorkingDir(event.target.value)}
              />
            )}
          </Field>
        </Form>
      )}
    </Dialog>
  );
}
