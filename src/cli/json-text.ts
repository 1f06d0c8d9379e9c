// JSON for stdout: in lines, as people can read it too, unless it is deep.

/** Deeper values come on one line: indentation alone would be quadratic in the depth. */
const deepestInLines = 64;

/** The same as JSON.stringify for what was parsed from JSON, of any depth. */
export const jsonText = (value: unknown): string =>
  isDeeper(value, deepestInLines) ? inOneLine(value) : JSON.stringify(value, null, 2);

function isDeeper(value: unknown, most: number): boolean {
  const waiting = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value: one, depth } = next;
    if (typeof one !== 'object' || one === null) continue;
    if (depth >= most) return true;
    for (const each of Object.values(one) as unknown[]) waiting.push({ value: each, depth: depth + 1 });
  }
  return false;
}

/** Without recursion, unlike JSON.stringify, whose stack ends after some thousand levels. */
function inOneLine(value: unknown): string {
  const parts: string[] = [];
  const waiting: ({ text: string } | { value: unknown })[] = [{ value }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if ('text' in next) {
      parts.push(next.text);
    } else if (typeof next.value === 'object' && next.value !== null) {
      const isList = Array.isArray(next.value);
      const entries = Object.entries(next.value).filter(([, each]) => isList || each !== undefined);
      parts.push(isList ? '[' : '{');
      waiting.push({ text: isList ? ']' : '}' });
      for (let at = entries.length - 1; at >= 0; at--) {
        const [name, each] = entries[at] as [string, unknown]; // at is an index of the list
        const lead = `${at > 0 ? ',' : ''}${isList ? '' : `${JSON.stringify(name)}:`}`;
        waiting.push({ value: each }, { text: lead });
      }
    } else {
      parts.push(JSON.stringify(next.value ?? null));
    }
  }
  return parts.join('');
}
