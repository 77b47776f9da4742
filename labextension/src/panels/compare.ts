/** Compare: runs side by side, and for a few of them all in which they differ. */

import { splitOf } from '../compare-model';
import { button, checkbox, el, replace } from '../dom';
import { count, counted } from '../numbers';
import { OWN_KEYS } from '../parts/choice';
import { framed, partOf } from '../parts/frame';
import type { Frame } from '../parts/frame';
import { list } from '../parts/lines';
import type { ComparePayload } from '../payloads';
import { MOST_RUNS } from '../protocol';
import { codeSection } from './compare/code';
import { dataSection } from './compare/data';
import { pendingBar, showPending } from './compare/kept';
import { listedRuns } from './compare/listed';
import { parametersSection } from './compare/parameters';
import { picker } from './compare/picker';
import { pictures } from './compare/pictures';
import { MOST_COLUMNS, metricsTable, runsTable } from './compare/runs';
import { section } from './compare/section';
import { Shown } from './compare/state';
import { stepsSection } from './compare/steps';

export const draw = framed<ComparePayload>({
  title: payload => {
    const labels = payload.runs.map(text => text.split('\t')[0] ?? '');
    if (labels.length === 0) {
      return 'Comparison: there is no successful run yet';
    }
    return payload.total <= 2
      ? `Comparison of ${labels.join(' and ')}`
      : `Comparison of ${counted(payload.total, 'run')}`;
  },
  subject: () => ({ panel: 'compare', title: '' }),
  draw: (frame, payload) => {
    new CompareView(frame, payload);
  }
});

class CompareView {
  private readonly _frame: Frame;
  private readonly _payload: ComparePayload;
  private readonly _shown: Shown;
  private readonly _choose = el('div', { class: 'zen-choose' });

  constructor(frame: Frame, payload: ComparePayload) {
    this._frame = frame;
    this._payload = payload;
    this._shown = new Shown(frame, payload, (runs, baseline, all) =>
      this._compare(runs, baseline, all)
    );
    this._actions();
    replace(frame.body, pendingBar(this._shown), this._choose);
    if (this._shown.runs.length > 0) {
      this._content();
    }
    frame.body.append(...list('Notes', payload.notes), ...list('Left out here', payload.omitted));
  }

  // ------------------------------------------------------------------ what the kernel is asked

  private _actions(): void {
    const choose = button('Choose runs …', () => void this._open(), {
      'data-action': 'choose',
      title: 'Compare other runs of this project'
    });
    this._frame.withKernel(choose);
    this._frame.actions.replaceChildren(choose);
    const known = this._shown.runs.length;
    if (known >= 2 && known <= MOST_RUNS && this._payload.total === known) {
      const refresh = button(
        'Refresh',
        () => {
          this._shown.again();
        },
        { 'data-action': 'refresh', title: 'Ask the kernel for these runs as they are now' }
      );
      this._frame.withKernel(refresh);
      this._frame.actions.append(refresh);
    }
  }

  private async _open(): Promise<void> {
    const answer = await this._frame.ask({ type: 'list_runs' }, 'Listing the runs …');
    if (answer?.type !== 'runs') {
      return;
    }
    const close = () => {
      replace(this._choose);
      this._frame.actions.querySelector<HTMLElement>('[data-action=choose]')?.focus();
    };
    const ticked = this._payload.detailed ? this._shown.labels : [];
    replace(
      this._choose,
      picker(answer, ticked, labels => {
        if (labels === null) {
          close();
        } else {
          void this._compare(labels, 0);
        }
      })
    );
    this._choose.querySelector<HTMLElement>('input')?.focus();
  }

  private async _compare(
    runs: readonly string[],
    baseline: number,
    all = this._payload.all_parameters ?? false
  ): Promise<void> {
    const answer = await this._frame.ask(
      { type: 'compare_runs', runs, baseline: Math.max(baseline, 0), all_parameters: all },
      'Comparing …'
    );
    if (answer?.type === 'compared') {
      showPending(this._frame, answer, this._payload);
    }
  }

  // ---------------------------------------------------------------------------- what is shown

  private _content(): void {
    const { _shown: shown, _payload: payload } = this;
    const several = shown.metrics.length > MOST_COLUMNS;
    const parameters = el('div');
    const details = el('div', { class: 'zen-sections' });
    const table = runsTable(shown);
    const listed = payload.detailed !== true && shown.runs.length > 1;
    this._frame.body.append(
      this._toolbar(),
      // Of many runs the pictures come first: what is drawn there is looked up in the list.
      ...(listed ? [pictures(shown), ...listedRuns(shown, table)] : [table.node]),
      ...(several ? [section('All metrics', metricsTable(shown))] : []),
      ...(listed ? [] : [pictures(shown)])
    );
    if (payload.detailed !== true) {
      return;
    }
    this._frame.body.append(parameters, details);
    const part = partOf(this._frame);
    const fill = () => {
      part.end();
      replace(parameters, parametersSection(shown, part.frame));
      replace(
        details,
        codeSection(shown, part.frame),
        payload.data ? dataSection(shown, part.frame) : null,
        payload.steps ? stepsSection(shown) : null
      );
    };
    shown.baseline.follow(fill);
    shown.onlyDifferences.onChange(fill);
  }

  private _toolbar(): HTMLElement {
    const { runs, baseline, stored, onlyDifferences } = this._shown;
    const none = Number(stored < 0);
    const choose = el(
      'select',
      { class: 'zen-select', 'data-control': 'baseline', ...OWN_KEYS },
      none === 1 && el('option', {}, 'none'),
      ...runs.map(run => el('option', {}, run.label))
    );
    choose.selectedIndex = baseline.value + none;
    choose.addEventListener('change', () => {
      baseline.set(choose.selectedIndex - none);
    });
    return el(
      'div',
      { class: 'zen-toolbar', role: 'toolbar', 'aria-label': 'How runs are compared' },
      runs.length > 1 && el('label', { class: 'zen-labelled' }, 'Baseline', choose),
      this._payload.detailed &&
        checkbox('Only differences', onlyDifferences.value, on => {
          onlyDifferences.set(on);
        }),
      el('span', { class: 'zen-count' }, this._said())
    );
  }

  private _said(): string {
    const known = this._shown.runs.length;
    const { total } = this._payload;
    const of =
      known < total ? `${count(known)} of ${counted(total, 'run')}` : counted(total, 'run');
    const split = splitOf(this._shown.metrics);
    return split ? `${of}, metrics on ${split}` : of;
  }
}
