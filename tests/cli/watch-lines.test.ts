import { expect, it } from 'vitest';
import { FactLines } from '../../src/cli/watch/lines.ts';

const created = (at: number) => ({ type: 'session:created', data: { id: `s${at}`, name: `n${at}` } });
const changed = (at: number) => ({
  type: 'session:updated',
  data: { id: `s${at}`, changes: { status: 'working' } },
});

it('calls a session by its name until it is deleted', () => {
  const lines = new FactLines();
  lines.of(created(1));
  expect(lines.of(changed(1))).toEqual(['session  n1 (s1)  is working']);
  expect(lines.of({ type: 'session:deleted', data: { id: 's1' } })).toEqual(['session:deleted  n1 (s1)']);
  expect(lines.of(changed(1))).toEqual(['session  s1  is working']);
});

it('keeps the 10,000 names that it heard of last', () => {
  const lines = new FactLines();
  for (let at = 0; at < 10_000; at++) lines.of(created(at));
  lines.of(created(0));
  lines.of(created(10_000));
  expect(lines.of(changed(0))).toEqual(['session  n0 (s0)  is working']);
  expect(lines.of(changed(1))).toEqual(['session  s1  is working']);
  expect(lines.of(changed(2))).toEqual(['session  n2 (s2)  is working']);
});
