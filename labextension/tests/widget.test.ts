import { beforeEach, describe, expect, it, vi } from 'vitest';

import { Bus } from '../src/context';
import { plotly } from '../src/plotly-source';
import type { Plotly } from '../src/plotly-source';
import { render } from '../src/widget';
import { WidgetKernel } from '../src/widget/kernel';
import type { Model } from '../src/widget/kernel';
import { busOf, sharedPlotly } from '../src/widget/page';
import { look } from '../src/widget/theme';
import { STATISTICS } from './payloads';
import { click, completeDom, host, settled } from './support';

type Listener = (...heard: never[]) => void;

interface Sent {
  readonly question?: { readonly id: number; readonly request: { readonly type: string } };
  readonly code?: string;
}

/** What anywidget gives, with the model and the manager behind it. */
class FakeModel {
  readonly sent: Sent[] = [];
  readonly whole = { comm_live: true };
  readonly widget_manager: Model['widget_manager'];
  private readonly _listeners: [string, Listener][] = [];

  constructor(
    private readonly _state: Record<string, unknown> = {},
    manager: object = {}
  ) {
    this.widget_manager = { ...manager, get_model: () => Promise.resolve(this.whole) };
  }

  get(name: string): unknown {
    return this._state[name];
  }

  send(content: object): void {
    this.sent.push(content);
  }

  on(name: string, listener: Listener): void {
    this._listeners.push([name, listener]);
  }

  off(name: string, listener: Listener): void {
    const found = this._listeners.findIndex(([n, l]) => n === name && l === listener);
    this._listeners.splice(found, found < 0 ? 0 : 1);
  }

  tell(name: string, ...heard: unknown[]): void {
    this._listeners
      .filter(([known]) => known === name)
      .forEach(([, listener]) => {
        (listener as (...all: unknown[]) => void)(...heard);
      });
  }

  get listeners(): number {
    return this._listeners.length;
  }
}

beforeEach(() => {
  completeDom();
  Reflect.deleteProperty(globalThis, Symbol.for('zenlab.widgets')); // another page
  host();
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: () => undefined,
    removeEventListener: () => undefined
  }));
});

describe('a panel as a widget', () => {
  const shown = async (model: FakeModel) => {
    const el = host();
    return { el, remove: await render({ model, el }) };
  };

  it('is drawn from the payload that came with it, and goes without a trace', async () => {
    const model = new FakeModel({ payload: STATISTICS });
    const { el, remove } = await shown(model);
    expect(el.querySelector('.zen-widget .zen-statistics')).not.toBeNull();
    // Nobody has clicked: it has asked by itself whether it is still what its pipeline gives.
    expect(model.sent.map(({ question }) => question?.request.type)).toEqual(['moved']);
    remove();
    expect(model.listeners).toBe(0);
  });

  it('asks by messages and shows what it is answered', async () => {
    const model = new FakeModel({ payload: STATISTICS });
    const { el } = await shown(model);
    click(el, '[data-action=refresh]');
    const { question } = model.sent.at(-1) ?? {};
    expect(question?.request.type).toBe('refresh');
    const answer = { type: 'failure', message: 'No such pipeline.' };
    model.tell('msg:custom', { reply: { id: (question?.id ?? 0) + 1, answer } }, []);
    await settled();
    expect(el.querySelector('[role=alert]')).toBeNull(); // it was another page's
    model.tell('msg:custom', { reply: { id: question?.id, answer } }, []);
    await settled();
    expect(el.querySelector('[role=alert]')?.textContent).toContain('No such pipeline.');
  });

  it('says that a payload is of another version', async () => {
    const { el } = await shown(new FakeModel({ payload: { ...STATISTICS, version: 99 } }));
    expect(el.textContent).toContain('restart the kernel');
  });
});

describe('a view that comes and goes', () => {
  it('leaves nothing behind where its payload could not be drawn', async () => {
    const model = new FakeModel({ payload: { ...STATISTICS, columns: null } });
    await expect(render({ model, el: host() })).rejects.toThrow();
    expect(model.listeners).toBe(0);
  });

  it('is asked nothing any more', async () => {
    const model = new FakeModel();
    const kernel = await WidgetKernel.of(model);
    kernel.dispose();
    await expect(kernel.ask({ type: 'hello' })).rejects.toThrow('run the cell again');
  });

  it('does not take plotly from another view of the same panel', async () => {
    const model = new FakeModel({ payload: STATISTICS });
    await render({ model, el: host() });
    const remove = await render({ model, el: host() });
    remove();
    const come = vi.fn(() => 'blob:made');
    URL.createObjectURL = come;
    URL.revokeObjectURL = vi.fn();
    plotly().catch(() => undefined); // there is no code behind that URL
    expect(model.sent.at(-1)).toEqual({ code: 'plotly' });
    model.tell('msg:custom', { code: 'plotly' }, [new DataView(new ArrayBuffer(1))]);
    await settled();
    expect(come).toHaveBeenCalledOnce();
  });

  it('does not take it from other panels, which ask on their own', async () => {
    URL.createObjectURL = () => 'blob:made';
    URL.revokeObjectURL = vi.fn();
    const made = { react: vi.fn(), purge: vi.fn() } as unknown as Plotly;
    let leave: (reason: Error) => void = () => undefined;
    const first = sharedPlotly(() => new Promise((_, reject) => (leave = reject)));
    const code = vi.fn(() => Promise.resolve('export {}'));
    const others = [1, 2].map(() => sharedPlotly(code, () => Promise.resolve(made)));
    leave(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    await expect(Promise.all(others)).resolves.toEqual([made, made]);
    expect(code).toHaveBeenCalledOnce();
  });
});

describe('the line to the kernel', () => {
  it('ends with the comm: what waits is told, and watchers', async () => {
    const model = new FakeModel();
    const kernel = await WidgetKernel.of(model);
    const watcher = vi.fn();
    kernel.watch(watcher);
    const asked = kernel.ask({ type: 'hello' });
    model.whole.comm_live = false;
    model.tell('comm_live_update');
    await expect(asked).rejects.toThrow('run the cell again');
    expect(watcher).toHaveBeenCalledOnce();
    expect(kernel.connected).toBe(false);
    await expect(kernel.ask({ type: 'hello' })).rejects.toThrow('run the cell again');
    expect(model.sent).toHaveLength(1);
  });

  it('ends with a kernel that JupyterLab has shut down', async () => {
    const manager = { kernel: { status: 'busy' } as object | null };
    const model = new FakeModel({}, manager);
    const kernel = await WidgetKernel.of(model);
    expect([kernel.connected, kernel.busy]).toEqual([true, true]);
    Object.assign(model.widget_manager, { kernel: null });
    expect(kernel.connected).toBe(false);
  });

  it('ends when the widget is closed', async () => {
    const model = new FakeModel();
    const kernel = await WidgetKernel.of(model);
    model.tell('destroy');
    expect(kernel.connected).toBe(false);
  });
});

describe('what a page shares', () => {
  it('is one bus a notebook', () => {
    const [one, two] = [{}, {}];
    expect(busOf(one)).toBeInstanceOf(Bus);
    expect(busOf(one)).toBe(busOf(one));
    expect(busOf(one)).not.toBe(busOf(two));
  });

  it('is plotly, asked for once, and again after a failure', async () => {
    URL.createObjectURL = () => 'blob:made';
    URL.revokeObjectURL = vi.fn();
    const made = { react: vi.fn(), purge: vi.fn() } as unknown as Plotly;
    const load = vi.fn(() => Promise.resolve(made));
    const gone = () => Promise.reject(new Error('gone'));
    await expect(sharedPlotly(gone, load)).rejects.toThrow('gone');
    const code = vi.fn(() => Promise.resolve('export {}'));
    await expect(sharedPlotly(code, load)).resolves.toBe(made);
    await expect(sharedPlotly(gone, load)).resolves.toBe(made);
    expect([code.mock.calls.length, load.mock.calls]).toEqual([1, [['blob:made']]]);
  });
});

describe('the look of the page', () => {
  it.each([
    [{ jpThemeLight: 'false' }, null, 'jupyterlab', 'dark'],
    [{ jpThemeLight: 'true' }, null, 'jupyterlab', 'light'],
    [{ vscodeThemeKind: 'vscode-dark' }, null, 'vscode', 'dark'],
    [{ vscodeThemeKind: 'vscode-high-contrast' }, null, 'vscode', 'dark'],
    [{ vscodeThemeKind: 'vscode-high-contrast-light' }, null, 'vscode', 'light'],
    [{}, 'dark', 'other', 'dark'],
    [{}, null, 'other', 'light']
  ])('%o, theme %s: %s, %s', (said, attribute, name, theme) => {
    for (const key of Object.keys(document.body.dataset)) {
      Reflect.deleteProperty(document.body.dataset, key);
    }
    Object.assign(document.body.dataset, said);
    document.documentElement.toggleAttribute('theme', attribute !== null);
    if (attribute !== null) {
      document.documentElement.setAttribute('theme', attribute);
    }
    expect(look()).toEqual({ host: name, theme });
  });
});
