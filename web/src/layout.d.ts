declare module 'virtual:chart-layouts' {
  // An import would make this file a module, and then it could not declare one.
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports
  const layouts: readonly import('../layout.ts').Layout[];
  export default layouts;
}
