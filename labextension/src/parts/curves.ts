/** The curves of a label, of all its splits, with their numbers; and where a threshold is on them. */

import { el, replace } from '../dom';
import { at, curves as curvesOf, target } from '../evaluation-model';
import type { Cut } from '../evaluation-model';
import { count, number, percent } from '../numbers';
import { series } from '../packing';
import type { LabelResult } from '../payloads';
import { axis, chart, plain, stroke } from './chart';
import type { Chart, Figure, Theme } from './chart';
import { choice } from './choice';
import { RATES, diagonal, rateAxes } from './rates';
import type { Kind } from './rates';
import { small } from './small';

const MOST_CLASSES = 6; // lines that can be told apart
const HEIGHT = 270;

export interface Threshold {
  readonly result: LabelResult;
  readonly cuts: readonly Cut[];
  /** The one that is chosen now. */
  readonly cut: () => Cut;
}

/** A line of a chart with what it is of. */
interface Line {
  readonly name: string;
  readonly place: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly counts: readonly number[];
}

export class CurvesView {
  /** Null where there are no curves. */
  readonly node: HTMLElement | null;
  private readonly _results: readonly LabelResult[];
  private readonly _threshold: Threshold | null;
  private readonly _charts: Chart[] = [];
  private readonly _moving: Chart[] = [];
  private readonly _class: HTMLSelectElement | null;
  private readonly _refill: (() => void)[] = [];
  private _frame = 0;

  constructor(
    results: readonly LabelResult[],
    threshold: Threshold | null,
    onDispose: (action: () => void) => void
  ) {
    this._results = results;
    this._threshold = threshold;
    const all = results.flatMap(r => r.curves ?? []);
    const classes = [...new Set(all.map(c => c.target))];
    this._class = classes.length > 1 ? choice('Curves of', ['all classes', ...classes]) : null;
    if (this._class && classes.length > MOST_CLASSES) {
      this._class.selectedIndex = 1;
    }
    const kinds = (['roc', 'precision_recall', 'calibration'] as const).filter(kind =>
      all.some(c => c.kind === kind)
    );
    const parts = kinds.map(kind => this._part(kind));
    if (threshold) {
      parts.push(this._byThreshold(threshold));
    }
    this.node =
      parts.length === 0
        ? null
        : el(
            'section',
            { class: 'zen-part zen-curves', 'aria-label': 'Curves' },
            this._class &&
              el(
                'div',
                { class: 'zen-controls' },
                el('label', { class: 'zen-field' }, el('span', {}, 'Curves of'), this._class)
              ),
            el('div', { class: 'zen-charts' }, ...parts)
          );
    this._class?.addEventListener('input', () => {
      for (const made of this._charts) {
        made.update();
      }
      for (const refill of this._refill) {
        refill();
      }
    });
    onDispose(() => {
      cancelAnimationFrame(this._frame);
      for (const made of this._charts) {
        made.dispose();
      }
    });
  }

  /** The threshold is another one: once a frame, however fast a slider moves. */
  move(): void {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => {
      for (const made of this._moving) {
        made.update();
      }
    });
  }

  private _part(kind: Kind): HTMLElement {
    const { title, x, y } = RATES[kind];
    const made = chart(`${title}: ${y} by ${x}`, HEIGHT, theme => this._figure(kind, theme));
    this._charts.push(made);
    if (kind !== 'calibration' && this._threshold) {
      this._moving.push(made);
    }
    const numbers = el('div');
    const refill = () => {
      replace(numbers, readings(kind, this._lines(kind)));
    };
    refill();
    this._refill.push(refill);
    return el(
      'div',
      { class: 'zen-curve', 'data-curve': kind },
      el('h4', { class: 'zen-heading' }, title),
      made.node,
      numbers
    );
  }

  private _lines(kind: Kind): Line[] {
    const index = this._class?.selectedIndex ?? 0;
    const found = curvesOf(this._results, kind, index > 0 ? (this._class?.value ?? '') : null);
    const several = new Set(found.map(f => f.curve.target)).size > 1;
    return found.map(({ result, curve }, place) => {
      const names = [
        several || index > 0 ? target(result, curve.target) : '',
        this._results.length > 1 ? result.split : ''
      ];
      return {
        name: names.filter(Boolean).join(' · ') || target(result, curve.target) || result.label,
        place,
        x: series(curve.x),
        y: series(curve.y),
        counts: series(curve.counts)
      };
    });
  }

  private _figure(kind: Kind, theme: Theme): Figure {
    const lines = this._lines(kind);
    const data: object[] = kind === 'precision_recall' ? [] : [diagonal(theme)];
    for (const line of lines) {
      data.push(trace(kind, line, theme));
    }
    const point = this._threshold ? this._point(kind, this._threshold, theme) : null;
    if (point) {
      data.push(point);
    }
    return {
      data,
      layout: {
        showlegend: lines.length > 1,
        margin: { l: 52, r: 12, t: lines.length > 1 ? 30 : 8, b: 42 },
        ...rateAxes(theme, kind)
      }
    };
  }

  /** Where the threshold is on a curve. */
  private _point(kind: Kind, threshold: Threshold, theme: Theme): object | null {
    const cut = threshold.cut();
    const [x, y] = kind === 'roc' ? [cut.falseAlarms, cut.recall] : [cut.recall, cut.precision];
    if (kind === 'calibration' || x === null || y === null) {
      return null;
    }
    return {
      type: 'scatter',
      mode: 'markers',
      x: [x],
      y: [y],
      text: [`threshold ${number(cut.threshold)}: ${percent(x)}, ${percent(y)}`],
      hovertemplate: '%{text}<extra></extra>',
      showlegend: false,
      marker: { size: 11, color: theme.series[1], line: { color: theme.text, width: 2 } }
    };
  }

  private _byThreshold(threshold: Threshold): HTMLElement {
    const made = chart('Precision, recall and F1 by threshold', HEIGHT, theme =>
      ratesFigure(threshold, theme)
    );
    this._charts.push(made);
    this._moving.push(made);
    return el(
      'div',
      { class: 'zen-curve', 'data-curve': 'threshold' },
      el('h4', { class: 'zen-heading' }, 'By threshold'),
      made.node,
      el('p', { class: 'zen-dim' }, 'The line is the threshold above; its numbers stand there.')
    );
  }
}

function trace(kind: Kind, line: Line, theme: Theme): object {
  const { x: xTitle, y: yTitle } = RATES[kind];
  const pen = stroke(theme, line.place);
  const most = Math.max(...line.counts, 1);
  const sizes = line.counts.map(n => 5 + 11 * Math.sqrt(n / most));
  return {
    type: 'scatter',
    mode: kind === 'calibration' ? 'lines+markers' : 'lines',
    name: plain(line.name),
    x: line.x,
    y: line.y,
    text: line.x.map((x, i) => {
      const rows = line.counts[i];
      const from = rows === undefined || Number.isNaN(rows) ? '' : `, ${count(rows)} rows`;
      return `${xTitle} ${percent(x)}, ${yTitle} ${percent(line.y[i])}${from}`;
    }),
    hovertemplate: '%{text}',
    line: pen,
    marker: { color: pen.color, size: sizes.length > 0 ? sizes : 6 }
  };
}

function ratesFigure(threshold: Threshold, theme: Theme): Figure {
  const { cuts } = threshold;
  const now = threshold.cut().threshold;
  const rates = [
    ['precision', cuts.map(c => c.precision)],
    ['recall', cuts.map(c => c.recall)],
    ['F1', cuts.map(c => c.f1)]
  ] as const;
  const data = rates.map(([name, y], i) => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x: cuts.map(c => c.threshold),
    y,
    text: cuts.map((c, k) => `${name} ${percent(y[k])} at ${number(c.threshold)}`),
    hovertemplate: '%{text}<extra></extra>',
    line: { ...stroke(theme, i), color: theme.series[[0, 2, 4][i] ?? 0] }
  }));
  return {
    data,
    layout: {
      showlegend: true,
      margin: { l: 52, r: 12, t: 30, b: 42 },
      shapes: [
        {
          type: 'line',
          yref: 'paper',
          ...{ x0: now, x1: now, y0: 0, y1: 1 },
          line: { color: theme.series[1], width: 2 }
        }
      ],
      xaxis: axis(theme, { zeroline: false, title: { text: 'threshold', standoff: 6 } }),
      yaxis: axis(theme, { range: [-0.02, 1.02], tickformat: '.0%', nticks: 6, zeroline: false })
    }
  };
}

/** What a chart says, in numbers: one sentence, and a table behind it. */
function readings(kind: Kind, lines: readonly Line[]): HTMLElement | null {
  const [first] = lines;
  if (!first) {
    return null;
  }
  const { level } = RATES[kind];
  const read = percent(at(first.x, first.y, level));
  const of = lines.length > 1 ? `${first.name}: ` : '';
  const said =
    kind === 'roc'
      ? `${of}true positives ${read} at ${100 * level}% false positives`
      : kind === 'precision_recall'
        ? `${of}precision ${read} at ${100 * level}% recall`
        : 'What was predicted, and what was seen';
  return el(
    'details',
    { class: 'zen-readings' },
    el('summary', {}, el('bdi', {}, said)),
    ...(kind === 'calibration'
      ? lines.map(line => calibrationTable(line, lines.length > 1))
      : [levelsTable(kind, lines)])
  );
}

function levelsTable(kind: Kind, lines: readonly Line[]): HTMLElement {
  const { x: xTitle, y: yTitle, levels } = RATES[kind];
  return small(
    `${yTitle} by ${xTitle}`,
    [xTitle, ...lines.map(line => (lines.length > 1 ? line.name : yTitle))],
    levels.map(x => [percent(x), ...lines.map(line => percent(at(line.x, line.y, x)))])
  );
}

function calibrationTable(line: Line, several: boolean): HTMLElement {
  return small(
    `Calibration of ${line.name}`,
    ['predicted', several ? `observed: ${line.name}` : 'observed', 'rows'],
    line.x.map((x, i) => [percent(x), percent(line.y[i]), count(line.counts[i])])
  );
}
