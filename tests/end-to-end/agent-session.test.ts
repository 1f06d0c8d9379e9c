import { describe, expect, it } from 'vitest';
import { playStory } from '../../examples/agent-session/story.mjs';
import { temporaryFolder } from '../support/folder.ts';

const LIMIT_MS = 90_000;

describe('an agent session on this repository, with the server killed in the middle', () => {
  it(
    'goes on, loses nothing, does nothing twice, and ends with its result on the timeline',
    async () => {
      const lines: string[] = [];
      const { session, task, facts } = await playStory({
        folder: temporaryFolder(),
        tell: (line) => lines.push(line),
      }).catch((error: unknown) => {
        throw new Error(`the story broke off:\n${lines.join('\n')}`, { cause: error });
      });

      expect(session.status).toBe('completed');
      expect(task.sessionStatus).toBe('completed');
      const messages: string[] = session.timeline.map(({ message }: { message?: string }) => message ?? '');
      const once = [
        /^I am session sess_/,
        /^\d+ files found/,
        /^Shall lock files be counted/,
        /^no$/,
        /^The three largest folders by lines are \S+: \d+, \S+: \d+, \S+: \d+$/,
      ];
      for (const pattern of once) expect(messages.filter((message) => pattern.test(message))).toHaveLength(1);

      const numbers = facts.map(({ seq }) => seq);
      expect(numbers, 'every fact once, in order').toEqual([...new Set(numbers)].sort((a, b) => a - b));
      expect(facts.filter(({ type }) => type === 'session:spawn')).toHaveLength(1);
    },
    LIMIT_MS,
  );
});
