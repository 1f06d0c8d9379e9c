// The skills that there are on the server's disk.
import { useEffect, useState } from 'react';
import { get } from '../live/api.ts';
import { RefusalNote, useAsk } from '../parts/ask.tsx';

interface Skill {
  id: string;
  name: string;
  description: string;
}

export interface SkillsFieldProps {
  chosen: ReadonlySet<string>;
  problem: string | undefined;
  onChange: (chosen: ReadonlySet<string>) => void;
}

export function SkillsField({ chosen, problem, onChange }: SkillsFieldProps) {
  const [skills, setSkills] = useState<Skill[] | null>(null);
  const { refusal, ask } = useAsk();
  useEffect(() => {
    void ask(async () => setSkills(await get<Skill[]>('api/skills')));
  }, [ask]);
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <fieldset>
      <legend>Skills</legend>
      {skills?.map(({ id, name, description }) => (
        <label key={id} className="skill">
          <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
          <span>
            {name} <span className="small">{description}</span>
          </span>
        </label>
      ))}
      {skills?.length === 0 && <p className="empty">There are none on the server.</p>}
      <RefusalNote refusal={refusal} />
      <p role="alert" className="refusal">
        {problem && `Skills ${problem}`}
      </p>
    </fieldset>
  );
}
