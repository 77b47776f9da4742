/** What is taken up into a schema: one column, or everything. */

import { button, el, replace } from '../dom';
import type { Frame } from './frame';

/** Make a button that takes up one column; it is there only with a kernel. */
export function acceptOne(frame: Frame, feature: string): HTMLButtonElement {
  const made = button('Accept', () => void accept(frame, [feature], made), {
    'data-action': 'accept',
    'aria-label': `Accept ${feature}`
  });
  frame.withKernel(made);
  return made;
}

/**
 * Offer to take up everything, beside the title.
 *
 * It changes the schema in many places, so it is asked for twice.
 */
export function offerAll(frame: Frame, question: string): void {
  const place = el('span', { class: 'zen-confirm' });
  const offer = () => {
    replace(place, button('Accept all …', ask, { 'data-action': 'accept-all' }));
  };
  const ask = () => {
    const yes = button('Accept', () => void accept(frame, [], yes), { 'data-action': 'confirm' });
    replace(place, `${question} `, yes, ' ', button('Cancel', offer));
    yes.focus();
  };
  offer();
  frame.withKernel(place);
  frame.actions.prepend(place);
}

async function accept(frame: Frame, features: string[], pressed: HTMLButtonElement): Promise<void> {
  pressed.disabled = true;
  const answer = await frame.ask(
    { type: 'accept', subject: frame.subject, features },
    'Changing the schema …'
  );
  if (answer?.type === 'accepted') {
    frame.say(`✓ ${answer.text}`);
    pressed.textContent = 'Accepted';
  } else {
    pressed.disabled = false;
  }
}
