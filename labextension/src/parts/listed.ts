/** A list of sentences under a heading. */

import { el } from '../dom';

/** Make it; nothing where there is no sentence. */
export function listed(title: string, lines: readonly string[]): HTMLElement | null {
  if (lines.length === 0) {
    return null;
  }
  return el(
    'div',
    { class: 'zen-list' },
    el('h4', { class: 'zen-heading' }, title),
    el('ul', {}, ...lines.map(line => el('li', {}, line)))
  );
}
