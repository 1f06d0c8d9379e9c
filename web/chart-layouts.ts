// Where the states of each chart are drawn, found at build time: the charts change only with the source, and so the page
// needs no layout engine. `import layouts from 'virtual:chart-layouts'` gives them.
import type { Plugin } from 'vite';
import { charts } from '../src/charts/machines.ts';
import { layoutOf } from './layout.ts';

const name = 'virtual:chart-layouts';
const resolved = `\0${name}`;

export const chartLayouts = (): Plugin => ({
  name: 'chart-layouts',
  resolveId: (id) => (id === name ? resolved : undefined),
  load: async (id) => {
    if (id !== resolved) return undefined;
    const layouts = await Promise.all(charts.map(layoutOf));
    return `export default ${JSON.stringify(layouts)}`;
  },
});
