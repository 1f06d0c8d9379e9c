// Chance in property tests: a seed that the test's name shows; `SEED=… npx vitest run …` plays the same again.
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
