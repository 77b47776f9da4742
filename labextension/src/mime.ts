/** The panels everywhere, without a kernel: outputs in other views, consoles, read-only hosts. */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { Bus } from './context';
import { RANK, panelFactory } from './renderer';

const extension: IRenderMime.IExtension = {
  id: 'zenlab-labextension:mime',
  description: 'Shows the panels of zenlab.',
  rendererFactory: panelFactory({ kernel: null, bus: new Bus() }),
  rank: RANK,
  dataType: 'json',
  documentWidgetFactoryOptions: undefined
};

export default extension;
