import { beforeEach, describe, expect, it } from 'vitest';

import { Bus } from '../src/context';
import { draw } from '../src/panels/statistics';
import type { Answer, Request } from '../src/protocol';
import { STATISTICS } from './payloads';
import { FakeKernel, completeDom, context, host, settled } from './support';

const HOSTILE = '<img src=x onerror="alert(1)">';

beforeEach(() => {
  completeDom();
});

function kernel(answer: Answer): FakeKernel {
  const made = new FakeKernel(request =>
    request.type === 'moved' ? answer : { type: 'failure', message: 'no' }
  );
  made.ready = true;
  return made;
}

function asked(made: FakeKernel): Request[] {
  return made.asked.filter(r => r.type === 'moved');
}

const MOVED: Answer = {
  type: 'moved_on',
  reasons: [
    { kind: 'data', text: `'${HOSTILE}' has a newer commit` },
    { kind: 'code', text: 'other code in transform (clean)' }
  ],
  hint: 'Run it: %zen run "A".'
};

describe('the badge of a panel', () => {
  it('says what has moved on, and what to do, as text', async () => {
    const place = host();
    const made = kernel(MOVED);
    draw(place, STATISTICS, context(made));
    await settled();
    const badge = place.querySelector('.zen-moved');
    expect(badge?.getAttribute('role')).toBe('status');
    expect(badge?.textContent).toBe(
      `⟳ Not as it is now: its data has moved on ('${HOSTILE}' has a newer commit); ` +
        'its code has changed (other code in transform (clean)). Run it: %zen run "A".'
    );
    expect(place.querySelector('img')).toBeNull();
    expect(asked(made)).toEqual([
      {
        type: 'moved',
        subject: { panel: 'statistics', title: 'Pipeline A', datasets: ['train', 'eval'] },
        shown: STATISTICS
      }
    ]);
  });

  it('is empty while nothing is known, and when something goes wrong', async () => {
    for (const answer of [
      { type: 'moved_on' },
      { type: 'failure', message: 'no' }
    ] satisfies Answer[]) {
      const place = host();
      draw(place, STATISTICS, context(kernel(answer)));
      await settled();
      expect(place.querySelector('.zen-moved')?.textContent).toBe('');
      expect(place.querySelector('[role=alert]')).toBeNull();
    }
  });

  it('is asked for once, again after a run, and only of a kernel that has answered', async () => {
    const place = host();
    const made = kernel(MOVED);
    made.ready = false;
    const bus = new Bus();
    const panel = draw(place, STATISTICS, context(made, bus));
    await settled();
    expect(made.asked).toEqual([]);
    made.ready = true;
    made.connect(true);
    made.connect(true);
    await settled();
    expect(asked(made)).toHaveLength(1);
    bus.ran();
    await settled();
    expect(asked(made)).toHaveLength(2);
    panel.dispose();
    bus.ran();
    expect(asked(made)).toHaveLength(2);
    expect(made.listeners).toBe(0);
  });

  it('does not tell of a payload that is not there any more', async () => {
    const place = host();
    const made = new FakeKernel(request =>
      request.type === 'refresh'
        ? { type: 'refreshed', payload: { ...STATISTICS, total: 4 } }
        : request.type === 'moved' && 'total' in request.shown && request.shown.total === 5
          ? MOVED
          : { type: 'moved_on' }
    );
    made.ready = true;
    draw(place, STATISTICS, context(made));
    await settled();
    expect(place.querySelector('.zen-moved')?.textContent).not.toBe('');
    place.querySelector<HTMLElement>('[data-action=refresh]')?.click();
    await settled();
    await settled();
    expect(asked(made)).toHaveLength(2);
    expect(place.querySelector('.zen-moved')?.textContent).toBe('');
  });
});
