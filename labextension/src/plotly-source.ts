/** Where plotly comes from: with the extension from its own files, in a widget from the kernel. */

type Plotly = Pick<typeof import('plotly.js-basic-dist-min'), 'react' | 'purge'>;

let load: () => Promise<Plotly> = () => import('plotly.js-basic-dist-min');

/** Load plotly, with the first chart. */
export function plotly(): Promise<Plotly> {
  return load();
}

/** Load it from somewhere else from now on. */
export function plotlyFrom(elsewhere: () => Promise<Plotly>): void {
  load = elsewhere;
}

export type { Plotly };
