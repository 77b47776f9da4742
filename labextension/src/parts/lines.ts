/** Sentences of a panel, each a line. */

import { el } from '../dom';

/** Make a list, with a title if it has one; nothing of no lines. */
export function list(
  title: string,
  lines: readonly string[] | undefined,
  mark = ''
): HTMLElement[] {
  if (!lines || lines.length === 0) {
    return [];
  }
  return [
    el(
      'div',
      { class: 'zen-list' },
      title && el('h4', { class: 'zen-heading' }, title),
      el('ul', {}, ...lines.map(line => el('li', {}, el('bdi', {}, mark + line))))
    )
  ];
}
