/**
 * What the widgets of one page share. anywidget loads our module anew for each panel, so that a
 * variable of the module would be each panel's own.
 */

import { Bus } from '../context';
import type { Plotly } from '../plotly-source';

interface Page {
  /** By the manager of widgets, of which a notebook has one. */
  readonly buses: WeakMap<object, Bus>;
  plotly?: Promise<Plotly> | undefined;
}

const KEY = Symbol.for('zenlab.widgets');

function page(): Page {
  const known = globalThis as { [KEY]?: Page };
  return (known[KEY] ??= { buses: new WeakMap() });
}

/**
 * The bus of a notebook.
 *
 * @param manager of the widgets of that notebook.
 */
export function busOf(manager: object): Bus {
  const { buses } = page();
  const bus = buses.get(manager) ?? new Bus();
  buses.set(manager, bus);
  return bus;
}

/**
 * Load plotly once for all panels of the page. Who has asked for it may go before it comes: those who
 * wait for it as well then ask on their own.
 *
 * @param code asks for its text.
 */
export async function sharedPlotly(
  code: () => Promise<BlobPart>,
  load: (url: string) => Promise<Plotly> = url => import(/* @vite-ignore */ url) as Promise<Plotly>
): Promise<Plotly> {
  const shared = page();
  const asked = shared.plotly;
  if (asked !== undefined) {
    return asked.catch(() => sharedPlotly(code, load));
  }
  shared.plotly = (async () => {
    const url = URL.createObjectURL(new Blob([await code()], { type: 'text/javascript' }));
    try {
      return await load(url);
    } finally {
      URL.revokeObjectURL(url);
    }
  })().catch((error: unknown) => {
    shared.plotly = undefined;
    throw error;
  });
  return shared.plotly;
}
