/** Which module draws which kind of panel. Each is loaded when the first of its kind is shown. */

import type { Context, Handle } from './context';
import { VERSION } from './payloads';
import type { Payload } from './payloads';

type Drawer = (host: HTMLElement, payload: Payload, context: Context) => Handle;

type Kind = Payload['panel'];

type Module<K extends Kind> = Promise<{
  draw: (host: HTMLElement, payload: Extract<Payload, { panel: K }>, context: Context) => Handle;
}>;

const MODULES: { readonly [K in Kind]?: () => Module<K> } = {
  anomalies: () => import('./panels/anomalies'),
  compare: () => import('./panels/compare'),
  evaluation: () => import('./panels/evaluation'),
  run: () => import('./panels/run'),
  schema: () => import('./panels/schema'),
  statistics: () => import('./panels/statistics')
};

/** A payload that this version can draw, or null: of a newer zenlab, or of another kind. */
export function known(data: unknown): Payload | null {
  if (typeof data !== 'object' || data === null) {
    return null;
  }
  const { panel, version } = data as { panel?: unknown; version?: unknown };
  if (version !== VERSION || typeof panel !== 'string' || !Object.hasOwn(MODULES, panel)) {
    return null;
  }
  return data as Payload;
}

/** Load what draws a payload. */
export async function drawer(payload: Payload): Promise<Drawer> {
  const load = MODULES[payload.panel] as (() => Promise<{ draw: Drawer }>) | undefined;
  if (load === undefined) {
    throw new Error(`no module draws ${payload.panel}`);
  }
  return (await load()).draw;
}
