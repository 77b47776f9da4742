/** A panel as JupyterLab shows outputs: a widget that draws the payload, or the static table. */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { MIME_TYPE } from './bundle';
import type { Bundle } from './bundle';
import type { Context, Handle } from './context';
import { showStatic } from './fallback';
import type { LiveHandle } from './panels/live';
import { drawer, known } from './registry';

/** Of a run that goes on: its name, to ask for more by. It is replaced when the run ends. */
const LIVE_MIME_TYPE = 'application/vnd.zenlab.live.v1+json';

const OUTDATED =
  'A newer zenlab made this panel, so it is a table here. In the environment of the Jupyter server: ' +
  'pip install --upgrade zenlab, then reload the page.';

/** Before a stored widget, which has -10 and cannot be shown without its kernel. */
export const RANK = -20;

/** What all panels of a notebook have. */
export interface Surroundings extends Context {
  /** Put other data into an output of the notebook, and whether that is done. */
  readonly replace?: (output: IRenderMime.IMimeModel, data: Bundle) => boolean;
}

/**
 * What makes panels, for all notebooks or for one.
 *
 * It is safe: other people's strings are text, so that an untrusted notebook is shown as well.
 */
export function panelFactory(context: Surroundings): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [MIME_TYPE, LIVE_MIME_TYPE],
    defaultRank: RANK,
    createRenderer: () => new PanelRenderer(context)
  };
}

class PanelRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly _context: Context;
  private _model: IRenderMime.IMimeModel | null = null;
  private _kept: string | null = null;
  private _handle: Handle | null = null;
  private _live: LiveHandle | null = null;
  private _followed = false;
  private _turn = 0;

  constructor({ replace, ...context }: Surroundings) {
    super();
    this._context = replace ? { ...context, keep: bundle => this._keep(bundle, replace) } : context;
    this.addClass('zen-output');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    const run = running(model.data);
    if (run !== null) {
      this._followed = true;
      return this._renderLive(run, ++this._turn, model.data);
    }
    this._ran();
    const payload = known(model.data[MIME_TYPE]);
    if (this._kept !== null && this._kept === JSON.stringify(payload)) {
      this._kept = null; // it is what the panel shows already
      return;
    }
    const turn = ++this._turn;
    if (payload === null) {
      this._clear();
      showStatic(this.node, model.data, OUTDATED);
      return;
    }
    try {
      const draw = await drawer(payload);
      if (turn !== this._turn || this.isDisposed) {
        return; // another payload came meanwhile
      }
      this._clear();
      this._handle = draw(this.node, payload, this._context);
    } catch (error) {
      console.error('zenlab: the panel could not be drawn; the static table is shown', error);
      this._clear();
      showStatic(this.node, model.data);
    }
  }

  /** The display is updated as long as the run goes on: the panel stays the same. */
  private async _renderLive(
    run: string,
    turn: number,
    data: IRenderMime.IMimeModel['data']
  ): Promise<void> {
    const fallback = (host: HTMLElement) => {
      showStatic(host, data);
    };
    if (this._live?.run === run) {
      this._live.update(fallback);
      return;
    }
    const { drawLive } = await import('./panels/live');
    if (turn !== this._turn || this.isDisposed) {
      return;
    }
    this._clear();
    this._live = drawLive(this.node, run, fallback, this._context);
    this._handle = this._live;
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._clear();
      super.dispose();
      this._ran(); // JupyterLab makes another renderer for another type
    }
  }

  /** Tell the other panels once the panel of a run has come: the store knows its result by then. */
  private _ran(): void {
    if (this._followed) {
      this._followed = false;
      this._context.bus.ran();
    }
  }

  private _keep(bundle: Bundle, replace: NonNullable<Surroundings['replace']>): boolean {
    if (this._model === null) {
      return false;
    }
    if (this._live === null) {
      this._kept = JSON.stringify(bundle[MIME_TYPE]); // else the panel is to replace the live one
    }
    const done = replace(this._model, bundle);
    this._kept = null; // the output is rendered at once, or not by this renderer
    return done;
  }

  private _clear(): void {
    this._handle?.dispose();
    this._handle = null;
    this._live = null;
    this.node.replaceChildren();
  }
}

function running(data: IRenderMime.IMimeModel['data']): string | null {
  const live = data[LIVE_MIME_TYPE] as { run?: unknown } | undefined;
  return data[MIME_TYPE] === undefined && typeof live?.run === 'string' ? live.run : null;
}
