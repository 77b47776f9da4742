/** Whether a panel is still what its pipeline gives: a badge that says so if it is not. */

import type { Context } from '../context';
import { el, replace } from '../dom';
import type { Payload } from '../payloads';
import type { MovedOn, Reason, Subject } from '../protocol';

const WORDS: Readonly<Record<Reason['kind'], string>> = {
  declaration: 'its declaration has changed',
  data: 'its data has moved on',
  code: 'its code has changed',
  again: 'there is a later result'
};

/** What stands on the panel. */
interface Shown {
  readonly subject: Subject;
  readonly payload: Payload;
}

/**
 * Asked for once a panel, and again after each run of the notebook, and only of a kernel that has
 * answered before: no other is known to have zenlab. What goes wrong is not shown, since nobody
 * has asked for it.
 */
export class MovedBadge {
  /** Empty while nothing is known to have moved on: screen readers hear of it when it comes. */
  readonly node = el('div', { class: 'zen-moved', role: 'status' });
  private readonly _context: Context;
  private readonly _stop: readonly (() => void)[];
  private _shown: Shown | null = null;
  private _asked = false;
  private _turn = 0;

  constructor(context: Context) {
    this._context = context;
    const { kernel, bus } = context;
    this._stop = [
      kernel?.watch(() => {
        this._watch();
      }),
      bus.onRun(() => {
        this._asked = false;
        this._watch();
      })
    ].filter(stop => stop !== undefined);
  }

  /** Another payload stands on the panel. */
  show(subject: Subject, payload: Payload): void {
    this._shown = { subject, payload };
    this._asked = false;
    this._turn += 1; // what is on its way is of another payload
    this._tell(null);
    this._watch();
  }

  dispose(): void {
    this._turn += 1;
    this._stop.forEach(stop => {
      stop();
    });
  }

  private _watch(): void {
    const ready = this._context.kernel?.ready === true;
    if (!ready) {
      this._asked = false; // another kernel may know more
    } else if (!this._asked) {
      this._asked = true;
      void this._ask();
    }
  }

  private async _ask(): Promise<void> {
    const { kernel } = this._context;
    if (this._shown === null || kernel === null) {
      return;
    }
    const turn = ++this._turn;
    const { subject, payload } = this._shown;
    const answer = await kernel.ask({ type: 'moved', subject, shown: payload }).catch(() => null);
    if (turn === this._turn) {
      this._tell(answer?.type === 'moved_on' ? answer : null);
    }
  }

  private _tell(told: MovedOn | null): void {
    const reasons = told?.reasons ?? [];
    if (reasons.length === 0) {
      replace(this.node);
      return;
    }
    replace(
      this.node,
      el(
        'p',
        { class: 'zen-note', title: 'The kernel says so; the notebook does not keep it' },
        el('span', { class: 'zen-mark', 'aria-hidden': 'true' }, '⟳ '),
        el('b', {}, 'Not as it is now: '),
        ...reasons.flatMap(({ kind, text }, i) => [
          el(
            'span',
            { 'data-reason': kind },
            `${i > 0 ? '; ' : ''}${WORDS[kind]} (`,
            el('bdi', {}, text),
            ')'
          )
        ]),
        '. ',
        told?.hint ? el('bdi', {}, told.hint) : null
      )
    );
  }
}
