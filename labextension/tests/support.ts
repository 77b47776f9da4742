import { Bus } from '../src/context';
import type { Context, Kernel } from '../src/context';
import type { Answer, Request } from '../src/protocol';

/** A kernel that answers what it is told to, and keeps what it was asked. */
export class FakeKernel implements Kernel {
  connected = true;
  busy = false;
  ready = false;
  readonly asked: Request[] = [];
  private readonly _listeners = new Set<() => void>();

  constructor(private readonly _answer: (request: Request) => Answer) {}

  ask(request: Request): Promise<Answer> {
    this.asked.push(request);
    return Promise.resolve(this._answer(request));
  }

  watch(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  connect(connected: boolean): void {
    this.connected = connected;
    this._listeners.forEach(listener => {
      listener();
    });
  }

  get listeners(): number {
    return this._listeners.size;
  }
}

export function context(kernel: Kernel | null = null, bus = new Bus()): Context {
  return { kernel, bus };
}

export function host(): HTMLElement {
  const made = document.createElement('div');
  document.body.replaceChildren(made);
  return made;
}

/** What jsdom lacks. */
export function completeDom(): void {
  globalThis.ResizeObserver = class {
    observe(): void {
      // Nothing has a size here, so that no chart is drawn.
    }
    unobserve(): void {
      // likewise
    }
    disconnect(): void {
      // likewise
    }
  };
  Element.prototype.scrollIntoView = () => undefined;
}

/** The names of the rows, but for those of slices. */
export function names(where: ParentNode): string[] {
  where = where.querySelector('.zen-sections') ?? where;
  return [...where.querySelectorAll<HTMLElement>('.zen-row')].map(r => r.dataset.name ?? '');
}

/** After the answers of kernels, which are promises. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    await Promise.resolve();
  }
}

export function click(where: ParentNode, selector: string): void {
  const found = where.querySelector<HTMLElement>(selector);
  if (!found) {
    throw new Error(`nothing to click: ${selector}`);
  }
  found.click();
}
