// What a key does in the tree: https://www.w3.org/WAI/ARIA/apg/patterns/treeview/
import type { Branch } from './branches.ts';

export type Move =
  | { does: 'go'; to: number }
  | { does: 'fold'; isFolded: boolean }
  | { does: 'select' }
  | { does: 'open' };

const PAGE = 10;

/** @returns null for a key that does nothing here. */
export function moveFor(key: string, branches: readonly Branch[], at: number): Move | null {
  const last = branches.length - 1;
  switch (key) {
    case 'ArrowDown':
      return { does: 'go', to: Math.min(at + 1, last) };
    case 'ArrowUp':
      return { does: 'go', to: Math.max(at - 1, 0) };
    case 'PageDown':
      return { does: 'go', to: Math.min(at + PAGE, last) };
    case 'PageUp':
      return { does: 'go', to: Math.max(at - PAGE, 0) };
    case 'Home':
      return { does: 'go', to: 0 };
    case 'End':
      return { does: 'go', to: last };
    case 'ArrowRight':
      return inward(branches, at);
    case 'ArrowLeft':
      return outward(branches, at);
    case ' ':
      return { does: 'select' };
    case 'Enter':
      return { does: 'open' };
    default:
      return null;
  }
}

function inward(branches: readonly Branch[], at: number): Move | null {
  const isFolded = branches[at]?.isFolded ?? null;
  if (isFolded === null) return null;
  return isFolded ? { does: 'fold', isFolded: false } : { does: 'go', to: at + 1 };
}

function outward(branches: readonly Branch[], at: number): Move | null {
  const here = branches[at];
  if (!here) return null;
  if (here.isFolded === false) return { does: 'fold', isFolded: true };
  for (let above = at - 1; above >= 0; above -= 1)
    if ((branches[above]?.level ?? 0) < here.level) return { does: 'go', to: above };
  return null;
}
