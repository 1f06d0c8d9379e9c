// A small chart of how a cost grows, as SVG: both axes logarithmic, one line for each series.
import { scaleLog } from 'd3-scale';
import { line } from 'd3-shape';

const WIDTH = 560;
const HEIGHT = 300;
const MARGIN = { top: 56, right: 130, bottom: 44, left: 64 };
const COLOURS = ['#2563eb', '#dc2626', '#059669', '#9333ea'];

/**
 * @param {{title: string, says: string, x: string, y: string, series: {name: string, points: [number, number][]}[]}} chart
 * @returns {string} SVG
 */
export function chart({ title, says, x, y, series }) {
  const points = series.flatMap((each) => each.points);
  const extent = (/** @type {number[]} */ values) => [Math.min(...values), Math.max(...values)];
  const [low = 1, high = 1] = extent(points.map(([, value]) => value));
  const across = scaleLog(extent(points.map(([value]) => value)), [MARGIN.left, WIDTH - MARGIN.right]);
  const up = scaleLog([low / 2, high * 2], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const path = line(
    (/** @type {[number, number]} */ [value]) => across(value),
    ([, value]) => up(value),
  );
  const ticks = (/** @type {typeof across} */ scale) =>
    scale.ticks(5).filter((value) => Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6));
  const told = (/** @type {number} */ value) => Number(value.toPrecision(3)).toLocaleString('en');
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="12" y="20" font-size="14" font-weight="bold">${title}</text>`,
    `<text x="12" y="38" fill="#555">${says}</text>`,
    ...ticks(across).map(
      (value) =>
        `<line x1="${across(value)}" x2="${across(value)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}" stroke="#e5e7eb"/>` +
        `<text x="${across(value)}" y="${HEIGHT - MARGIN.bottom + 14}" text-anchor="middle">${told(value)}</text>`,
    ),
    ...ticks(up).map(
      (value) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${up(value)}" y2="${up(value)}" stroke="#e5e7eb"/>` +
        `<text x="${MARGIN.left - 6}" y="${up(value) + 4}" text-anchor="end">${told(value)}</text>`,
    ),
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle" fill="#555">${x}</text>`,
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#555">${y}</text>`,
  ];
  for (const [index, { name, points: own }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length];
    const [, last] = own.at(-1) ?? [0, low];
    parts.push(`<path d="${path(own)}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const [at, value] of own)
      parts.push(`<circle cx="${across(at)}" cy="${up(value)}" r="3" fill="${colour}"/>`);
    parts.push(`<text x="${WIDTH - MARGIN.right + 8}" y="${up(last) + 4}" fill="${colour}">${name}</text>`);
  }
  return `${parts.join('\n')}\n</svg>\n`;
}
