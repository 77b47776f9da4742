/** The details of a column of the data: of all rows, or by slice, which only a kernel knows. */

import { el, replace } from '../dom';
import type { SlicesTold } from '../protocol';
import { dataset, feature as featureOf, sliceChoices } from '../statistics-model';
import type { Dataset, Feature, Slice } from '../statistics-model';
import { choice } from './choice';
import { details } from './feature';
import type { Frame } from './frame';
import { list } from './lines';

const ALL = 'all rows';

/** Draw the details of a feature, with the choice of slices where there are any. */
export function featureDetails(
  frame: Frame,
  feature: Feature,
  datasets: readonly Dataset[],
  slices: readonly Slice[]
): HTMLElement {
  const all = details(feature, datasets, slices, action => {
    frame.onDispose(action);
  });
  const choices = sliceChoices(slices);
  return choices.length > 0 ? new BySlice(frame, feature, datasets, choices, all).node : all;
}

class BySlice {
  readonly node: HTMLElement;
  private readonly _frame: Frame;
  private readonly _feature: Feature;
  private readonly _all: HTMLElement;
  private readonly _place = el('div');
  private readonly _by: HTMLSelectElement;
  private readonly _split: HTMLSelectElement;
  private readonly _splitLabel: HTMLElement;
  private _shown: readonly [by: string, split: string];
  private _disposers: (() => void)[] = [];
  private _turn = 0;

  constructor(
    frame: Frame,
    feature: Feature,
    datasets: readonly Dataset[],
    choices: readonly string[],
    all: HTMLElement
  ) {
    this._frame = frame;
    this._feature = feature;
    this._all = all;
    this._by = choice('By slice', [ALL, ...choices]);
    this._split = choice(
      'Slices of',
      datasets.map(d => d.name)
    );
    for (const control of [this._by, this._split]) {
      control.addEventListener('input', () => void this._choose());
    }
    this._shown = [ALL, this._split.value];
    this._splitLabel = el('label', { class: 'zen-field' }, el('span', {}, 'of'), this._split);
    this._splitLabel.hidden = true;
    const controls = el(
      'div',
      { class: 'zen-controls zen-by-slice' },
      el('label', { class: 'zen-field' }, el('span', {}, 'By slice'), this._by),
      this._splitLabel
    );
    frame.withKernel(controls);
    frame.onDispose(() => {
      this._empty();
    });
    this._place.append(all);
    this.node = el('div', {}, controls, this._place);
  }

  private async _choose(): Promise<void> {
    const turn = ++this._turn;
    const [by, split] = [this._by.value, this._split.value];
    if (this._by.selectedIndex <= 0) {
      this._show(ALL, split, this._all);
      return;
    }
    const answer = await this._frame.ask({
      type: 'feature_slices',
      subject: this._frame.subject,
      feature: this._feature.name,
      split,
      by
    });
    if (turn !== this._turn) {
      return; // something else was chosen meanwhile
    }
    if (answer?.type !== 'slices') {
      [this._by.value, this._split.value] = this._shown; // the frame says what went wrong
      return;
    }
    this._offer(answer.by);
    this._show(by, split);
    replace(this._place, ...this._sliced(answer));
  }

  private _show(by: string, split: string, ...content: readonly HTMLElement[]): void {
    this._empty();
    this._shown = [by, split];
    this._splitLabel.hidden = by === ALL || this._split.options.length < 2;
    replace(this._place, ...content);
  }

  /** The kernel may know of slices that are not stored. */
  private _offer(choices: readonly string[]): void {
    const known = new Set([...this._by.options].map(option => option.value));
    this._by.append(...choices.filter(c => !known.has(c)).map(c => el('option', {}, c)));
  }

  private _sliced(told: SlicesTold): HTMLElement[] {
    const made = details(featureOf(told.column), told.datasets.map(dataset), [], action => {
      this._disposers.push(action);
    });
    return [made, ...list('Left out here', told.omitted)];
  }

  private _empty(): void {
    for (const dispose of this._disposers) {
      dispose();
    }
    this._disposers = [];
  }
}
