/** A run: the graph of its steps, what each was given and made; by the kernel, code, log and why. */

import { button, el, fresh, keepFocus, replace } from '../dom';
import type { Child } from '../dom';
import { count, counted } from '../numbers';
import { fields } from '../packing';
import type { RunPayload, RunStep } from '../payloads';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { StepGraph, stateMark } from '../parts/graph';
import { list } from '../parts/lines';
import type { RunTold, StepOutcome, StepTold } from '../protocol';
import { storedState, toldState } from '../run-model';
import { fact, metrics, outputs, parameters } from './run/facts';
import { kept } from './run/kept';

export const draw = framed<RunPayload>({
  title: payload => `Run of ${payload.pipeline}: ${payload.status}`,
  subject: payload => ({ panel: 'run', title: payload.pipeline }),
  draw: (frame, payload) => {
    new RunView(frame, payload);
  }
});

class RunView {
  private readonly _frame: Frame;
  private readonly _payload: RunPayload;
  private readonly _graph: StepGraph;
  private readonly _told = el('div', { class: 'zen-run-told', role: 'status' });
  private readonly _details = el('div', { class: 'zen-step-details', id: fresh('step') });
  private readonly _ask: HTMLButtonElement;
  private readonly _answers = new Map<string, StepTold>();
  private _run: RunTold | null = null;
  private _asked = false;
  private _gone = false;
  private _chosen: string | null = null;

  constructor(frame: Frame, payload: RunPayload) {
    this._frame = frame;
    this._payload = payload;
    this._graph = new StepGraph(
      'Steps of the run',
      slot => {
        this._choose(slot);
      },
      this._details.id
    );
    this._ask = button('Hits and misses', () => void this._states(true), {
      'data-action': 'states',
      title: 'Ask the kernel which steps came from the cache, and what that saved'
    });
    frame.withKernel(this._ask);
    frame.actions.prepend(this._ask);
    const { failure, source } = payload;
    replace(
      frame.body,
      source ? data(source) : null,
      failure ? failed(payload) : null,
      this._told,
      payload.steps.length > 0 ? this._graph.node : null,
      this._details,
      ...list('Findings', payload.findings),
      ...list('Left out here', payload.omitted)
    );
    this._draw();
    frame.onDispose(() => {
      this._gone = true;
      this._graph.dispose();
    });
    this._follow();
  }

  /** A kernel that has answered has zenlab, and may have just run this: it is asked unbidden. */
  private _follow(): void {
    const { kernel } = this._frame.context;
    const look = () => {
      if (kernel?.ready === true && !this._asked) {
        void this._states(false);
      }
    };
    look();
    if (kernel) {
      this._frame.onDispose(kernel.watch(look));
    }
  }

  private _draw(): void {
    this._graph.show(
      this._payload.steps.map(step => {
        const told = this._outcome(step.slot);
        return {
          slot: step.slot,
          title: step.title,
          inputs: step.inputs ?? [],
          state: told ? toldState(told.state) : storedState(this._payload, step),
          seconds: told?.seconds
        };
      })
    );
  }

  private _outcome(slot: string): StepOutcome | undefined {
    return this._run?.steps?.find(s => s.slot === slot);
  }

  // ------------------------------------------------------------------ by the kernel

  /** Ask which steps came from the cache; unbidden, what goes wrong is not shown. */
  private async _states(bidden: boolean): Promise<void> {
    const { kernel } = this._frame.context;
    if (kernel === null) {
      return;
    }
    this._asked = true;
    const request = { type: 'run_states', shown: this._payload } as const;
    const answer = bidden
      ? await this._frame.ask(request)
      : await kernel.ask(request).catch(() => null);
    if (this._gone || answer?.type !== 'run_told') {
      return;
    }
    this._run = answer;
    keepFocus(this._frame.actions, () => {
      this._ask.remove();
    });
    replace(this._told, ...this._summary(answer));
    this._draw();
    const chosen = this._chosen;
    if (chosen !== null) {
      keepFocus(this._details, () => {
        this._open(chosen);
      });
    }
  }

  private _summary(told: RunTold): readonly Child[] {
    if (!told.run) {
      return [
        el(
          'p',
          { class: 'zen-note zen-dim' },
          'No run in this repository’s store has this result, so hits and misses are not known.'
        ),
        told.last
          ? el('p', { class: 'zen-note' }, mark('⚠'), 'The last run here: ', told.last)
          : null
      ];
    }
    const states = (told.steps ?? []).map(s => s.state);
    const hits = states.filter(s => s === 'hit').length;
    const misses = states.filter(s => s === 'executed').length;
    return [
      el(
        'p',
        { class: 'zen-note zen-run-counts' },
        stateMark('cached', `${counted(hits, 'hit')} (cached)`),
        stateMark('executed', `${count(misses)} ${misses === 1 ? 'miss' : 'misses'} (executed)`)
      ),
      told.outcome ? el('p', { class: 'zen-note zen-outcome' }, el('bdi', {}, told.outcome)) : null,
      el(
        'p',
        { class: 'zen-dim', title: 'The kernel says so; the notebook does not keep it' },
        el('bdi', {}, told.head ?? '')
      )
    ];
  }

  private async _askStep(slot: string, place: HTMLElement): Promise<void> {
    if (this._run === null) {
      await this._states(true);
      return; // which opens the step anew
    }
    const { run } = this._run;
    if (!run) {
      return;
    }
    const known = this._answers.get(slot);
    const answer =
      known ?? (await this._frame.ask({ type: 'step', subject: this._frame.subject, run, slot }));
    if (this._gone || answer?.type !== 'step_told') {
      return;
    }
    this._answers.set(slot, answer);
    if (this._chosen === slot) {
      keepFocus(place, () => {
        replace(place, ...kept(slot, answer));
      });
    }
  }

  // ------------------------------------------------------------------ a step

  private _choose(slot: string): void {
    if (this._chosen === slot) {
      this._chosen = null;
      this._graph.mark(null);
      this._details.replaceChildren();
      return;
    }
    this._chosen = slot;
    this._graph.mark(slot);
    this._open(slot);
  }

  private _open(slot: string): void {
    const step = this._payload.steps.find(s => s.slot === slot);
    if (!step) {
      return;
    }
    const told = this._outcome(slot);
    const state = told ? toldState(told.state) : storedState(this._payload, step);
    replace(
      this._details,
      el(
        'section',
        { class: 'zen-step-open', 'data-step': slot, 'aria-label': `Step ${slot}` },
        el(
          'h4',
          { class: 'zen-heading' },
          el('bdi', {}, slot),
          ' ',
          el('span', { class: 'zen-dim' }, el('bdi', {}, step.title)),
          ' ',
          stateMark(state)
        ),
        told?.note ? el('p', { class: 'zen-note' }, el('bdi', {}, told.note)) : null,
        el(
          'div',
          { class: 'zen-step-facts' },
          parameters(step),
          this._reads(step),
          outputs(step),
          metrics(step)
        ),
        this._kept(slot)
      )
    );
  }

  private _reads(step: RunStep): Child {
    const inputs = step.inputs ?? [];
    const known = new Set(this._payload.steps.map(s => s.slot));
    const links = inputs.map(slot => {
      if (!known.has(slot)) {
        return el('li', {}, el('bdi', {}, slot));
      }
      const link = button('', () => {
        this._choose(slot);
        this._graph.focus(slot);
      });
      link.className = 'zen-link';
      link.append(el('bdi', {}, slot));
      return el('li', {}, link);
    });
    return fact(
      'Inputs',
      links.length > 0
        ? el('ul', { class: 'zen-plain' }, ...links)
        : el('p', { class: 'zen-dim' }, this._payload.source ? 'the snapshot of the data' : 'none')
    );
  }

  /** Where code, log and why come to stand, which only a kernel can tell. */
  private _kept(slot: string): HTMLElement {
    const place = el('div', { class: 'zen-kept' });
    const known = this._answers.get(slot);
    if (known) {
      replace(place, ...kept(slot, known));
      return place;
    }
    if (this._run !== null && !this._run.run) {
      return place;
    }
    const more = button('Why, code and log', () => void this._askStep(slot, place), {
      'data-action': 'step'
    });
    this._frame.withKernel(more);
    place.append(more);
    if (this._run !== null && this._frame.context.kernel?.connected === true) {
      void this._askStep(slot, place);
    }
    return place;
  }
}

function data(source: string): HTMLElement {
  const [name = '', rows = '', commit = ''] = fields(source);
  return el(
    'p',
    { class: 'zen-facts-line' },
    el('span', {}, el('span', { class: 'zen-dim' }, 'data '), el('bdi', {}, name)),
    rows && el('span', {}, counted(Number(rows), 'row')),
    commit && el('span', {}, el('span', { class: 'zen-dim' }, 'commit '), el('code', {}, commit))
  );
}

function failed(payload: RunPayload): HTMLElement {
  const { slot = '', error = '', hint = '' } = payload.failure ?? {};
  const what = payload.status === 'interrupted' ? 'Interrupted' : 'Failed';
  return el(
    'div',
    { class: 'zen-failure' },
    el('p', {}, mark('✗'), slot ? `${what} in ` : `${what}: `, slot && el('b', {}, slot)),
    el('p', {}, el('bdi', {}, error)),
    hint && el('p', {}, 'Next: ', el('bdi', {}, hint))
  );
}

function mark(sign: string): HTMLElement {
  return el('span', { class: 'zen-mark', 'aria-hidden': 'true' }, `${sign} `);
}
