/** A widget's line to `zenlab/notebook/widget.py`: custom messages, answered as those of the comm. */

import type { Kernel } from '../context';
import type { Answer, Question, Reply, Request } from '../protocol';

type Listener = (...heard: never[]) => void;

/** What is used of the model that anywidget gives. */
export interface Model {
  get(name: string): unknown;
  send(content: object): void;
  on(name: string, listener: Listener): void;
  off(name: string, listener: Listener): void;
  readonly widget_manager: Manager;
}

/** Of JupyterLab's manager more is known: it does not tell a model that its kernel was shut down. */
interface Manager {
  get_model(id: string): Promise<unknown>;
  readonly kernel?: { readonly status?: string } | null;
  readonly context?: { readonly sessionContext?: { readonly kernelChanged?: Signal } };
}

interface Signal {
  connect(slot: () => void): unknown;
  disconnect(slot: () => void): unknown;
}

/** From the kernel: an answer, or code that was asked for, as the first buffer. */
interface Heard {
  readonly reply?: Reply;
  readonly code?: string;
}

interface Waiting {
  readonly resolve: (found: never) => void;
  readonly reject: (reason: Error) => void;
}

const GONE = 'The kernel that has made this panel is gone: run the cell again.';

// All pages that show a notebook hear all answers, so that no two may count alike.
const APART = 2 ** 20;
let last = Math.floor(Math.random() * 2 ** 32) * APART;

/** The kernel of one widget. It has made the widget, so that it has zenlab. */
export class WidgetKernel implements Kernel {
  private readonly _model: Model;
  private readonly _live: () => boolean;
  private readonly _listeners = new Set<() => void>();
  private readonly _waiting = new Map<number | string, Waiting>();
  private _closed = false;

  private constructor(model: Model, live: () => boolean) {
    this._model = model;
    this._live = live;
    model.on('msg:custom', this._heard);
    model.on('comm_live_update', this._changed);
    model.on('destroy', this._destroyed);
    this._kernelChanged?.connect(this._changed);
  }

  /** The line of a model, whose own object says whether its comm is alive. */
  static async of(model: Model): Promise<WidgetKernel> {
    const id = model.get('_id');
    const whole = (await model.widget_manager.get_model(String(id))) as { comm_live?: boolean };
    return new WidgetKernel(model, () => whole.comm_live !== false);
  }

  get connected(): boolean {
    return !this._closed && this._live() && this._model.widget_manager.kernel !== null;
  }

  get busy(): boolean {
    return this._model.widget_manager.kernel?.status === 'busy';
  }

  get ready(): boolean {
    return this.connected;
  }

  watch(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => {
      this._listeners.delete(listener);
    };
  }

  ask(request: Request): Promise<Answer> {
    const question: Question = { id: ++last, request };
    return this._send(question.id, { question });
  }

  /** Ask for a file of the package; its text comes as bytes. */
  code(name: string): Promise<DataView<ArrayBuffer>> {
    return this._send(name, { code: name });
  }

  dispose(): void {
    this._model.off('msg:custom', this._heard);
    this._model.off('comm_live_update', this._changed);
    this._model.off('destroy', this._destroyed);
    this._kernelChanged?.disconnect(this._changed);
    this._closed = true; // nobody would hear an answer
    this._drop();
  }

  private get _kernelChanged(): Signal | undefined {
    return this._model.widget_manager.context?.sessionContext?.kernelChanged;
  }

  private _send<T>(key: number | string, content: object): Promise<T> {
    if (!this.connected) {
      return Promise.reject(new Error(GONE));
    }
    return new Promise<T>((resolve, reject) => {
      this._waiting.set(key, { resolve, reject });
      this._model.send(content);
    });
  }

  private readonly _heard = ({ reply, code }: Heard, buffers?: readonly DataView[]): void => {
    const key = reply?.id ?? code;
    if (key !== undefined) {
      this._waiting.get(key)?.resolve((reply?.answer ?? buffers?.[0]) as never);
      this._waiting.delete(key);
    }
  };

  private readonly _destroyed = (): void => {
    this._closed = true;
    this._changed();
  };

  private readonly _changed = (): void => {
    if (!this.connected) {
      this._drop();
    }
    for (const listener of [...this._listeners]) {
      listener();
    }
  };

  private _drop(): void {
    for (const waiting of this._waiting.values()) {
      waiting.reject(new Error(GONE));
    }
    this._waiting.clear();
  }
}
