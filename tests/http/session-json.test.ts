// The JSON of a whole session, however it was made, is that of its view.
import { expect, it } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import { sessionJson } from '../../src/http/session-json.ts';
import { sessionView } from '../../src/http/views.ts';
import { session } from '../records/arrange.ts';

const parsed = (shown: Session): unknown => JSON.parse(String(sessionJson(shown)));
const view = (shown: Session): unknown => JSON.parse(JSON.stringify(sessionView(shown)));

const grown = (from: Session, count: number): Session => ({
  ...from,
  timeline: from.timeline.append(
    Array.from({ length: count }, (_, index) => ({
      id: `evt_${from.timeline.length + index}`,
      type: 'progress',
      timestamp: index,
      message: `"ü" \u2028 🌳 ${'x'.repeat(index)}`,
    })),
  ),
});

it('is the same for a short timeline and a long one, entry by entry and in lots', () => {
  let shown = session('sess_a');
  for (const count of [0, 1, 198, 1, 1, 1, 50, 400]) {
    shown = grown(shown, count);
    expect(parsed(shown)).toEqual(view(shown));
  }
});

it('shows an older version as it was, also after a newer one was shown', () => {
  const older = grown(session('sess_a'), 250);
  const newer = grown(older, 3);
  expect(parsed(newer)).toEqual(view(newer));
  expect(parsed(older)).toEqual(view(older));
});

it('shows what went on from an older version, and not what was lost', () => {
  const older = grown(session('sess_a'), 250);
  const lost = grown(older, 2);
  expect(parsed(lost)).toEqual(view(lost));
  const other = { ...older, timeline: older.timeline.append([{ id: 'other', type: 'error', timestamp: 1 }]) };
  expect(parsed(other)).toEqual(view(other));
});
