/** The steps of a run as a graph: a button a step, with its state in words, and lines between. */

import { el, fresh, replace, svg } from '../dom';
import { layout } from '../graph-layout';
import type { Edge } from '../graph-layout';
import { duration } from '../numbers';
import { bar } from './shape';

/** How a state is shown: the sign and the word say it, the colour repeats it. */
interface Look {
  readonly sign: string;
  readonly tone: string;
}

const LOOKS: Readonly<Record<string, Look>> = {
  pending: { sign: '○', tone: 'idle' },
  'not run': { sign: '○', tone: 'idle' },
  running: { sign: '▶', tone: 'running' },
  waiting: { sign: '◷', tone: 'waiting' },
  cached: { sign: '↺', tone: 'cached' },
  executed: { sign: '✓', tone: 'executed' },
  done: { sign: '✓', tone: 'done' },
  failed: { sign: '✗', tone: 'failed' },
  interrupted: { sign: '■', tone: 'waiting' },
  'left out': { sign: '⊘', tone: 'idle' }
};

export interface GraphStep {
  readonly slot: string;
  readonly title: string;
  readonly inputs: readonly string[];
  readonly state: string;
  readonly seconds?: number | null;
  /** The share that is done, of a step that knows it. */
  readonly done?: number | null;
}

interface Drawn {
  readonly item: HTMLLIElement;
  readonly button: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly time: HTMLElement;
  readonly progress: HTMLElement;
}

const UNKNOWN = 900; // until it is known how much room there is

/** The state of a step, as it stands in the graph and beside it; or another text with its sign. */
export function stateMark(state: string, text = state): HTMLElement {
  const { sign, tone } = LOOKS[state] ?? { sign: '', tone: 'idle' };
  return el(
    'span',
    { class: `zen-state zen-tone-${tone}` },
    el('span', { class: 'zen-state-sign', 'aria-hidden': 'true' }, sign),
    ` ${text}`
  );
}

export class StepGraph {
  readonly node: HTMLElement;
  private readonly _list = el('ol', { class: 'zen-graph-steps' });
  private readonly _lines = svg('svg', {
    class: 'zen-graph-lines',
    'aria-hidden': 'true',
    focusable: 'false'
  });
  private readonly _drawn = new Map<string, Drawn>();
  private readonly _sizes: ResizeObserver;
  private readonly _choose: (slot: string) => void;
  private readonly _details: string;
  private _steps: readonly GraphStep[] = [];
  private _chosen: string | null = null;
  private _shape = '';

  /**
   * @param label what it shows.
   * @param choose called with the step that is clicked.
   * @param details the id of the element that shows what was chosen.
   */
  constructor(label: string, choose: (slot: string) => void, details: string) {
    this._choose = choose;
    this._details = details;
    this._list.setAttribute('aria-label', label);
    this.node = el('div', { class: 'zen-graph' }, this._lines, this._list);
    this._sizes = new ResizeObserver(() => {
      this._place();
    });
    this._sizes.observe(this.node);
  }

  /** Show steps, or what has changed of them: an element that has the focus keeps it. */
  show(steps: readonly GraphStep[]): void {
    this._steps = steps;
    const slots = new Set(steps.map(s => s.slot));
    for (const [slot, { item }] of this._drawn) {
      if (!slots.has(slot)) {
        item.remove();
        this._drawn.delete(slot);
      }
    }
    for (const step of steps) {
      this._fill(this._drawn.get(step.slot) ?? this._draw(step), step);
    }
    this._place();
  }

  /** Mark a step as chosen; null: none. */
  mark(slot: string | null): void {
    this._chosen = slot;
    for (const [name, { button }] of this._drawn) {
      button.setAttribute('aria-expanded', String(name === slot));
      button.classList.toggle('zen-chosen', name === slot);
    }
    for (const line of this._lines.querySelectorAll<SVGElement>('[data-from]')) {
      const { from, to } = line.dataset;
      line.classList.toggle('zen-on', slot !== null && (from === slot || to === slot));
    }
  }

  /** Put the focus on a step. */
  focus(slot: string): void {
    this._drawn.get(slot)?.button.focus();
  }

  dispose(): void {
    this._sizes.disconnect();
  }

  private _draw(step: GraphStep): Drawn {
    const state = el('span', { class: 'zen-step-state' });
    const time = el('span', { class: 'zen-step-time' });
    const progress = el('span', { class: 'zen-step-progress' });
    const reads = fresh('reads');
    const button = el(
      'button',
      {
        type: 'button',
        class: 'zen-step',
        'data-slot': step.slot,
        'aria-expanded': 'false',
        'aria-controls': this._details,
        'aria-describedby': step.inputs.length > 0 ? reads : null,
        title: `${step.slot} (${step.title})`
      },
      el('bdi', { class: 'zen-step-slot' }, step.slot),
      el('bdi', { class: 'zen-step-title' }, step.title),
      el('span', { class: 'zen-step-line' }, state, time),
      progress
    );
    button.addEventListener('click', () => {
      this._choose(step.slot);
    });
    const said = el('span', { id: reads, hidden: true }, `reads ${step.inputs.join(', ')}`);
    const item = el('li', {}, button, said);
    const drawn = { item, button, state, time, progress };
    this._drawn.set(step.slot, drawn);
    this._list.append(item);
    return drawn;
  }

  private _fill(drawn: Drawn, step: GraphStep): void {
    if (drawn.button.dataset.state !== step.state) {
      drawn.button.dataset.state = step.state;
      const tone = LOOKS[step.state]?.tone ?? 'idle';
      drawn.button.className = `zen-step zen-tone-${tone}`;
      drawn.button.classList.toggle('zen-chosen', step.slot === this._chosen);
      replace(drawn.state, stateMark(step.state));
    }
    const { seconds, done } = step;
    drawn.time.textContent = typeof seconds === 'number' ? duration(seconds) : '';
    const known = typeof done === 'number' ? done : null;
    replace(drawn.progress, known !== null && bar(known, 0));
    if (known !== null) {
      drawn.time.textContent += ` ${Math.floor(100 * known)}%`;
    }
  }

  private _place(): void {
    const width = this.node.clientWidth || UNKNOWN;
    const shape = `${width} ${this._steps.map(s => `${s.slot}:${s.inputs.join()}`).join(' ')}`;
    if (shape === this._shape) {
      return;
    }
    this._shape = shape;
    const placed = layout(this._steps, width);
    for (const [slot, box] of placed.boxes) {
      const style = this._drawn.get(slot)?.item.style;
      if (style) {
        style.left = `${box.x}px`;
        style.top = `${box.y}px`;
        style.width = `${box.width}px`;
        style.height = `${box.height}px`;
      }
    }
    this.node.style.height = `${placed.height}px`;
    this._lines.setAttribute('width', String(placed.width));
    this._lines.setAttribute('height', String(placed.height));
    replace(this._lines, ...placed.edges.map(edge));
    this.mark(this._chosen);
  }
}

function edge(e: Edge): SVGElement {
  return svg(
    'g',
    { 'data-from': e.from, 'data-to': e.to },
    svg('path', { class: 'zen-edge', d: e.line }),
    svg('path', { class: 'zen-edge-arrow', d: e.arrow })
  );
}
