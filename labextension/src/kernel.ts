/** The browser's end of the line to `zenlab/notebook/comm.py`: a comm, opened when first needed. */

import type { Kernel as JupyterKernel, Session } from '@jupyterlab/services';

import type { Kernel } from './context';
import { VERSION } from './payloads';
import { TARGET } from './protocol';
import type { Answer, Question, Reply, Request } from './protocol';

interface Signal {
  connect(slot: () => void): boolean;
}

/** What is used of JupyterLab's `ISessionContext`. */
export interface SessionContext {
  readonly session: Session.ISessionConnection | null;
  readonly kernelChanged: Signal;
  readonly statusChanged: Signal;
  readonly connectionStatusChanged: Signal;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

const SUBSHELL_MS = 2_000; // then without one

const GONE = new Set<JupyterKernel.Status>(['dead', 'restarting', 'autorestarting', 'terminating']);

/** The kernel of one notebook. */
export class NotebookKernel implements Kernel {
  private readonly _context: SessionContext;
  private readonly _listeners = new Set<() => void>();
  private readonly _waiting = new Map<number, Waiting>();
  private _comm: JupyterKernel.IComm | null = null;
  private _kernel: JupyterKernel.IKernelConnection | null = null;
  private _opened: Promise<void> = Promise.resolve();
  private _last = 0;
  private _ready = false;
  private _note = '';

  constructor(context: SessionContext) {
    this._context = context;
    const changed = () => {
      this._changed();
    };
    context.kernelChanged.connect(changed);
    context.statusChanged.connect(changed);
    context.connectionStatusChanged.connect(changed);
  }

  get connected(): boolean {
    const kernel = this._current();
    return kernel?.connectionStatus === 'connected' && !GONE.has(kernel.status);
  }

  get busy(): boolean {
    return this._current()?.status === 'busy';
  }

  get ready(): boolean {
    return this._ready && this.connected;
  }

  get note(): string {
    return this._note;
  }

  watch(listener: () => void): () => void {
    this._listeners.add(listener);
    return () => {
      this._listeners.delete(listener);
    };
  }

  ask(request: Request): Promise<Answer> {
    const comm = this._open();
    if (comm === null) {
      return Promise.reject(new Error('There is no kernel: start one, and run the notebook.'));
    }
    const id = ++this._last;
    return new Promise<Answer>((resolve, reject) => {
      this._waiting.set(id, { resolve, reject });
      this._opened
        .then(() => {
          if (!this._waiting.has(id)) {
            return; // the kernel has gone meanwhile
          }
          const question: Question = { id, request };
          comm.send(JSON.parse(JSON.stringify(question)) as Parameters<typeof comm.send>[0]);
        })
        .catch((error: unknown) => {
          this._waiting.delete(id); // it was not sent: no answer comes
          if (this._comm === comm) {
            this._comm = null; // another one may do
          }
          reject(error instanceof Error ? error : new Error(String(error)));
        });
    });
  }

  private _current(): JupyterKernel.IKernelConnection | null {
    return this._context.session?.kernel ?? null;
  }

  private _open(): JupyterKernel.IComm | null {
    const kernel = this._current();
    if (kernel === null || !this.connected) {
      return null;
    }
    if (this._comm !== null && this._kernel === kernel && !this._comm.isDisposed) {
      return this._comm;
    }
    const comm = kernel.createComm(TARGET);
    comm.onMsg = message => {
      const reply = message.content.data as unknown as Reply;
      this._waiting.get(reply.id)?.resolve(reply.answer);
      this._waiting.delete(reply.id);
      if (!this._ready) {
        this._ready = true;
        this._tell();
      }
    };
    comm.onClose = () => {
      if (this._comm === comm) {
        this._drop('This kernel has not loaded zenlab: run the cell with %load_ext zenlab.');
      }
    };
    this._comm = comm;
    this._kernel = kernel;
    this._opened = subshell(kernel, comm).then(() => {
      if (this._comm === comm && !comm.isDisposed) {
        comm.open();
        void this._greet();
      }
    });
    return comm;
  }

  /** Whether both ends speak of the same panels: they are installed in two environments. */
  private async _greet(): Promise<void> {
    const answer = await this.ask({ type: 'hello' }).catch(() => null);
    if (answer?.type === 'welcome' && answer.payloads !== VERSION) {
      this._note =
        `The kernel has zenlab ${answer.zenlab}, and JupyterLab's extension is of another version: ` +
        'some of this may not work. Install the same zenlab in both environments.';
      this._tell();
    }
  }

  private _changed(): void {
    if (this._comm !== null && (this._kernel !== this._current() || !this._alive())) {
      this._drop('The kernel was restarted or has ended before it could answer.');
    }
    this._tell();
  }

  private _tell(): void {
    for (const listener of [...this._listeners]) {
      listener();
    }
  }

  private _alive(): boolean {
    const kernel = this._current();
    return kernel !== null && !GONE.has(kernel.status);
  }

  private _drop(reason: string): void {
    this._comm = null;
    this._kernel = null;
    this._ready = false;
    this._note = '';
    for (const waiting of this._waiting.values()) {
      waiting.reject(new Error(reason));
    }
    this._waiting.clear();
  }
}

/**
 * Wait until the comm has a thread of the kernel to itself, where JupyterLab (4.4) and ipykernel (7)
 * have that: what is sent before waits for the cell that runs.
 */
async function subshell(
  kernel: JupyterKernel.IKernelConnection,
  comm: JupyterKernel.IComm
): Promise<void> {
  // Neither is there in JupyterLab 4.2, whatever the types say.
  const { supportsSubshells } = kernel as { supportsSubshells?: boolean };
  const { commsOverSubshells, subshellStarted } = comm as {
    commsOverSubshells?: string;
    subshellStarted?: Promise<unknown>;
  };
  if (supportsSubshells === true && commsOverSubshells !== 'disabled' && subshellStarted) {
    const late = new Promise(resolve => setTimeout(resolve, SUBSHELL_MS));
    await Promise.race([subshellStarted.catch(() => undefined), late]); // or there is none
  }
}
