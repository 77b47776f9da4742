/** What is taken up into a schema: one column, or everything. */

import { button, visible } from '../dom';
import { confirmed } from './confirm';
import type { Frame } from './frame';

/** Make a button that takes up one column; it is there only with a kernel. */
export function acceptOne(frame: Frame, feature: string): HTMLButtonElement {
  const act = async () => {
    made.disabled = true;
    if (await accept(frame, [feature])) {
      made.textContent = 'Accepted';
      made.setAttribute('aria-label', visible(`Accepted ${feature}`));
    } else {
      made.disabled = false;
    }
  };
  const made = button('Accept', () => void act(), {
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
  const place = confirmed(
    'Accept all …',
    question,
    ['Accept', 'Cancel'],
    () => void accept(frame, []),
    'accept-all'
  );
  frame.withKernel(place);
  frame.actions.prepend(place);
}

/** Take up some columns, or without any everything; whether that is done. */
async function accept(frame: Frame, features: readonly string[]): Promise<boolean> {
  const answer = await frame.ask(
    { type: 'accept', subject: frame.subject, features },
    'Changing the schema …'
  );
  if (answer?.type !== 'accepted') {
    return false;
  }
  frame.say(`✓ ${answer.text}`);
  return true;
}
