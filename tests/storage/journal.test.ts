import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskError, watchHandles } from './file-handles.ts';
import { damaged, header, line, readSegment, recovered, segmentPath, writeSegment } from './journal-files.ts';
import { crashed, crashedBeforeFiles, openStorage, segmentsIn, temporaryFolder, until } from './place.ts';
import { entriesOf, found, newTask, put, record, shown, Story, withEntries } from './story.ts';

const grow = (story: Story) => {
  const present = story.get('session', 'sess_1') ?? record('session', 'sess_1');
  return put('session', withEntries(present, `evt_${story.number + 1}`));
};

/** Commits one by one, and what the records were after each. */
function told(count: number) {
  const story = new Story();
  const states = [shown(story)];
  const commits = Array.from({ length: count }, (_, index) => {
    const commit = story.commit([grow(story), newTask(`task_${index % 3}`, { title: `${index}` })]);
    states.push(shown(story));
    return commit;
  });
  return { story, commits, states };
}

test('drops a torn tail, wherever it is torn', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(8);
  writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
  const whole = readSegment(folder, 1);
  const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([index]) => index);
  const first = ends[4] ?? 0;
  for (let cut = whole.length; cut > first; cut -= 1) {
    truncateSync(segmentPath(folder, 1), cut);
    const { lastCommit, problems, ...loaded } = recovered(folder);
    // A line is whole without its newline: the first line is the segment's header.
    const complete = ends.filter((end) => end <= cut).length - 1;
    expect({ cut, lastCommit, problems, lastSeq: loaded.lastSeq }).toEqual({
      cut,
      lastCommit: complete,
      problems: [],
      lastSeq: 2 * complete,
    });
    expect(shown({ ...loaded, lastCommit, problems })).toEqual(states[complete]);
  }
});

test('goes on behind a torn tail, wherever it was torn', async () => {
  const { commits } = told(5);
  const lines = [header(1, 0), ...commits.map((commit) => line(commit))].join('');
  const last = Math.max(...commits.map((commit) => line(commit).length));
  for (let cut = 1; cut <= last; cut += 61) {
    const folder = await temporaryFolder();
    writeSegment(folder, 1, lines.slice(0, -cut));
    const { storage } = await openStorage(folder);
    const before = storage.load();
    const story = new Story(before);
    await story.tell(storage, newTask('task_after'));
    const { problems, ...after } = (await openStorage(await crashedBeforeFiles(folder))).storage.load();
    expect(problems).toEqual([]);
    expect(after.lastCommit).toBe(story.number);
    expect(shown({ ...after, problems })).toEqual({ ...shown(before), ...shown(story) });
    await storage.close();
  }
});

test('drops whole lines behind a torn one that were never declared durable', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(6);
  const lines = commits.map((commit) => line(commit, Math.min(commit.number - 1, 3)));
  lines[3] = damaged(lines[3] ?? '');
  writeSegment(folder, 1, header(1, 0), ...lines);
  const loaded = recovered(folder);
  expect(loaded).toMatchObject({ lastCommit: 3, lastSeq: 6, problems: [] });
  expect(shown(loaded)).toEqual(states[3]);
});

test('sets a damaged line aside that held acknowledged changes, and applies the rest', async () => {
  const folder = await temporaryFolder();
  const story = new Story();
  const commits = [1, 2, 3, 4].map((number) => story.commit([newTask(`task_${number}`)]));
  const lines = commits.map((commit) => line(commit));
  lines[1] = damaged(lines[1] ?? '');
  writeSegment(folder, 1, header(1, 0), ...lines);
  const loaded = recovered(folder);
  expect(Object.keys(shown(loaded))).toEqual(['task/task_1', 'task/task_3', 'task/task_4']);
  expect(loaded.lastCommit).toBe(4);
  expect(loaded.facts.since(2)?.map(({ fact }) => fact.seq)).toEqual([3, 4]);
  const aside = join(folder, 'quarantine', 'journal__00000001.log.line-3');
  expect(readFileSync(aside, 'utf8')).toBe(lines[1].trimEnd());
  expect(loaded.problems.join('\n')).toContain(aside);
  expect(loaded.problems.join('\n')).toContain('lacks 1 acknowledged commit(s), the first is 2');
});

test('sets a damaged last line aside when a later segment declares it durable', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(5);
  const lines = commits.map((commit) => line(commit));
  lines[4] = damaged(lines[4] ?? '');
  writeSegment(folder, 1, header(1, 0), ...lines);
  writeSegment(folder, 2, header(2, 5));
  const loaded = recovered(folder);
  expect(shown(loaded)).toEqual(states[4]);
  expect(loaded.problems.join('\n')).toContain('journal__00000001.log.line-6');
  // Its number was acknowledged: it is not given to another commit.
  expect(loaded.lastCommit).toBe(5);
});

test('sets the only line aside when it is damaged and was declared durable', async () => {
  const folder = await temporaryFolder();
  const { commits } = told(1);
  writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => damaged(line(commit))));
  writeSegment(folder, 2, header(2, 1));
  const loaded = recovered(folder);
  expect(loaded.problems.join('\n')).toContain('journal__00000001.log.line-2');
  expect(loaded.lastCommit).toBe(1);
});

test('does not apply what a later segment abandoned', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(6);
  const lines = commits.map((commit) => line(commit, Math.min(commit.number - 1, 4)));
  const kept = new Story({ lastCommit: 4, lastSeq: 8 });
  const instead = kept.commit([newTask('task_instead')]);
  writeSegment(folder, 1, header(1, 0), ...lines);
  writeSegment(folder, 2, header(2, 4), line(instead));
  const loaded = recovered(folder);
  expect(shown(loaded)).toEqual({ ...states[4], ...shown(kept) });
  expect(loaded).toMatchObject({ lastCommit: 5, lastSeq: 9, problems: [] });
  expect(loaded.facts.since(8)?.map(({ fact }) => fact.id)).toEqual(['task_instead']);
});

test('does not apply what a later segment abandoned in which nothing stands yet', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(6);
  writeSegment(
    folder,
    1,
    header(1, 0),
    ...commits.map((commit) => line(commit, Math.min(commit.number - 1, 4))),
  );
  writeSegment(folder, 2, header(2, 4));
  const loaded = recovered(folder);
  expect(shown(loaded)).toEqual(states[4]);
  expect(loaded).toMatchObject({ lastCommit: 4, lastSeq: 8, problems: [] });
});

test('does not apply what was abandoned when the header that said so is damaged', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(6);
  const lines = commits.map((commit) => line(commit, Math.min(commit.number - 1, 4)));
  const kept = new Story({ lastCommit: 4, lastSeq: 8 });
  const instead = kept.commit([newTask('task_instead')]);
  writeSegment(folder, 1, header(1, 0), ...lines);
  writeSegment(folder, 2, damaged(header(2, 4)), line(instead));
  const loaded = recovered(folder);
  expect(shown(loaded)).toEqual({ ...states[4], ...shown(kept) });
  expect(loaded.lastCommit).toBe(5);
  expect(loaded.facts.since(8)?.map(({ fact }) => fact.id)).toEqual(['task_instead']);
});

test('reads a journal whose newest segment is empty or has a torn header', async () => {
  const { commits, states } = told(4);
  const whole = header(2, 4);
  for (let length = 0; length <= whole.length; length += 1) {
    const folder = await temporaryFolder();
    writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
    writeSegment(folder, 2, whole.slice(0, length));
    const loaded = recovered(folder);
    expect(shown(loaded)).toEqual(states[4]);
    expect({ length, ...loaded }).toMatchObject({ length, lastCommit: 4, lastSeq: 8, problems: [] });
  }
});

test('reads a journal whose only segment is empty or has a torn header', async () => {
  const whole = header(1, 0);
  for (let length = 0; length <= whole.length; length += 5) {
    const folder = await temporaryFolder();
    writeSegment(folder, 1, whole.slice(0, length));
    const { storage } = await openStorage(folder);
    expect(storage.load()).toMatchObject({ lastCommit: 0, lastSeq: 0, problems: [] });
    await new Story().tell(storage, newTask('task_1'));
    const after = (await openStorage(await crashedBeforeFiles(folder))).storage.load();
    expect({ length, keys: Object.keys(shown(after)) }).toEqual({ length, keys: ['task/task_1'] });
    await storage.close();
  }
});

test('ignores garbage behind the last line, and files that are no segments', async () => {
  const folder = await temporaryFolder();
  const { commits, states } = told(3);
  writeSegment(folder, 1, header(1, 0), ...commits.map((commit) => line(commit)));
  appendFileSync(segmentPath(folder, 1), Buffer.alloc(5_000));
  writeFileSync(join(folder, 'journal', 'notes.txt'), 'mine');
  writeFileSync(join(folder, 'journal', 'x.log'), 'mine');
  const loaded = recovered(folder);
  expect(shown(loaded)).toEqual(states[3]);
  expect(loaded.problems).toEqual([]);
});

test('shares a sync among all commits that wait', async () => {
  const { storage } = await openStorage(await temporaryFolder());
  const syncs = await watchHandles('datasync');
  const story = new Story();
  const together = Array.from({ length: 500 }, () => story.tell(storage, grow(story)));
  await Promise.all(together);
  expect(syncs.mock.calls.length).toBeGreaterThanOrEqual(1);
  expect(syncs.mock.calls.length).toBeLessThanOrEqual(5);

  syncs.mockClear();
  for (let count = 0; count < 20; count += 1) await story.tell(storage, grow(story));
  expect(syncs.mock.calls.length).toBeGreaterThanOrEqual(20);
});

test('acknowledges nothing before its sync has returned', async () => {
  const { storage } = await openStorage(await temporaryFolder());
  const syncs = await watchHandles('datasync');
  let finish: () => void = () => undefined;
  syncs.mockImplementationOnce(() => new Promise<void>((resolve) => (finish = resolve)));
  const story = new Story();
  const acknowledged: number[] = [];
  const all = [1, 2, 3].map((number) =>
    story.tell(storage, newTask(`task_${number}`)).then(() => acknowledged.push(number)),
  );
  await until('the sync was asked for', () => syncs.mock.calls.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(acknowledged).toEqual([]);
  expect(storage.since(0)).toEqual([]);
  finish();
  await Promise.all(all);
  expect(acknowledged).toEqual([1, 2, 3]);
});

test.each(['datasync', 'write'] as const)(
  'takes back all in flight when a %s fails, and goes on in a new segment',
  async (asked) => {
    const folder = await temporaryFolder();
    const { storage } = await openStorage(folder);
    const story = new Story();
    await story.tell(storage, newTask('task_1'));
    const [failing, truncating] = [await watchHandles(asked), await watchHandles('truncate')];
    // Nor can the lines be cut off: they stay in the old segment, whole.
    truncating.mockRejectedValue(diskError('EIO'));
    failing.mockRejectedValueOnce(diskError('EIO'));
    const lost = new Story({ lastCommit: 1, lastSeq: 1 });
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((number) => storage.commit(lost.commit([newTask(`task_lost_${number}`)]))),
    );
    expect(
      outcomes.map((each) => (each.status === 'rejected' ? (each.reason as { code: string }).code : '')),
    ).toEqual(outcomes.map(() => 'STORAGE_UNAVAILABLE'));
    expect(storage.status()).toMatchObject({ state: 'refusing' });
    await until('it takes commits again', () => storage.refusal() === null);
    await story.tell(storage, newTask('task_2'));
    for (const left of [await crashed(folder), await crashedBeforeFiles(folder)]) {
      const loaded = (await openStorage(left)).storage.load();
      expect(shown(loaded)).toEqual(shown(story));
      expect(loaded).toMatchObject({ lastCommit: 2, lastSeq: 2, problems: [] });
    }
  },
);

test('refuses a commit that was made on one that is being taken back', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  await story.tell(storage, newTask('task_1'));
  const syncs = await watchHandles('datasync');
  syncs.mockRejectedValueOnce(diskError('EIO'));
  const lost = new Story({ lastCommit: 1, lastSeq: 1 });
  const first = storage.commit(lost.commit([newTask('task_lost')]));
  const onTop = lost.commit([newTask('task_on_top')]);
  await expect(first).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await until('it takes commits again', () => storage.refusal() === null);
  await expect(storage.commit(onTop)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await story.tell(storage, newTask('task_2'));
  expect(shown((await openStorage(await crashedBeforeFiles(folder))).storage.load())).toEqual(shown(story));
});

test('begins a new segment when one is full, and lets it go when its changes are in the files', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const text = 'x'.repeat(6 * 1024 * 1024);
  for (let round = 0; round < 4; round += 1)
    await storage.commit(
      story.commit([put('answer', record('answer', `key_${round % 2}`, { text: `${round}${text}` }))]),
    );
  const full = await segmentsIn(folder);
  expect(full.length).toBeGreaterThan(1);
  await until('the full segment is let go', async () => !(await segmentsIn(folder)).includes(full[0] ?? ''));
  const loaded = (await openStorage(await crashed(folder))).storage.load();
  expect(loaded.records.answer.map(({ id, text }) => [id, text?.[0]]).sort()).toEqual([
    ['key_0', '2'],
    ['key_1', '3'],
  ]);
  expect(loaded).toMatchObject({ lastCommit: 4, problems: [] });
});

test('holds the facts of all commits of a batch, also when the last one has none', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  const text = 'x'.repeat(9 * 1024 * 1024);
  const commits = [
    story.commit([newTask('task_1')], 50),
    story.commit([put('answer', record('answer', 'key_1', { text }))]),
    story.commit([put('answer', record('answer', 'key_1', { text: `${text}again` }))]),
  ];
  await Promise.all(commits.map((commit) => storage.commit(commit)));
  await story.tell(storage, newTask('task_2'));
  expect(await segmentsIn(folder)).toHaveLength(2);
  const head = () => JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8')) as { filesThrough: number };
  await until('the files hold all', () => existsSync(join(folder, 'head.json')) && head().filesThrough === 4);
  expect((await openStorage(await crashed(folder))).storage.since(0)).toHaveLength(51);
});

test('has no commit to replay behind what the files hold', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  for (let round = 0; round < 3; round += 1) await story.tell(storage, grow(story));
  const head = () => JSON.parse(readFileSync(join(folder, 'head.json'), 'utf8')) as { filesThrough: number };
  await until(
    'head.json says so',
    () => readdirSync(folder).includes('head.json') && head().filesThrough === 3,
  );
  const { behind, ...loaded } = recovered(await crashed(folder));
  expect(behind).toEqual([]);
  expect(entriesOf(found(loaded, 'session', 'sess_1'))).toEqual(['evt_1', 'evt_2', 'evt_3']);
});

test('leaves an empty journal behind after a stop, its files readable by their owner only before', async () => {
  const folder = await temporaryFolder();
  const { storage } = await openStorage(folder);
  const story = new Story();
  await story.tell(storage, grow(story));
  for (const name of await segmentsIn(folder))
    expect(statSync(join(folder, 'journal', name)).mode & 0o777).toBe(0o600);
  await storage.close();
  expect(await segmentsIn(folder)).toEqual([]);
});
