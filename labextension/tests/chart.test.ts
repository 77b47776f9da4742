import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { chart } from '../src/parts/chart';
import { plotlyFrom } from '../src/plotly-source';
import { completeDom, settled } from './support';

beforeEach(() => {
  completeDom();
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(400);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

afterEach(() => {
  plotlyFrom(() => import('plotly.js-basic-dist-min'));
});

it('a chart that could not be drawn says so, and is drawn when it can be', async () => {
  const purge = vi.fn();
  const seen: string[] = [];
  const react = vi.fn((node: HTMLElement) => {
    seen.push(node.textContent);
    return Promise.resolve(node);
  });
  plotlyFrom(() => Promise.reject(new Error('no network')));
  const made = chart('ROC', 200, () => ({ data: [], layout: {} }));
  made.update();
  await settled();
  expect(made.node.textContent).toContain('could not be drawn');
  plotlyFrom(() => Promise.resolve({ react, purge } as never));
  made.update();
  await settled();
  expect(seen).toEqual(['']);
  expect(made.node.dataset.drawn).toBe('true');
  // Plotly, too, has to begin anew after an error of its own.
  react.mockRejectedValueOnce(new Error('no'));
  made.update();
  await settled();
  expect(purge).toHaveBeenCalledOnce();
  expect(made.node.dataset.drawn).toBeUndefined();
  made.dispose();
  expect(purge).toHaveBeenCalledTimes(2);
});
