/** What the kernel has compared, and no notebook stores yet: it is kept, or given up. */

import { command } from '../../compare-model';
import { bundleOf } from '../../bundle';
import type { Bundle } from '../../bundle';
import { button, el, replace } from '../../dom';
import type { Frame } from '../../parts/frame';
import type { ComparePayload } from '../../payloads';
import type { Compared } from '../../protocol';
import type { Shown } from './state';

interface Pending {
  readonly bundle: Bundle;
  /** What the notebook has. */
  readonly before: ComparePayload;
}

const PENDING = new WeakMap<ComparePayload, Pending>();

/** Show what the kernel has compared in the place of another comparison. */
export function showPending(frame: Frame, answer: Compared, instead: ComparePayload): void {
  const before = PENDING.get(instead)?.before ?? instead;
  PENDING.set(answer.payload, { bundle: bundleOf(answer), before });
  frame.show(answer.payload);
  frame.body.querySelector<HTMLElement>('.zen-pending button')?.focus();
}

/** Say that a comparison is on the screen only, and offer to keep it; null if it is stored. */
export function pendingBar({ frame, payload, labels, stored }: Shown): HTMLElement | null {
  const pending = PENDING.get(payload);
  if (!pending) {
    return null;
  }
  const { keep } = frame.context;
  const bar = el('div', {
    class: 'zen-pending',
    role: 'group',
    'aria-label': 'Not stored yet',
    tabindex: -1
  });
  const kept = () => {
    if (keep?.(pending.bundle) !== true) {
      frame.say('This output is not in the notebook any more: run its cell again.');
      return;
    }
    PENDING.delete(payload);
    replace(
      bar,
      el(
        'span',
        { role: 'status' },
        el('span', { class: 'zen-good' }, el('span', { class: 'zen-mark' }, '✓ ')),
        'The notebook has it now: save it. Its cell, run again, compares what its code says; this is ',
        el('code', {}, command(labels, Math.max(stored, 0)))
      )
    );
    bar.classList.add('zen-is-kept');
    bar.focus(); // the button is gone
  };
  replace(
    bar,
    el('span', {}, 'On the screen only: the notebook still has what it had.'),
    keep && button('Keep', kept, { 'data-action': 'keep', class: 'zen-button zen-primary' }),
    button(
      'Back',
      () => {
        frame.show(pending.before);
        frame.actions.querySelector<HTMLElement>('[data-action=choose]')?.focus();
      },
      { 'data-action': 'back' }
    )
  );
  return bar;
}
