/** The panels of notebooks, which can ask their kernel, and know of each other. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import type { Bundle } from './bundle';
import { Bus } from './context';
import { NotebookKernel } from './kernel';
import type { SessionContext } from './kernel';
import { RANK, panelFactory } from './renderer';

/**
 * What is used of a `NotebookPanel`. `@jupyterlab/notebook` is not imported: its types would bring
 * packages that nothing here needs.
 */
interface Notebook {
  readonly content: {
    readonly model: { readonly cells: Iterable<Cell> } | null;
    readonly rendermime: {
      addFactory(factory: IRenderMime.IRendererFactory, rank?: number): void;
    };
  };
  readonly sessionContext: SessionContext;
}

interface Cell {
  /** Of cells of code. */
  readonly outputs?: {
    readonly length: number;
    get(i: number): IRenderMime.IMimeModel & { toJSON(): object };
    set(i: number, output: object): void;
  };
}

/**
 * Replace the data of an output as `update_display` does. `setData` of the output's model would
 * change what is seen, and not what is saved.
 */
function replaceOutput(notebook: Notebook, output: IRenderMime.IMimeModel, data: Bundle): boolean {
  for (const { outputs } of notebook.content.model?.cells ?? []) {
    for (let i = 0; i < (outputs?.length ?? 0); i += 1) {
      const found = outputs?.get(i);
      if (found === output) {
        outputs?.set(i, { ...found.toJSON(), data });
        return true;
      }
    }
  }
  return false;
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'zenlab-labextension:plugin',
  description: 'Connects the panels of zenlab with the kernel of their notebook.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    app.docRegistry.addWidgetExtension('Notebook', {
      createNew: widget => {
        const notebook = widget as unknown as Notebook;
        const kernel = new NotebookKernel(notebook.sessionContext);
        notebook.content.rendermime.addFactory(
          panelFactory({
            kernel,
            bus: new Bus(),
            replace: (output, data) => replaceOutput(notebook, output, data)
          }),
          RANK
        );
      }
    });
  }
};

export default plugin;
