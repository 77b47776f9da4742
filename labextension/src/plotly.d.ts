/** As much of plotly as is used: its own types are not in the package. */
declare module 'plotly.js-basic-dist-min' {
  export function react(
    host: HTMLElement,
    data: readonly object[],
    layout: object,
    config: object
  ): Promise<unknown>;
  export function purge(host: HTMLElement): void;
}
