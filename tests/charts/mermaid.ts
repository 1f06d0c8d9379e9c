// Mermaid's own parser. It cleans labels with a library that asks for a browser's document, so it is given one.
import { parseHTML } from 'linkedom';

Object.assign(globalThis, { window: parseHTML('<html></html>') });
const { default: mermaid } = await import('mermaid');

interface Relation {
  id1: string;
  id2: string;
  relationTitle: string;
}

interface Parsed {
  states: string[];
  arrows: { from: string; to: string; label: string }[];
}

/** @throws with the line, when it is no diagram of states */
export async function parsedMermaid(text: string): Promise<Parsed> {
  const { diagramType } = await mermaid.parse(text);
  if (!diagramType.startsWith('state')) throw new Error(`a diagram of type ${diagramType}`);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- all else that parses tells no more than the type.
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const { getStates, getRelations } = db as unknown as {
    getStates: () => Map<string, unknown>;
    getRelations: () => Relation[];
  };
  return {
    states: [...getStates.call(db).keys()],
    arrows: getRelations.call(db).map(({ id1, id2, relationTitle }) => ({
      from: id1,
      to: id2,
      label: relationTitle,
    })),
  };
}
