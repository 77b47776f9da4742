/** The panels of notebooks, which can ask their kernel, and know of each other. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

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
    readonly rendermime: {
      addFactory(factory: IRenderMime.IRendererFactory, rank?: number): void;
    };
  };
  readonly sessionContext: SessionContext;
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
        notebook.content.rendermime.addFactory(panelFactory({ kernel, bus: new Bus() }), RANK);
      }
    });
  }
};

export default plugin;
