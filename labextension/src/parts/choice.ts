/** One of several. */

import { el } from '../dom';

/** Make a list to choose from. */
export function choice(label: string, options: readonly string[]): HTMLSelectElement {
  return el(
    'select',
    { class: 'zen-select', 'aria-label': label },
    ...options.map(option => el('option', {}, option))
  );
}
