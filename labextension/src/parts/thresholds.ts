/** What a binary classifier does at a threshold: a slider moves the confusion matrix. */

import { button, el, fresh, replace } from '../dom';
import { cuts as cutsOf, marks as marksOf, ownCut, target } from '../evaluation-model';
import type { Cut } from '../evaluation-model';
import { MISSING, count, number, percent } from '../numbers';
import type { LabelResult } from '../payloads';
import { OWN_KEYS } from './choice';
import { matrix } from './confusion';

export class ThresholdView {
  readonly node: HTMLElement;
  /** Whether what the model itself decides is one of the thresholds. */
  readonly hasOwn: boolean;
  private readonly _result: LabelResult;
  private readonly _cuts: readonly Cut[];
  private readonly _moved: (cut: Cut) => void;
  private readonly _slider: HTMLInputElement;
  private readonly _value = el('b', { class: 'zen-threshold-value' });
  private readonly _said = el('p', { class: 'zen-note', role: 'status' });
  private readonly _metrics = el('div', { class: 'zen-rates' });
  private readonly _matrix = el('div', { class: 'zen-matrix' });

  /**
   * Draw the thresholds of a result that has some.
   *
   * @param moved is told of each threshold that is chosen, but not of the first one.
   */
  constructor(result: LabelResult, cuts: readonly Cut[], moved: (cut: Cut) => void) {
    this._result = result;
    this._cuts = cuts;
    this._moved = moved;
    const marks = marksOf(cuts);
    const own = ownCut(result, cuts);
    this.hasOwn = own !== null;
    const id = fresh('threshold');
    this._slider = el('input', {
      type: 'range',
      class: 'zen-slider',
      id,
      min: 0,
      max: cuts.length - 1,
      step: 1,
      ...OWN_KEYS
    });
    this._slider.value = String(own ?? marks[0]?.index ?? 0);
    this._slider.addEventListener('input', () => {
      this._show();
      this._moved(this.cut);
    });
    const of = target(result, result.thresholds?.positive ?? '');
    const places = [...marks, ...(own === null ? [] : [{ name: 'The model’s own', index: own }])];
    this.node = el(
      'section',
      { class: 'zen-part zen-thresholds', 'aria-label': 'Threshold' },
      el('h4', { class: 'zen-heading' }, 'Threshold for ', el('bdi', {}, of)),
      el(
        'div',
        { class: 'zen-slide' },
        el('label', { for: id }, 'Threshold ', this._value),
        this._slider
      ),
      el(
        'div',
        { class: 'zen-controls', role: 'group', 'aria-label': 'Thresholds to go to' },
        ...unlike(places).map(({ name, index }) =>
          button(
            name,
            () => {
              this._slider.value = String(index);
              this._show();
              this._moved(this.cut);
            },
            { 'data-threshold': number(cuts[index]?.threshold) }
          )
        )
      ),
      this._said,
      el('div', { class: 'zen-decision' }, this._metrics, this._matrix)
    );
    this._show();
  }

  /** What is shown now. */
  get cut(): Cut {
    const cut = this._cuts[Number(this._slider.value)];
    if (!cut) {
      throw new Error('the slider is outside of its thresholds');
    }
    return cut;
  }

  private _show(): void {
    const { cut } = this;
    const at = number(cut.threshold);
    this._value.textContent = at;
    this._slider.setAttribute('aria-valuetext', at);
    this._said.textContent =
      `${percent(cut.flagged)} of the rows are flagged: ${count(cut.fp)} false alarms, ` +
      `${count(cut.fn)} missed.`;
    replace(
      this._metrics,
      ...(
        [
          ['precision', percent(cut.precision), cut.precision],
          ['recall', percent(cut.recall), cut.recall],
          ['accuracy', percent(cut.accuracy), cut.accuracy],
          ['F1', cut.f1 === null ? MISSING : number(cut.f1), cut.f1]
        ] as const
      ).map(([name, text, value]) => rate(name, text, value))
    );
    const positive = this._result.thresholds?.positive ?? '';
    const known = this._result.confusion?.classes ?? [];
    const negative = known.length === 2 ? known.find(name => name !== positive) : undefined;
    replace(
      this._matrix,
      matrix(
        [negative ?? `not ${positive}`, positive],
        [
          [cut.tn, cut.fp],
          [cut.fn, cut.tp]
        ],
        [
          ['right', 'false alarms'],
          ['missed', 'right']
        ]
      )
    );
  }
}

/** A view of the thresholds of a result, or null. */
export function thresholdsOf(result: LabelResult, moved: (cut: Cut) => void): ThresholdView | null {
  const cuts = result.thresholds?.positives ? cutsOf(result) : [];
  return cuts.length > 1 ? new ThresholdView(result, cuts, moved) : null;
}

function rate(name: string, text: string, value: number | null): HTMLElement {
  const inner = el('span', { class: 'zen-rate-inner' });
  inner.style.width = `${100 * (value ?? 0)}%`;
  return el(
    'div',
    { class: 'zen-rate', 'data-rate': name },
    el('span', { class: 'zen-dim' }, name),
    el('b', {}, text),
    el('span', { class: 'zen-rate-bar', 'aria-hidden': 'true' }, inner)
  );
}

/** Those that lead to places of their own. */
function unlike<M extends { index: number }>(places: readonly M[]): M[] {
  return places.filter((m, i) => places.findIndex(other => other.index === m.index) === i);
}
