import { defineConfig } from 'vitest/config';

/** A limit for what hangs, not a wish for speed: a busy machine may take its time. */
const shared = { testTimeout: 60_000, hookTimeout: 60_000 };

/** Stately's extractor needs two files of XState 4, whose package stands beside ours under another name. */
const statelysExtractor = {
  '@xstate/machine-extractor': new URL(
    'node_modules/@xstate/machine-extractor/dist/xstate-machine-extractor.esm.js',
    import.meta.url,
  ).pathname,
  'xstate/lib': 'xstate4/lib',
};

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias: statelysExtractor },
        test: {
          ...shared,
          name: 'unit',
          server: { deps: { inline: ['@xstate/machine-extractor'] } },
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/contract/**', 'tests/browser/**', 'tests/end-to-end/**', 'tests/soak/**'],
        },
      },
      {
        test: {
          ...shared,
          name: 'contract',
          include: ['tests/contract/**/*.test.ts'],
          globalSetup: 'tests/contract/support/server.ts',
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { ...shared, name: 'soak', include: ['tests/soak/**/*.test.ts'] } },
      { test: { ...shared, name: 'stories', include: ['tests/end-to-end/**/*.test.ts'] } },
    ],
  },
});
