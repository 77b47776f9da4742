/** Code that differs, as a unified diff: what was added and removed has its sign. */

import { el } from '../../dom';
import type { CodeDiff } from '../../payloads';

/** Draw the differences of one function, class or constant. */
export function diff(change: CodeDiff, open: boolean): HTMLElement {
  const lines = change.lines ?? [];
  const added = lines.filter(line => line.startsWith('+')).length;
  const removed = lines.filter(line => line.startsWith('-')).length;
  return el(
    'details',
    { class: 'zen-diff', open },
    el(
      'summary',
      {},
      el('bdi', { class: 'zen-diff-place' }, change.place ?? ''),
      el('span', { class: 'zen-diff-count' }, ` +${added} −${removed}`)
    ),
    el(
      'div',
      {
        class: 'zen-scroll zen-diff-lines',
        tabindex: 0,
        role: 'group',
        'aria-label': `What differs in ${change.place ?? 'it'}`
      },
      el('pre', {}, ...lines.map(draw))
    )
  );
}

function draw(line: string): HTMLElement {
  const [sign, text] = [line.slice(0, 1), line.slice(1)];
  if (sign === '+') {
    return row('ins', 'zen-added', '+', text);
  }
  if (sign === '-') {
    return row('del', 'zen-removed', '−', text);
  }
  const place = line.startsWith('@@') || line.startsWith('…');
  return place ? row('span', 'zen-hunk', '', line) : row('span', '', ' ', text);
}

function row(tag: 'ins' | 'del' | 'span', kind: string, sign: string, text: string): HTMLElement {
  return el(
    tag,
    { class: `zen-line ${kind}` },
    el('span', { class: 'zen-sign' }, sign),
    el('bdi', {}, text || ' ')
  );
}
