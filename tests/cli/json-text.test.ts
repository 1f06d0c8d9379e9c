import { expect, it } from 'vitest';
import { jsonText } from '../../src/cli/json-text.ts';

it('prints shallow values in lines, as JSON.stringify does', () => {
  const value = { a: [1, { b: null }], c: undefined, d: 'x"y' };
  expect(jsonText(value)).toBe(JSON.stringify(value, null, 2));
});

it('prints a deep value on one line, as JSON.stringify does', () => {
  let value: unknown = {
    s: 'a"\u2028',
    n: 1.5,
    none: null,
    gone: undefined,
    list: [undefined, true, [], {}],
  };
  for (let at = 0; at < 100; at++) value = at % 2 === 0 ? [at, value] : { at, 'with "quotes"': value };
  expect(jsonText(value)).toBe(JSON.stringify(value));
});
