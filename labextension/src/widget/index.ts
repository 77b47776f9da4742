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
  plotlyFrom(() => sharedPlotly(() => kernel.code('plotly')));
  const draw = await drawer(payload);
  const handle = draw(host, payload, { kernel, bus: busOf(model.widget_manager) });
  return () => {
    handle.dispose();
    kernel.dispose();
    undress();
  };
}

export default { render };
