/** What all panels have around their content: title, actions, and what the kernel has said. */

import type { Context, Draw, Handle } from '../context';
import { button, el, fresh, keepFocus, replace } from '../dom';
import type { Payload } from '../payloads';
import type { Answer, Request, Subject } from '../protocol';
import { MovedBadge } from './moved';

const BUSY_AFTER_MS = 600;

/** What the content of a panel may use. */
export interface Frame {
  readonly context: Context;
  readonly subject: Subject;
  /** Buttons of the whole panel, beside the title. */
  readonly actions: HTMLElement;
  /** Where the content goes. */
  readonly body: HTMLElement;
  /** Ask the kernel. What goes wrong is shown, and null is returned. */
  ask(request: Request, asking?: string): Promise<Answer | null>;
  /** Say something that changes nothing else. */
  say(text: string): void;
  /** Show another payload of the same kind. */
  show(payload: Payload): void;
  /** Show more of the same panel than is stored. */
  extend(payload: Payload): void;
  /** Show an element only while a kernel is connected. */
  withKernel(element: HTMLElement): void;
  /** Call when the panel goes away, or its content is replaced. */
  onDispose(action: () => void): void;
}

export interface Content<P extends Payload> {
  title(payload: P): string;
  subject(payload: P): Subject;
  draw(frame: Frame, payload: P): void;
}

/** A part of a panel that is drawn again while the rest stays. */
export interface Part {
  /** That of the panel; but what is to be disposed goes with the part. */
  readonly frame: Frame;
  /** Call before the part is drawn again. */
  end(): void;
}

/** Make a part, which ends with the panel as well. */
export function partOf(frame: Frame): Part {
  const ends: (() => void)[] = [];
  const end = () => {
    for (const action of ends.splice(0)) {
      action();
    }
  };
  frame.onDispose(end);
  const onDispose = (action: () => void) => {
    ends.push(action);
  };
  return {
    end,
    frame: {
      ...{ context: frame.context, subject: frame.subject },
      ...{ actions: frame.actions, body: frame.body },
      ask: (request, asking) => frame.ask(request, asking),
      say: text => {
        frame.say(text);
      },
      show: payload => {
        frame.show(payload);
      },
      extend: payload => {
        frame.extend(payload);
      },
      withKernel: element => {
        withKernel(frame.context, element, onDispose);
      },
      onDispose
    }
  };
}

function withKernel(
  { kernel }: Context,
  element: HTMLElement,
  onDispose: (action: () => void) => void
): void {
  const show = () => {
    element.hidden = kernel?.connected !== true;
  };
  show();
  if (kernel !== null) {
    onDispose(kernel.watch(show));
  }
}

/** Make the `draw` of a panel's module. */
export function framed<P extends Payload>(content: Content<P>): Draw<P> {
  return (host, payload, context) => new FramedPanel(host, payload, context, content);
}

class FramedPanel<P extends Payload> implements Handle, Frame {
  readonly context: Context;
  readonly actions = el('div', { class: 'zen-actions' });
  readonly body = el('div', { class: 'zen-body' });
  subject: Subject;
  private readonly _content: Content<P>;
  private readonly _title = el('h3', { class: 'zen-title', id: fresh('title') });
  private readonly _about = el('div', { class: 'zen-about', role: 'status' });
  private readonly _said = el('div', { class: 'zen-said', role: 'status' });
  private readonly _moved: MovedBadge;
  private _disposers: (() => void)[] = [];
  private _disposed = false;
  private _note = '';
  private _unwatch: () => void = () => undefined;

  constructor(host: HTMLElement, payload: P, context: Context, content: Content<P>) {
    this.context = context;
    this._content = content;
    this.subject = content.subject(payload);
    this._moved = new MovedBadge(context);
    host.replaceChildren(
      el(
        'section',
        {
          class: `zen-panel zen-${payload.panel}`,
          'aria-labelledby': this._title.id,
          'data-panel': payload.panel
        },
        el('header', { class: 'zen-header' }, this._title, this.actions),
        this._said,
        this._moved.node,
        this._about,
        this.body
      )
    );
    try {
      this._show(payload);
    } catch (error) {
      this.dispose(); // nobody else can: it was not made
      throw error;
    }
    const { kernel } = context;
    if (kernel !== null) {
      this._unwatch = kernel.watch(() => {
        this._tellAbout(kernel.note ?? '');
      });
      this._tellAbout(kernel.note ?? '');
    }
  }

  async ask(request: Request, asking = 'Asking the kernel …'): Promise<Answer | null> {
    const { kernel } = this.context;
    if (kernel === null) {
      return null;
    }
    this.say(asking);
    const timer = setTimeout(() => {
      if (kernel.busy) {
        this.say(
          'The kernel runs a cell. It answers meanwhile if its ipykernel can, else after it.'
        );
      }
    }, BUSY_AFTER_MS);
    try {
      const answer = await kernel.ask(request);
      if (this._disposed) {
        return null;
      }
      if (answer.type === 'failure') {
        this._fail(answer.message, answer.where ?? '', answer.hint ?? '');
        return null;
      }
      this.say('');
      return answer;
    } catch (error) {
      this._fail(error instanceof Error ? error.message : String(error), '', '');
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  say(text: string): void {
    replace(this._said, text ? el('p', { class: 'zen-note' }, text) : null);
  }

  show(payload: Payload): void {
    if (payload.panel === this.subject.panel) {
      this._show(payload as P);
    }
  }

  extend(payload: Payload): void {
    if (payload.panel === this.subject.panel) {
      this._draw(payload as P);
    }
  }

  withKernel(element: HTMLElement): void {
    withKernel(this.context, element, action => {
      this.onDispose(action);
    });
  }

  onDispose(action: () => void): void {
    this._disposers.push(action);
  }

  dispose(): void {
    this._disposed = true;
    this._moved.dispose();
    this._unwatch();
    this._empty();
  }

  /** What is said already would be read aloud again, whenever a cell runs. */
  private _tellAbout(note: string): void {
    if (note !== this._note) {
      this._note = note;
      replace(this._about, note ? el('p', { class: 'zen-note' }, note) : null);
    }
  }

  private _show(payload: P): void {
    this._draw(payload);
    this._moved.show(this.subject, payload);
  }

  private _draw(payload: P): void {
    keepFocus(this.actions, () => {
      this._redraw(payload);
    });
  }

  private _redraw(payload: P): void {
    this._empty();
    this.subject = this._content.subject(payload);
    replace(this._title, this._content.title(payload));
    const refresh = button('Refresh', () => void this._refresh(), {
      'data-action': 'refresh',
      title: 'Ask the kernel for this panel as it is now'
    });
    this.withKernel(refresh);
    this.actions.replaceChildren(refresh);
    this.body.replaceChildren();
    this._content.draw(this, payload);
  }

  private async _refresh(): Promise<void> {
    const answer = await this.ask({ type: 'refresh', subject: this.subject });
    if (answer?.type === 'refreshed' && answer.payload.panel === this.subject.panel) {
      this._show(answer.payload as P);
      this.say('As it is now. The notebook keeps what it had: run the cell to store this.');
    }
  }

  private _fail(message: string, where: string, hint: string): void {
    replace(
      this._said,
      el(
        'div',
        { class: 'zen-failure', role: 'alert' },
        el('p', {}, el('span', { class: 'zen-mark', 'aria-hidden': 'true' }, '✕ '), message),
        where && el('p', { class: 'zen-dim' }, where),
        hint && el('p', {}, `Next: ${hint}`)
      )
    );
  }

  private _empty(): void {
    for (const dispose of this._disposers) {
      dispose();
    }
    this._disposers = [];
  }
}
