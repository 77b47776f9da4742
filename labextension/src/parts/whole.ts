/** The rows of a panel that the notebook does not store, from the kernel. */

import { button, el } from '../dom';
import type { Payload } from '../payloads';
import type { Frame } from './frame';

/**
 * Offer the whole panel, if something is left out.
 *
 * @param text of what there is more.
 * @param fits whether what comes is more of the same: the kernel may know another result by now.
 */
export function offerWhole(
  frame: Frame,
  text: string,
  fits: (whole: Payload) => boolean
): HTMLElement {
  const more = button('Show all', () => void show(), { 'data-action': 'whole' });
  const show = async () => {
    more.disabled = true;
    const answer = await frame.ask({ type: 'whole', subject: frame.subject });
    more.disabled = false;
    if (answer?.type !== 'refreshed' || answer.payload.panel !== frame.subject.panel) {
      return;
    }
    if (fits(answer.payload)) {
      frame.extend(answer.payload);
    } else {
      frame.say('The kernel has another result now than this panel shows: refresh it.');
    }
  };
  frame.withKernel(more);
  return el('div', { class: 'zen-left' }, el('p', { class: 'zen-note' }, `${text} `, more));
}
