// The text of an entry in `dist/`: looks whether this Node will do, in words that Node 12 reads, and only then loads the
// rest. Anything newer in the same file would be a SyntaxError before a sentence could be said.

/**
 * @param load the import of what is behind, as an expression
 * @param engines package.json's range: versions with `^` or `>=` before them, and `||` between
 */
export function entryText(load, engines) {
  const ranges = engines.split('||').map((text) => {
    const [, sign, version] = /^\s*(\^|>=)(\d+(?:\.\d+){0,2})\s*$/.exec(text) ?? [];
    if (version === undefined)
      throw new Error(`"${text}" of package.json's engines is in no form that is known`);
    const [major, minor = 0, patch = 0] = version.split('.').map(Number);
    return { isOpen: sign === '>=', version: [major, minor, patch] };
  });
  const words = ranges.map(({ isOpen, version: [major, minor] }) =>
    isOpen ? `${major} or newer` : `${major} (from ${major}.${minor} on)`,
  );
  return `#!/usr/bin/env node
var ranges = ${JSON.stringify(ranges)};
var present = process.versions.node.split('.').map(Number);
var fits = ranges.some(function (range) {
  var least = range.version;
  if (present[0] !== least[0]) return range.isOpen && present[0] > least[0];
  return present[1] !== least[1] ? present[1] > least[1] : present[2] >= least[2];
});
if (fits) {
  ${load};
} else {
  console.error('maestro needs Node ${words.join(', ')}; this is Node ' + process.versions.node + '.');
  process.exitCode = 1;
}
`;
}
