/** A button that asks once more before it does something. */

import { button, el, replace } from '../dom';

/**
 * Make it.
 *
 * @param text of the button.
 * @param question asked when it is pressed.
 * @param yes of the button that does it.
 * @param no of the button that does not.
 */
export function confirmed(
  text: string,
  question: string,
  [yes, no]: readonly [string, string],
  action: () => void,
  name: string
): HTMLElement {
  const place = el('span', { class: 'zen-confirm' });
  const offer = (focused: boolean) => {
    const first = button(text, ask, { 'data-action': name });
    replace(place, first);
    if (focused) {
      first.focus();
    }
  };
  const ask = () => {
    const sure = button(
      yes,
      () => {
        offer(true);
        action();
      },
      { 'data-action': `confirm-${name}` }
    );
    const back = button(no, () => {
      offer(true);
    });
    replace(place, `${question} `, sure, ' ', back);
    sure.focus();
  };
  offer(false);
  return place;
}
