import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unreadableIn } from './literal.ts';

const room = new URL('../../src/machines/', import.meta.url);
const charts = readdirSync(room).filter((name) => name.endsWith('.machine.ts'));

describe('a chart', () => {
  it('is looked for where the charts are', () => {
    expect(charts).toEqual(['queue.machine.ts', 'session.machine.ts']);
  });

  it.each(charts)('in %s is one literal that Stately can read', (name) => {
    expect(unreadableIn(readFileSync(new URL(name, room), 'utf8'))).toEqual([]);
  });
});

describe('what Stately cannot read is found', () => {
  const chart = (text: string): string => `export const machine = setup({}).createMachine(${text});`;

  it.each([
    ['a spread', '{ states: { ...others } }', ['not a plain field: ...others']],
    ['a spread in a list', "{ entry: [...more, 'tell'] }", ['not a literal: ...more']],
    ['a computed key', "{ on: { [word]: 'idle' } }", ['a computed key: [word]']],
    ['a state from elsewhere', '{ states: { idle: idleState } }', ['not a literal: idleState']],
    ['a short field', '{ states }', ['not a plain field: states']],
    ['an action that stands there itself', '{ entry: () => tell() }', ['not a literal: () => tell()']],
    ['an action that is called for', '{ entry: assign({}) }', ['not a literal: assign({})']],
    ['a chart from elsewhere', 'config', ['not a literal: config']],
    ['a chart that is not there', '', ['a chart without a literal']],
  ])('%s', (_, text, found) => {
    expect(unreadableIn(chart(text))).toEqual(found);
  });

  it('a second chart in one file', () => {
    expect(unreadableIn(chart('{}') + chart('{}'))).toEqual(['2 charts in one file']);
  });

  it('and a plain literal is no find', () => {
    expect(
      unreadableIn(chart("{ context: () => ({ ...rest }), on: { 'queue.start': ['a', { b: 1 }] } }")),
    ).toEqual([]);
  });
});
