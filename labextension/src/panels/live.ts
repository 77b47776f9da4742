/**
 * A run that goes on: how far each step is, and how to stop it. What is drawn here is never stored;
 * the kernel replaces it by the panel of the run when that has ended.
 */

import { bundleOf } from '../bundle';
import type { Context, Handle } from '../context';
import { el, fresh, replace } from '../dom';
import { duration } from '../numbers';
import { confirmed } from '../parts/confirm';
import { StepGraph, stateMark } from '../parts/graph';
import { bar } from '../parts/shape';
import type { LiveTold, StepGoing } from '../protocol';

const POLL_MS = 400;

/** So long after its end a run is without its panel in a page that was loaded while it went on. */
const REPLACED_MS = 3_000;

const ENDED = new Set(['cached', 'executed', 'left out']);
const TELLING = new Set(['running', 'waiting', 'failed', 'interrupted', 'left out']);

type Fallback = (host: HTMLElement) => void;

export interface LiveHandle extends Handle {
  readonly run: string;
  /** The display of those who cannot ask, which has changed. */
  update(fallback: Fallback): void;
}

/**
 * Show a run that goes on: by what the kernel answers, and until then by the display itself.
 *
 * @param run its name, which the display has told.
 */
export function drawLive(
  host: HTMLElement,
  run: string,
  fallback: Fallback,
  context: Context
): LiveHandle {
  return new LivePanel(host, run, fallback, context);
}

class LivePanel implements LiveHandle {
  readonly run: string;
  private readonly _host: HTMLElement;
  private readonly _context: Context;
  private readonly _title = el('h3', { class: 'zen-title', id: fresh('title') });
  private readonly _actions = el('div', { class: 'zen-actions' });
  private readonly _said = el('div', { class: 'zen-said', role: 'status' });
  private readonly _count = el('span', { role: 'status' });
  private readonly _time = el('span', { class: 'zen-dim' });
  private readonly _bar = el('span', {
    class: 'zen-live-bar',
    role: 'progressbar',
    'aria-label': 'Steps that have ended',
    'aria-valuemin': 0,
    'aria-valuemax': 100
  });
  private readonly _notes = el('ul', { class: 'zen-live-notes' });
  private readonly _findings = el('ul', { class: 'zen-live-notes' });
  private readonly _graph: StepGraph;
  private readonly _unwatch: () => void;
  private _fallback: Fallback;
  private _told: LiveTold | null = null;
  private _chosen: string | null = null;
  private _asking = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;

  constructor(host: HTMLElement, run: string, fallback: Fallback, context: Context) {
    this.run = run;
    this._host = host;
    this._fallback = fallback;
    this._context = context;
    this._notes.id = fresh('notes');
    this._graph = new StepGraph(
      'Steps of the run',
      slot => {
        this._choose(slot);
      },
      this._notes.id
    );
    this._actions.append(
      confirmed(
        'Stop the run …',
        'Stop it? What has finished is kept.',
        ['Stop', 'Go on'],
        () => void this._cancel(),
        'cancel'
      )
    );
    fallback(host);
    this._unwatch =
      context.kernel?.watch(() => {
        void this._poll();
      }) ?? (() => undefined);
    void this._poll();
  }

  update(fallback: Fallback): void {
    this._fallback = fallback;
    if (this._told === null) {
      fallback(this._host);
    }
  }

  dispose(): void {
    this._disposed = true;
    clearTimeout(this._timer);
    this._unwatch();
    this._graph.dispose();
  }

  /** Ask again and again until the run has ended; one question at a time. */
  private async _poll(): Promise<void> {
    const { kernel } = this._context;
    if (!kernel?.connected || this._asking || this._over) {
      return;
    }
    this._asking = true;
    try {
      const answer = await kernel.ask({ type: 'live', run: this.run });
      if (this._disposed) {
        return;
      }
      if (answer.type !== 'live_told') {
        this._lose(); // another kernel, which does not know this run
        return;
      }
      this._show(answer);
      if (answer.status !== 'running') {
        this._timer = setTimeout(() => void this._end(), REPLACED_MS);
        return;
      }
    } catch {
      this._lose();
      return;
    }
    this._timer = setTimeout(() => {
      this._asking = false;
      void this._poll();
    }, POLL_MS);
  }

  /**
   * The kernel replaces the display of a run by its panel, but not in a page that was loaded
   * meanwhile: it does not know the display any more. There the panel is asked for.
   */
  private async _end(): Promise<void> {
    const { kernel, keep } = this._context;
    const answer = await kernel?.ask({ type: 'ended', run: this.run }).catch(() => null);
    if (!this._disposed && answer?.type === 'run_panel') {
      keep?.(bundleOf(answer));
    }
  }

  private get _over(): boolean {
    return this._disposed || (this._told !== null && this._told.status !== 'running');
  }

  /** Back to the display: it says what was known last. It is not asked for again. */
  private _lose(): void {
    if (!this._disposed) {
      this._told = null;
      this._fallback(this._host);
      this._host.append(
        el(
          'p',
          { class: 'zen-note', role: 'status' },
          'So it was when it was last heard of: this kernel does not run it. ' +
            '%zen status says what came of it.'
        )
      );
    }
  }

  private _show(told: LiveTold): void {
    if (this._told === null) {
      this._host.replaceChildren(this._panel());
    }
    this._told = told;
    this._actions.hidden = told.status !== 'running';
    replace(this._title, `Run of ${told.pipeline || 'a pipeline'}: ${told.status}`);
    const ended = told.steps.filter(s => ENDED.has(s.state)).length;
    const all = told.steps.length;
    const count = all > 0 ? `${ended} of ${all} steps` : 'making the plan';
    if (this._count.textContent !== count) {
      this._count.textContent = count; // else it is read aloud again
    }
    this._time.textContent = duration(told.seconds);
    const share = all > 0 ? ended / all : 0;
    this._bar.setAttribute('aria-valuenow', String(Math.round(100 * share)));
    replace(this._bar, bar(share, 0));
    this._graph.show(told.steps.map(s => ({ ...s, inputs: s.inputs ?? [] })));
    this._tell();
    replace(this._findings, ...(told.findings ?? []).map(f => el('li', {}, el('bdi', {}, f))));
  }

  private _panel(): HTMLElement {
    return el(
      'section',
      { class: 'zen-panel zen-live', 'aria-labelledby': this._title.id, 'data-panel': 'live' },
      el('header', { class: 'zen-header' }, this._title, this._actions),
      this._said,
      el(
        'div',
        { class: 'zen-body' },
        el('div', { class: 'zen-live-head' }, this._count, this._bar, this._time),
        this._graph.node,
        this._notes,
        this._findings
      )
    );
  }

  private _choose(slot: string): void {
    this._chosen = this._chosen === slot ? null : slot;
    this._graph.mark(this._chosen);
    this._tell();
  }

  /** What the steps say: those that have something to tell, or the one that was chosen. */
  private _tell(): void {
    const steps = this._told?.steps ?? [];
    const wanted = (s: StepGoing) =>
      this._chosen === null ? TELLING.has(s.state) && !!s.note : s.slot === this._chosen;
    replace(
      this._notes,
      ...steps
        .filter(wanted)
        .map(s =>
          el(
            'li',
            { 'data-slot': s.slot },
            el('b', {}, el('bdi', {}, s.slot)),
            ' ',
            stateMark(s.state),
            s.note ? ': ' : '',
            s.note ? el('bdi', {}, s.note) : null
          )
        )
    );
  }

  private async _cancel(): Promise<void> {
    const { kernel } = this._context;
    replace(this._said, el('p', { class: 'zen-note' }, 'Asking the run to stop …'));
    try {
      const answer = await kernel?.ask({ type: 'cancel', run: this.run });
      const failed = answer?.type === 'failure';
      const text = failed
        ? [answer.message, answer.hint && `Next: ${answer.hint}`].filter(Boolean).join(' ')
        : answer?.type === 'cancelled'
          ? answer.text
          : '';
      replace(
        this._said,
        el('p', { class: failed ? 'zen-failure' : 'zen-note', role: failed ? 'alert' : null }, text)
      );
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      replace(this._said, el('p', { class: 'zen-failure', role: 'alert' }, said));
    }
  }
}
