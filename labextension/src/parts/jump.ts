/** From a name to the column's row in a panel of statistics of the same notebook. */

import { button, el } from '../dom';
import type { Frame } from './frame';

/**
 * Make a name that opens its column.
 *
 * @param title of the panel that the name stands in, which is that of the statistics.
 */
export function jump(frame: Frame, feature: string, title: string): HTMLElement {
  const link = button('', () => {
    if (!frame.context.bus.openFeature(feature, title)) {
      frame.say(
        'No panel of statistics in this notebook shows this column: run view_statistics() first.'
      );
    }
  });
  link.className = 'zen-link';
  link.dataset.action = 'jump';
  link.title = 'Open its statistics';
  link.append(el('bdi', {}, feature));
  return link;
}
