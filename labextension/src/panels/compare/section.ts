/** A part of a comparison that can be folded away. */

import { el } from '../../dom';
import type { Child } from '../../dom';

/**
 * Make it.
 *
 * @param said a sentence above the content.
 * @param extra below the content.
 */
export function section(
  title: string,
  content: HTMLElement,
  said = '',
  extra?: Child
): HTMLElement {
  return el(
    'details',
    { class: 'zen-part', open: true, 'data-part': title },
    el('summary', {}, title),
    said && el('p', { class: 'zen-dim' }, said),
    content,
    extra
  );
}
