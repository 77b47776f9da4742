/**
 * A column in the data of two runs, side by side: by the kernel, since a notebook stores no more than
 * how far they are apart.
 */

import { button, el, keepFocus, replace } from '../../dom';
import { details } from '../../parts/feature';
import type { Frame } from '../../parts/frame';
import { needsKernel } from '../../parts/needs-kernel';
import { datasets, feature } from '../../statistics-model';

/**
 * Make what opens below a column; the kernel is asked at once, or when there is one.
 *
 * @param runs the labels of the baseline and of another run.
 */
export function bothSides(
  frame: Frame,
  runs: readonly [string, string],
  column: string
): HTMLElement {
  const place = el('div', {
    class: 'zen-both',
    role: 'group',
    'aria-label': `${column} in ${runs.join(' and ')}`
  });
  const ask = async () => {
    const answer = await frame.ask({ type: 'compare_column', runs, column });
    const [found] = answer?.type === 'features' ? answer.payload.columns : [];
    if (answer?.type !== 'features' || !found) {
      return; // the panel says why
    }
    const made = details(feature(found), datasets(answer.payload), [], action => {
      frame.onDispose(action);
    });
    keepFocus(place, () => {
      replace(place, made);
    });
  };
  const show = button('Show both sides', () => void ask(), { 'data-action': 'both' });
  place.append(
    needsKernel(
      frame,
      show,
      'Histograms and values of both runs are not in the notebook: they need a kernel with zenlab.'
    )
  );
  if (frame.context.kernel?.connected === true) {
    void ask();
  }
  return place;
}
