/**
 * @typedef {object} Figure
 * @property {string} work what was measured
 * @property {string} unit of `ours` and `limit`
 * @property {number} ours
 * @property {number} limit what this machine does at best, measured in the same run; or the other side of a comparison
 * @property {string} against what the limit is
 * @property {number} ratio ours to the limit
 * @property {string} goal
 * @property {boolean} isReached
 */

/**
 * @param {string} work
 * @param {{unit: string, ours: number, limit: number, against: string, atLeast?: number, atMost?: number}} measured
 * @returns {Figure}
 */
export function figure(work, { unit, ours, limit, against, atLeast, atMost }) {
  const ratio = ours / limit;
  const isReached = ratio >= (atLeast ?? -Infinity) && ratio <= (atMost ?? Infinity);
  const goal = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return { work, unit, ours, limit, against, ratio, goal, isReached };
}
