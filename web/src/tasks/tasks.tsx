export function TasksView() {
  return <h1>Tasks</h1>;
}
