export function FactsView() {
  return <h1>Facts</h1>;
}
