/** Evaluation: how good the model is, overall, by slice, and by threshold. */

import { byLabel, cuts, metric } from '../evaluation-model';
import { el, replace } from '../dom';
import { count, written } from '../numbers';
import { series } from '../packing';
import type { EvaluationPayload, LabelResult } from '../payloads';
import { choice } from '../parts/choice';
import { matrix } from '../parts/confusion';
import { CurvesView } from '../parts/curves';
import { framed } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { list } from '../parts/lines';
import { residualsOf } from '../parts/residuals';
import { slicesOfResult } from '../parts/slices';
import { thresholdsOf } from '../parts/thresholds';
import type { ThresholdView } from '../parts/thresholds';

export const draw = framed<EvaluationPayload>({
  title: payload => (payload.pipeline ? `Evaluation of ${payload.pipeline}` : 'Evaluation'),
  subject: payload => ({ panel: 'evaluation', title: payload.pipeline ?? '' }),
  draw: (frame, payload) => {
    new EvaluationView(frame, payload);
  }
});

class EvaluationView {
  private readonly _payload: EvaluationPayload;
  private readonly _labels: ReadonlyMap<string, readonly LabelResult[]>;
  private readonly _overall = el('div', { class: 'zen-overall' });
  private readonly _details = el('div', { class: 'zen-evaluated' });
  private readonly _label: HTMLSelectElement;
  private readonly _splitPlace = el('span');
  private _disposers: (() => void)[] = [];

  constructor(frame: Frame, payload: EvaluationPayload) {
    this._payload = payload;
    this._labels = byLabel(payload);
    this._label = choice('Label', [...this._labels.keys()]);
    this._label.addEventListener('input', () => {
      this._showLabel();
    });
    const values = (payload.values ?? []).map(metric);
    if (values.length > 0) {
      frame.body.append(tiles(values.map(m => [m.name, [['', written(m.text)]]])));
    }
    if (payload.results.length > 0) {
      frame.body.append(this._choices(), this._overall, this._details);
      this._showLabel();
    } else if (payload.model) {
      frame.body.prepend(this._choices());
    }
    frame.body.append(...list('Left out here', payload.omitted));
    frame.onDispose(() => {
      this._empty();
    });
  }

  /** What is evaluated, and whose details are shown where there are several. */
  private _choices(): HTMLElement {
    return el(
      'div',
      { class: 'zen-controls' },
      this._payload.model && el('span', {}, 'model ', el('b', {}, this._payload.model)),
      this._labels.size > 1 &&
        el('label', { class: 'zen-field' }, el('span', {}, 'Label'), this._label),
      this._splitPlace
    );
  }

  private _showLabel(): void {
    const results = this._labels.get(this._label.value) ?? [];
    const [first] = results;
    if (!first) {
      return;
    }
    const names = [...new Set(results.flatMap(r => r.metrics.map(text => metric(text).name)))];
    const found = results.map(r => new Map(r.metrics.map(text => [metric(text).name, text])));
    const of = (i: number) => (results.length > 1 ? (results[i]?.split ?? '') : '');
    replace(
      this._overall,
      tiles([
        ...names.map((name): Tile => [
          name,
          found.map((metrics, i) => [of(i), written(metric(metrics.get(name) ?? '').text)])
        ]),
        ['rows', results.map((r, i) => [of(i), count(r.rows)])]
      ])
    );
    const split = choice(
      'Details of',
      results.map(r => r.split)
    );
    split.addEventListener('input', () => {
      this._showResult(results, split.selectedIndex);
    });
    const label = this._labels.size > 1 ? [] : [el('span', {}, 'label ', el('b', {}, first.label))];
    replace(
      this._splitPlace,
      el(
        'span',
        { class: 'zen-controls' },
        ...label,
        el('span', {}, first.task),
        results.length > 1
          ? el('label', { class: 'zen-field' }, el('span', {}, 'Details of'), split)
          : el('span', {}, 'on ', el('b', {}, first.split))
      )
    );
    this._showResult(results, 0);
  }

  private _showResult(results: readonly LabelResult[], index: number): void {
    this._empty();
    const result = results[index];
    if (!result) {
      return;
    }
    const onDispose = (action: () => void) => {
      this._disposers.push(action);
    };
    let curves: CurvesView | null = null;
    const thresholds: ThresholdView | null = thresholdsOf(result, () => {
      curves?.move();
    });
    // The split that is chosen comes first, those that it is compared with after it.
    const others = results.filter(r => r !== result);
    curves = new CurvesView(
      [result, ...others],
      thresholds && { result, cuts: cuts(result), cut: () => thresholds.cut },
      onDispose
    );
    const parts = [
      thresholds?.node,
      result.confusion && !thresholds?.hasOwn && confusionOf(result),
      slicesOfResult(result),
      curves.node,
      result.residuals && residualsOf(result.residuals, onDispose),
      ...list('', result.notes)
    ];
    replace(this._details, ...parts);
    if (!parts.some(Boolean)) {
      replace(
        this._details,
        el('p', { class: 'zen-dim' }, `Only the metrics of ${result.split} are stored here.`)
      );
    }
  }

  private _empty(): void {
    for (const dispose of this._disposers) {
      dispose();
    }
    this._disposers = [];
  }
}

type Tile = readonly [string, readonly (readonly [string, string])[]];

/** Numbers that are read first: a name, and a value of each split. */
function tiles(shown: readonly Tile[]): HTMLElement {
  return el(
    'dl',
    { class: 'zen-tiles' },
    ...shown.map(([name, values]) =>
      el(
        'div',
        { class: 'zen-tile', 'data-metric': name },
        el('dt', {}, el('bdi', {}, name)),
        ...values.map(([split, text]) =>
          el('dd', {}, el('b', {}, text), split && el('span', { class: 'zen-dim' }, ` ${split}`))
        )
      )
    )
  );
}

function confusionOf(result: LabelResult): HTMLElement {
  const { classes = [], counts = [] } = result.confusion ?? {};
  return el(
    'section',
    { class: 'zen-part', 'aria-label': 'Confusion matrix' },
    el('h4', { class: 'zen-heading' }, 'Confusion: true classes in rows, predicted in columns'),
    matrix(classes, counts.map(series))
  );
}
