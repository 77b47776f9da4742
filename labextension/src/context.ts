/** What a panel gets from whoever shows it, and what it gives back. */

import type { Bundle } from './bundle';
import type { Answer, Request } from './protocol';

/** The kernel, as far as a panel knows it. */
export interface Kernel {
  /** Whether there is one that could answer. */
  readonly connected: boolean;
  /** Whether it runs a cell now. */
  readonly busy: boolean;
  /** Whether it has answered since it was started, so that it has zenlab. */
  readonly ready: boolean;
  /** What there is to know of its zenlab, such as that it is newer than this; or nothing. */
  readonly note?: string;
  /** Ask; a `Failure` is an answer, too. Rejected if the kernel goes away. */
  ask(request: Request): Promise<Answer>;
  /** Be told when `connected`, `busy` or `ready` may have changed; returns how to stop that. */
  watch(listener: () => void): () => void;
}

/** A wish to see a feature, from one panel to the others of its notebook. */
export interface FeatureWish {
  readonly feature: string;
  /** Of the panel that asks, which is that of the statistics of the same pipeline. */
  readonly title: string;
  /** Whether the title has to be the same. */
  readonly exact: boolean;
}

/** Between the panels of one notebook. */
export class Bus {
  private readonly _listeners = new Set<(wish: FeatureWish) => boolean>();
  private readonly _onRun = new Set<() => void>();

  /** Hear of wishes; the listener says whether it has granted one. Returns how to stop. */
  onFeature(listener: (wish: FeatureWish) => boolean): () => void {
    this._listeners.add(listener);
    return () => {
      this._listeners.delete(listener);
    };
  }

  /** Hear that a run of this notebook has ended. Returns how to stop. */
  onRun(listener: () => void): () => void {
    this._onRun.add(listener);
    return () => {
      this._onRun.delete(listener);
    };
  }

  /** Say that a run of this notebook has ended. */
  ran(): void {
    for (const listener of [...this._onRun]) {
      listener();
    }
  }

  /** Open a feature in the panel of the same title, else in any that has it. */
  openFeature(feature: string, title: string): boolean {
    const listeners = [...this._listeners].reverse(); // the latest panel is the nearest one
    return [true, false].some(exact => listeners.some(l => l({ feature, title, exact })));
  }
}

export interface Context {
  /** Null where no kernel can be asked: outside of a notebook. */
  readonly kernel: Kernel | null;
  readonly bus: Bus;
  /**
   * Put another bundle into the place of this output in the notebook, and whether that is done.
   * Absent where an output cannot be changed. The panel that asks stays as it is.
   */
  readonly keep?: (bundle: Bundle) => boolean;
}

/** A panel that has been drawn. */
export interface Handle {
  /** Let go of what the page does not own: listeners, charts. */
  dispose(): void;
}

/** What a module of `panels/` exports: draw a payload into an empty element. */
export type Draw<P> = (host: HTMLElement, payload: P, context: Context) => Handle;
