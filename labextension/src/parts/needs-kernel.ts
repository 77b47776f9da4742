/** What only a kernel can do, and what is said where there is none. */

import { el } from '../dom';
import type { Frame } from './frame';

/**
 * Show a control while a kernel is connected, else a sentence.
 *
 * @param said what needs the kernel.
 */
export function needsKernel(frame: Frame, control: HTMLElement, said: string): HTMLElement {
  const note = el('span', { class: 'zen-dim' }, said);
  const { kernel } = frame.context;
  const show = () => {
    control.hidden = kernel?.connected !== true;
    note.hidden = !control.hidden;
  };
  show();
  if (kernel !== null) {
    frame.onDispose(kernel.watch(show));
  }
  return el('span', { class: 'zen-needs-kernel' }, control, note);
}
