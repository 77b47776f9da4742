/** A panel as JupyterLab shows outputs: a widget that draws the payload, or the static table. */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import type { Context, Handle } from './context';
import { showStatic } from './fallback';
import { drawer, known } from './registry';

export const MIME_TYPE = 'application/vnd.zenlab.v1+json';

/** Before a stored widget, which has -10 and cannot be shown without its kernel. */
export const RANK = -20;

/**
 * What makes panels, for all notebooks or for one.
 *
 * It is safe: other people's strings are text, so that an untrusted notebook is shown as well.
 */
export function panelFactory(context: Context): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [MIME_TYPE],
    defaultRank: RANK,
    createRenderer: () => new PanelRenderer(context)
  };
}

class PanelRenderer extends Widget implements IRenderMime.IRenderer {
  private readonly _context: Context;
  private _handle: Handle | null = null;
  private _turn = 0;

  constructor(context: Context) {
    super();
    this._context = context;
    this.addClass('zen-output');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const turn = ++this._turn;
    const payload = known(model.data[MIME_TYPE]);
    if (payload === null) {
      this._clear();
      showStatic(this.node, model.data);
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

  override dispose(): void {
    if (!this.isDisposed) {
      this._clear();
      super.dispose();
    }
  }

  private _clear(): void {
    this._handle?.dispose();
    this._handle = null;
    this.node.replaceChildren();
  }
}
