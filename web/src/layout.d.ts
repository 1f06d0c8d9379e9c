declare module 'virtual:chart-layouts' {

  const layouts: readonly import('../layout.ts').Layout[];
  export default layouts;
}
