/** The code of a few runs that differs from the baseline's. */

import { button, el } from '../../dom';
import type { Child } from '../../dom';
import type { Frame } from '../../parts/frame';
import { diff } from './diff';
import { section } from './section';
import type { Shown } from './state';

const OPEN = 6; // diffs that are unfolded at first

/** Null where nothing differs, and only differences are wanted. */
export function codeSection(shown: Shown, frame: Frame): HTMLElement | null {
  const changes = shown.payload.code ?? [];
  if (changes.length === 0) {
    return shown.onlyDifferences.value
      ? null
      : section('Code', el('p', {}, 'No code of the user differs.'));
  }
  let above = '';
  const parts = changes.flatMap((change, i): Child[] => {
    const where = `${change.slot}: from ${change.base} to ${change.runs.join(', ')}`;
    const heading = where !== above && el('h4', { class: 'zen-heading' }, el('bdi', {}, where));
    above = where;
    return [
      heading,
      change.note ? el('p', { class: 'zen-note' }, change.note) : null,
      change.lines && change.lines.length > 0 ? diff(change, i < OPEN) : null
    ];
  });
  return section(
    'Code',
    el('div', { class: 'zen-code' }, comparedWith(shown, frame, 'Code'), ...parts)
  );
}

/** Code and data were compared with one run: those of another one are the kernel's to tell. */
export function comparedWith(shown: Shown, frame: Frame, what: string): Child {
  const { runs, baseline, stored } = shown;
  const [run, base] = [runs[baseline.value], runs[stored]];
  if (!run || !base || run === base) {
    return null;
  }
  const ask = button(
    `Compare with ${run.label}`,
    () => {
      shown.again();
    },
    { 'data-action': 'rebase' }
  );
  frame.withKernel(ask);
  return el(
    'p',
    { class: 'zen-note' },
    `${what} here is compared with `,
    el('bdi', {}, base.label),
    '. ',
    ask
  );
}
