declare module 'asciichart' {
  export function plot(series: number[], options?: { height?: number; min?: number }): string;
}
