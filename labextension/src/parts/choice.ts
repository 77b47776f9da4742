/** One of several. */

import { el } from '../dom';

/**
 * Of an element that has keys of its own, such as arrows: Lumino, below JupyterLab, then leaves them
 * to it instead of moving through cells.
 */
export const OWN_KEYS = { 'data-lm-suppress-shortcuts': 'true' };

/** Make a list to choose from. */
export function choice(label: string, options: readonly string[]): HTMLSelectElement {
  return el(
    'select',
    { class: 'zen-select', 'aria-label': label, ...OWN_KEYS },
    ...options.map(option => el('option', {}, option))
  );
}
