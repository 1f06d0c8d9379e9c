// Reads a chart's source as Stately's extractor does: it takes createMachine's argument as one literal and sees
// nothing that is spread into it, computed, or stands somewhere else.
import ts from 'typescript';

/** Functions of context: data that an actor begins with. */
const functionsAllowedAt = new Set(['context', 'input']);

/** What is in the file's chart that the extractor cannot read; one line for each find. */
export function unreadableIn(source: string): string[] {
  const file = ts.createSourceFile('chart.ts', source, ts.ScriptTarget.Latest, true);
  const charts = callsOfCreateMachine(file);
  if (charts.length !== 1) return [`${charts.length} charts in one file`];
  return charts.flatMap((call) =>
    call.arguments[0] ? faultsOf(call.arguments[0]) : ['a chart without a literal'],
  );
}

function callsOfCreateMachine(node: ts.Node): ts.CallExpression[] {
  const inside: ts.CallExpression[] = [];
  node.forEachChild((child) => void inside.push(...callsOfCreateMachine(child)));
  return ts.isCallExpression(node) && calledName(node.expression) === 'createMachine'
    ? [node, ...inside]
    : inside;
}

const calledName = (callee: ts.Expression): string =>
  ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();

function faultsOf(value: ts.Expression): string[] {
  if (ts.isArrayLiteralExpression(value)) return value.elements.flatMap(faultsOf);
  if (ts.isObjectLiteralExpression(value)) return value.properties.flatMap(faultsOfProperty);
  if (ts.isStringLiteral(value) || ts.isNumericLiteral(value)) return [];
  return [`not a literal: ${value.getText()}`];
}

function faultsOfProperty(property: ts.ObjectLiteralElementLike): string[] {
  if (!ts.isPropertyAssignment(property)) return [`not a plain field: ${property.getText()}`];
  const { name, initializer } = property;
  if (ts.isComputedPropertyName(name)) return [`a computed key: ${name.getText()}`];
  if (ts.isArrowFunction(initializer) && functionsAllowedAt.has(name.getText())) return [];
  return faultsOf(initializer);
}
