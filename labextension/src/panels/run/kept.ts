/** What only the kernel can tell of a step of a run: why it was executed, its code, its log. */

import { el } from '../../dom';
import type { Child } from '../../dom';
import { count } from '../../numbers';
import type { CodeText, StepTold } from '../../protocol';

/** Draw them, each to be folded away. */
export function kept(slot: string, told: StepTold): readonly Child[] {
  const code = told.code ?? [];
  const more = told.more_code ?? 0;
  return [
    folded('Why', text(`Why ${slot}`, told.why.join('\n'), 'zen-wrap'), true),
    folded(
      'Code',
      code.length > 0
        ? el(
            'div',
            { class: 'zen-code' },
            ...code.map(source),
            more > 0 && el('p', { class: 'zen-dim' }, `and ${count(more)} more that it reaches`)
          )
        : el('p', { class: 'zen-dim' }, 'It has no code of your own.'),
      code.length > 0
    ),
    folded(
      'Log',
      told.log
        ? el(
            'div',
            {},
            told.cut === true && el('p', { class: 'zen-dim' }, 'Only its end is shown.'),
            text(`Log of ${slot}`, told.log, 'zen-wrap')
          )
        : el('p', { class: 'zen-dim' }, 'It printed nothing.'),
      !!told.log
    )
  ];
}

function source(entry: CodeText): HTMLElement {
  return el(
    'div',
    { class: 'zen-source' },
    el(
      'p',
      {},
      el('b', {}, el('bdi', {}, entry.name)),
      ' ',
      el('span', { class: 'zen-dim' }, entry.kind, entry.place ? ', ' : '', entry.place)
    ),
    text(
      `Code of ${entry.name}`,
      entry.kind === 'constant' ? `${entry.name} = ${entry.text}` : entry.text
    )
  );
}

function text(label: string, content: string, more = ''): HTMLElement {
  return el(
    'pre',
    { class: `zen-text zen-scroll ${more}`, tabindex: 0, role: 'group', 'aria-label': label },
    content
  );
}

function folded(title: string, content: HTMLElement, open: boolean): HTMLElement {
  return el(
    'details',
    { class: 'zen-folded', 'data-part': title.toLowerCase(), open },
    el('summary', {}, title),
    content
  );
}
