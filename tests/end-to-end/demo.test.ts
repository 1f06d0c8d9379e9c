import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playDemo } from '../../examples/demo/demo.mjs';
import { temporaryFolder } from '../support/folder.ts';

const LIMIT_MS = 300_000;

describe('the demo, with the server killed twice in the middle', () => {
  it(
    'works through its backlog: one task fails on purpose, one asks and gets its answer, no move is made twice',
    async () => {
      const lines: string[] = [];
      const folder = temporaryFolder();
      const { played, facts } = await playDemo({
        folder,
        tell: (line) => lines.push(line),
        crashes: 2,
      }).catch((error: unknown) => {
        throw new Error(`the demo broke off:\n${lines.join('\n')}\n${agentLogs(folder)}`, { cause: error });
      });
      expect(lines.filter((line) => line.startsWith('killing'))).toHaveLength(2);

      const outcomes = played.flatMap((each) => each.outcomes);
      expect(outcomes.length).toBeGreaterThanOrEqual(8);
      const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
      const stories = played.map(({ session }) => JSON.stringify(session.timeline)).join('\n');
      const told = failed.map(({ task, reason }) => `${task.title}: ${reason}`).join('\n');
      expect(
        failed.map(({ task }) => task.title),
        `${told}\n${stories}\n${agentLogs(folder)}`,
      ).toEqual(['Fail on purpose']);
      expect(failed[0]?.result).toContain('there is no inspection');
      for (const { outcome, result, task } of outcomes) {
        if (task.title !== 'Fail on purpose') expect(outcome, `${task.title}: ${result}`).toBe('completed');
        expect(result, `the result of ${task.title}`).not.toBe('');
      }
      expect(played.map(({ session }) => session.status)).toEqual(['completed', 'completed', 'completed']);

      const longest = outcomes.find(({ task }) => task.title === 'Find the longest files');
      expect(longest?.result.split('\n'), 'as many as the answer said').toHaveLength(3);

      for (const type of ['queue:item_started', 'session:spawn']) {
        const ids = facts
          .filter((fact) => fact.type === type)
          .map(({ data }) => data.taskId ?? data.session.id);
        expect(ids, `${type} once each`).toEqual([...new Set(ids)]);
      }
      const numbers = facts.map(({ seq }) => seq);
      expect(numbers, 'every fact once, in order').toEqual([...new Set(numbers)].sort((a, b) => a - b));
    },
    LIMIT_MS,
  );
});

/** What the agents said, by session: an agent that gave up tells there which command failed it. */
const agentLogs = (folder: string): string =>
  readdirSync(join(folder, 'sessions'))
    .map((id) => `${id}:\n${readFileSync(join(folder, 'sessions', id, 'agent.log'), 'utf8')}`)
    .join('\n');
