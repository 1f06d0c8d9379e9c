// SCXML as a strict XML parser reads it.
import { DOMParser, type Element } from '@xmldom/xmldom';

interface Found {
  root: Record<string, string>;
  states: { path: string; parent: string | null; initial: string | null }[];
  transitions: {
    from: string;
    event: string | null;
    guard: string | null;
    to: string | null;
    actions: string[];
  }[];
}

/** @throws when it is not well formed */
export function readScxml(text: string): Found {
  const onError = (_level: string, message: string): never => {
    throw new Error(message);
  };
  const root = new DOMParser({ onError }).parseFromString(text, 'text/xml').documentElement;
  if (!root) throw new Error('no element');
  const attributes = [...root.attributes].map(({ name, value }) => [name, value]);
  const found: Found = { root: Object.fromEntries(attributes), states: [], transitions: [] };
  readStates(root, null, found);
  return found;
}

const elementsIn = (element: Element): Element[] =>
  [...element.childNodes].filter((node): node is Element => node.nodeType === node.ELEMENT_NODE);

function readStates(element: Element, path: string | null, found: Found): void {
  for (const child of elementsIn(element)) {
    if (child.localName === 'transition') found.transitions.push(transitionOf(child, path ?? ''));
    if (child.localName !== 'state') continue;
    const id = child.getAttribute('id') ?? '';
    found.states.push({ path: id, parent: path, initial: child.getAttribute('initial') });
    readStates(child, id, found);
  }
}

const transitionOf = (element: Element, from: string): Found['transitions'][number] => ({
  from,
  event: element.getAttribute('event'),
  guard: element.getAttribute('cond')?.replace(/\(.*$/, '') ?? null,
  to: element.getAttribute('target'),
  actions: elementsIn(element).map((script) => script.textContent?.replace('()', '') ?? ''),
});
