// What one who attached is told of the actors, message by message; over a real socket: tests/http/inspection.
import { expect, it } from 'vitest';
import { Inspection } from '../../src/actors/inspection.ts';
import { ActorFault } from '../../src/actors/live.ts';
import { addEntries, changeSession } from '../../src/actors/sessions.ts';
import { Harness } from './harness.ts';
import { poisoned } from './poison.ts';

/** What is on its way before more is told; see src/actors/inspection.ts. */
const UNDER_WAY = 32;

const work = (harness: Harness, id: string) =>
  harness.tell(id, (turn, session) => changeSession(turn, session, { status: 'working' }));

/** Attaches one who keeps what he is told. It goes out at once, or when `read` is called. */
function attach(inspection: Inspection, { reads } = { reads: true }) {
  // Asserted on field by field.
  const told: any[] = [];
  const waiting: (() => void)[] = [];
  const receive = (message: object, gone: () => void): void => {
    told.push(JSON.parse(JSON.stringify(message)));
    if (reads) gone();
    else waiting.push(gone);
  };
  const detach = inspection.attach(receive, (fault) => expect.fail(fault.message));
  return { told, detach, read: () => waiting.splice(0).forEach((gone) => gone()) };
}

const inBrief = ({ type, name, event, snapshot }: any): string =>
  [
    type.replace('@xstate.', ''),
    name ?? event.type,
    JSON.stringify(snapshot?.value ?? snapshot?.status),
  ].join(' ');

it('what one is told begins with the actor as it was before its first event', async () => {
  const inspection = await Inspection.open();
  const harness = new Harness({ inspection });
  const id = await harness.created({ strategy: 'queue' });
  const { told } = attach(inspection);
  await work(harness, id);
  await harness.until(() => told.length >= 4);
  expect(told.map(inBrief)).toEqual([
    `actor session ${id} "idle"`,
    `actor queue of ${id} "drained"`,
    'event session.work ',
    'snapshot session.work {"working":"active"}',
  ]);
});

it('one who does not read is told of no more actors, but of each before its first event', async () => {
  const inspection = await Inspection.open();
  const harness = new Harness({ inspection });
  const ids: string[] = [];
  for (let count = 0; count < 3 * UNDER_WAY; count += 1) ids.push(await harness.created());
  const { told, read } = attach(inspection, { reads: false });
  await harness.until(() => told.length >= UNDER_WAY);
  const last = ids.at(-1) ?? '';
  await work(harness, last);
  await harness.until(() => told.length >= UNDER_WAY + 3);
  expect(told).toHaveLength(UNDER_WAY + 3);
  expect(told.slice(UNDER_WAY).map(inBrief)).toEqual([
    `actor session ${last} "idle"`,
    'event session.work ',
    'snapshot session.work {"working":"active"}',
  ]);
  await harness.until(() => {
    read();
    return told.length >= ids.length + 2;
  });
  const actors = told.filter(({ type }) => type === '@xstate.actor').map(({ name }) => name);
  expect(actors.sort()).toEqual(ids.map((one) => `session ${one}`).sort());
});

it('what one who attached throws reaches no command, and he is told no more', async () => {
  const inspection = await Inspection.open();
  const harness = new Harness({ inspection });
  const id = await harness.created();
  const faults: string[] = [];
  let asked = 0;
  inspection.attach(
    () => {
      asked += 1;
      throw new Error('cannot take it');
    },
    (fault) => faults.push(fault.message),
  );
  const { told } = attach(inspection);
  await work(harness, id);
  expect(harness.session(id).status).toBe('working');
  await harness.until(() => told.length >= 3);
  expect({ asked, faults }).toEqual({ asked: 1, faults: ['cannot take it'] });
});

it('an actor that failed is shown to have, and the one in its place is another of the same name', async () => {
  const inspection = await Inspection.open();
  const harness = new Harness({ inspection, machines: poisoned });
  const id = await harness.created();
  const { told } = attach(inspection);
  await harness.until(() => told.length >= 1);
  const failing = harness.tell(id, (turn, session) => addEntries(turn, session, [{ type: 'milestone' }]));
  await expect(failing).rejects.toBeInstanceOf(ActorFault);
  await harness.until(() => told.filter(({ type }) => type === '@xstate.actor').length >= 2);
  const failed = told.find(({ snapshot }) => snapshot?.status === 'error');
  expect(failed).toMatchObject({ event: { type: 'actor.failed' }, snapshot: { error: 'poisoned' } });
  const [first, second] = told.filter(({ type }) => type === '@xstate.actor');
  expect([first.name, second.name]).toEqual([`session ${id}`, `session ${id}`]);
  expect(second.sessionId).not.toBe(first.sessionId);
});

it('actors that have ended are not told to those who come later, nor is anything to those who left or were left', async () => {
  const inspection = await Inspection.open();
  const harness = new Harness({ inspection });
  const ended = await harness.created();
  const early = attach(inspection);
  await harness.until(() => early.told.length >= 1);
  early.detach();
  await harness.tell(ended, (turn, session) => changeSession(turn, session, { status: 'completed' }));
  await harness.until(() => harness.directory.size === 0);
  const id = await harness.created();
  const late = attach(inspection);
  await work(harness, id);
  await harness.until(() => late.told.length >= 3);
  expect(late.told.map(inBrief)[0]).toBe(`actor session ${id} "idle"`);
  expect(early.told).toHaveLength(1);
  inspection.close();
  const later = attach(inspection);
  await work(harness, await harness.created());
  await harness.until(() => later.told.length >= 5);
  expect(late.told).toHaveLength(3);
});
