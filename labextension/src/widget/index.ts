/**
 * The panels as an anywidget, for front ends without the extension: VS Code, Colab.
 *
 * The same modules draw. The payload comes with the widget, so that it is there while the kernel is
 * busy; plotly comes with the first chart.
 */

import { el } from '../dom';
import { plotlyFrom } from '../plotly-source';
import { drawer, known } from '../registry';
import { WidgetKernel } from './kernel';
import type { Model } from './kernel';
import { busOf, sharedPlotly } from './page';
import { dress } from './theme';

/** A widget that is shown twice has one module, and a line for each view. */
const lines = new Set<WidgetKernel>();

/** Show a panel; anywidget calls this for each view, and what it returns when the view goes. */
export async function render(view: { model: Model; el: HTMLElement }): Promise<() => void> {
  const { model } = view;
  const host = el('div');
  view.el.append(host);
  const undress = dress(host);
  const payload = known(model.get('payload'));
  if (payload === null) {
    host.append('This panel cannot be drawn: zenlab was updated, restart the kernel.');
    return undress;
  }
  const kernel = await WidgetKernel.of(model);
  lines.add(kernel);
  const gone = () => {
    lines.delete(kernel);
    kernel.dispose();
    undress();
  };
  plotlyFrom(() => sharedPlotly(plotlyCode));
  try {
    const draw = await drawer(payload);
    const handle = draw(host, payload, { kernel, bus: busOf(model.widget_manager) });
    return () => {
      handle.dispose();
      gone();
    };
  } catch (error) {
    gone();
    throw error;
  }
}

/** By the line of the last view that is still there. */
function plotlyCode(): Promise<BlobPart> {
  const kernel = [...lines].at(-1);
  return kernel?.code('plotly') ?? Promise.reject(new Error('This panel is not shown any more.'));
}

export default { render };
