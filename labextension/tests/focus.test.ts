import { beforeEach, describe, expect, it } from 'vitest';

import { el, keepFocus, replace } from '../src/dom';
import { draw as drawRun } from '../src/panels/run';
import { draw } from '../src/panels/statistics';
import { SortableTable } from '../src/parts/table';
import type { RunPayload } from '../src/payloads';
import type { Answer, Request } from '../src/protocol';
import { STATISTICS } from './payloads';
import { FakeKernel, completeDom, context, host, settled } from './support';

beforeEach(() => {
  completeDom();
});

/** As by the keyboard: a button that is pressed has the focus. */
function press(where: ParentNode, selector: string): void {
  const found = where.querySelector<HTMLElement>(selector);
  found?.focus();
  found?.click();
}

function focused(): string | undefined {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement
    ? (activeElement.dataset.action ?? activeElement.tagName)
    : undefined;
}

describe('the focus', () => {
  it('goes to what does the same, else to the first control that is shown', () => {
    const place = host();
    const button = (action: string, hidden = false) =>
      el('button', { 'data-action': action, hidden }, action);
    replace(place, button('a'), button('b'));
    press(place, '[data-action=b]');
    keepFocus(place, () => {
      replace(place, button('a'), button('b'));
    });
    expect(focused()).toBe('b');
    keepFocus(place, () => {
      replace(place, button('x', true), button('c'));
    });
    expect(focused()).toBe('c');
  });

  it('is left where it is outside', () => {
    const place = host();
    const inner = el('div', {}, el('button', { 'data-action': 'in' }));
    place.append(el('button', { 'data-action': 'out' }), inner);
    press(place, '[data-action=out]');
    keepFocus(inner, () => {
      replace(inner, el('button', {}));
    });
    expect(focused()).toBe('out');
  });

  it('stays on refresh', async () => {
    const place = host();
    const kernel = new FakeKernel(() => ({ type: 'refreshed', payload: STATISTICS }));
    draw(place, STATISTICS, context(kernel));
    press(place, '[data-action=refresh]');
    await settled();
    expect(place.textContent).toContain('As it is now');
    expect(focused()).toBe('refresh');
  });

  it('stays where there are more features', async () => {
    const place = host();
    const column = { name: 'more', kind: 'integer', datasets: ['1\t0\t\t\t\t\t\t\t', ''] };
    const payload = { ...STATISTICS, columns: [column] };
    const kernel = new FakeKernel(() => ({ type: 'features', payload }));
    draw(place, { ...STATISTICS, total: 9 }, context(kernel));
    press(place, '[data-action=more]');
    await settled();
    expect(focused()).toBe('more');
  });

  it('stays where there are more rows, and on the table after the last ones', () => {
    const table = new SortableTable<number>({
      label: 'Numbers',
      columns: [{ title: 'n', cell: String }],
      rows: Array.from({ length: 250 }, (_, i) => i),
      name: String
    });
    host().append(table.node);
    press(table.node, '.zen-more button');
    expect(document.activeElement?.textContent).toBe('Show 50 more of 50');
    press(table.node, '.zen-more button');
    expect(document.activeElement).toBe(table.node);
  });

  it('stays in a step whose log has come', async () => {
    const run: RunPayload = {
      panel: 'run',
      version: 1,
      pipeline: 'A',
      status: 'succeeded',
      steps: [{ slot: 'trainer', title: 'Mine', metrics: ['auc\t.7'] }]
    };
    const answer = (request: Request): Answer =>
      request.type === 'step'
        ? { type: 'step_told', why: ['new'], log: 'x' }
        : { type: 'run_told', run: 'abc', steps: [] };
    const place = host();
    draw2(place, run, answer);
    press(place, '[data-slot=trainer]');
    press(place, '[data-action=step]');
    await settled();
    await settled();
    expect(place.querySelector('[data-part=log]')).not.toBeNull();
    expect(document.activeElement?.textContent).toBe('Why');
    const other = host();
    draw2(other, run, answer);
    press(other, '[data-action=states]');
    await settled();
    expect(focused()).toBe('refresh');
  });

  function draw2(place: HTMLElement, run: RunPayload, answer: (r: Request) => Answer): void {
    drawRun(place, run, context(new FakeKernel(answer)));
  }
});
