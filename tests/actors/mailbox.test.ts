import { expect, it, onTestFinished } from 'vitest';
import { Mailbox, MAILBOX_SIZE } from '../../src/actors/mailbox.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import { codeOf, settle } from '../records/arrange.ts';

const stopping = () => new MaestroError('STORAGE_UNAVAILABLE', 'stopping');

/** Work that ends when the test says. */
function gate() {
  const made = { begun: false, open: (): void => undefined, fail: (_: Error): void => undefined };
  const passed = new Promise<void>((resolve, reject) => {
    made.open = resolve;
    made.fail = reject;
  });
  const work = (): Promise<void> => {
    made.begun = true;
    return passed;
  };
  return Object.assign(made, { work });
}

it('commands run one at a time, in the order in which they came', async () => {
  const mailbox = new Mailbox();
  const gates = [gate(), gate(), gate()];
  const runs = gates.map(({ work }) => mailbox.add(work));
  const begun = () => gates.map((each) => each.begun);
  expect(begun()).toEqual([true, false, false]);
  gates[1]?.open();
  await settle();
  expect(begun()).toEqual([true, false, false]);
  gates[0]?.open();
  await settle();
  expect(begun()).toEqual([true, true, true]);
  expect(mailbox.idle).toBe(false);
  gates[2]?.open();
  await Promise.all(runs);
  await settle();
  expect(mailbox.idle).toBe(true);
});

it('a command that throws is told to its caller, and those behind it go on', async () => {
  const mailbox = new Mailbox();
  const first = mailbox.add(() => Promise.reject(new Error('no')));
  const second = mailbox.add(() => Promise.resolve('yes'));
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe('yes');
});

it('a full mailbox refuses, and takes commands again when there is room', async () => {
  const mailbox = new Mailbox();
  const first = gate();
  const runs = [mailbox.add(first.work)];
  for (let count = 0; count < MAILBOX_SIZE; count += 1) runs.push(mailbox.add(() => Promise.resolve()));
  expect(await codeOf(mailbox.add(() => Promise.resolve()))).toBe('OVERLOADED');
  first.open();
  await Promise.all(runs);
  expect(await mailbox.add(() => Promise.resolve('taken'))).toBe('taken');
});

it('many waiting commands do not make Node warn of a leak', async () => {
  const warnings: string[] = [];
  const hear = ({ name }: Error) => warnings.push(name);
  process.on('warning', hear);
  onTestFinished(() => {
    process.off('warning', hear);
  });
  const mailbox = new Mailbox();
  const first = gate();
  const runs = [mailbox.add(first.work)];
  for (let count = 0; count < 20; count += 1) runs.push(mailbox.add(() => Promise.resolve()));
  await settle();
  first.open();
  await Promise.all(runs);
  expect(warnings).toEqual([]);
});

it('closing refuses what waits at once, and what comes later', async () => {
  const mailbox = new Mailbox();
  const first = gate();
  const second = gate();
  const runs = mailbox.add(first.work);
  const waits = mailbox.add(second.work);
  mailbox.close(stopping());
  expect(await codeOf(waits)).toBe('STORAGE_UNAVAILABLE');
  expect(await codeOf(mailbox.add(second.work))).toBe('STORAGE_UNAVAILABLE');
  expect(second.begun).toBe(false);
  first.open();
  await runs;
});

it('what runs when the mailbox closes tells its caller how it ended', async () => {
  const [well, badly] = [new Mailbox(), new Mailbox()];
  const [good, bad] = [gate(), gate()];
  const done = well.add(async () => {
    await good.work();
    return 'durable';
  });
  const refused = badly.add(bad.work);
  for (const mailbox of [well, badly]) mailbox.close(stopping());
  good.open();
  bad.fail(new MaestroError('BUSINESS_RULE_ERROR', 'no'));
  expect(await done).toBe('durable');
  expect(await codeOf(refused)).toBe('BUSINESS_RULE_ERROR');
});
