/** How an output comes into its frame: on its way, shown, held back for its size, or with what went wrong. */
import type { IDisposable } from '@lumino/disposable';

import { ArtifactError } from './artifacts';
import type { IView, IViewContext } from './delegate';
import { formatSize } from './format';
import type { OutputFrame } from './frame';
import { faultNotice, largeNotice } from './notice';
import type { IPlan } from './plan';
import { previewOf } from './preview';
import type { Digest } from './reference';
import type { Retries } from './retries';
import type { Settings } from './settings';
import { excerptOf, isTooLarge, isTooLargeForATable } from './unasked';
import { viewOf } from './views';

export interface IShowingContext extends IViewContext {
  readonly settings: Settings;
  /** Outputs that the user asked to see all of, by {@link IPlan.key}. */
  readonly asked: Set<Digest>;
  /** Outputs that are missing from the store: pressing Retry on one of them tries all again. */
  readonly missing: Retries;
  /** Hands the output to the user as a file. */
  readonly download: () => void;
}

/** What there is to show does not change; when it does, this is stopped, and another one begins. */
export class Showing {
  constructor(
    private readonly _frame: OutputFrame,
    private readonly _plan: IPlan | null,
    private readonly _context: IShowingContext
  ) {}

  /** The output's type, and its size if that is known. */
  get what(): string {
    const { label = '', size = 0 } = this._plan ?? {};
    const name = label.slice(0, 60);
    return size > 0 ? `${name}, ${formatSize(size, this._context.locale)}` : name;
  }

  /** What is seen before anything is fetched. */
  preview(): void {
    this.show(previewOf(this._plan, this._context));
    this._frame.setState(this._plan ? 'waiting' : 'text');
  }

  /** Fetch and show the output; only a part of a very large one, unless it was asked for. */
  start(): void {
    this.stop();
    if (this._plan) {
      const { signal } = (this._attempt = new AbortController());
      this._frame.setState('loading');
      const done = this._showMuch(this._plan, signal);
      // A page that is scrolled to its end would scroll back when it grows shorter.
      this._frame.holdHeight(done);
      this._frame.setNotice(null);
    }
  }

  stop(): void {
    this._missing?.dispose();
    this._attempt?.abort();
  }

  show(view: IView): void {
    this._frame.holdHeight(view.rendered);
    this._frame.setMain(view.widget);
    view.rendered.catch((error: unknown) => {
      if (view.widget === this._frame.main) {
        this.fail(error);
      }
    });
  }

  /** Tell what went wrong, and when the next try is if there is one. */
  fail(error: unknown, retryMs: number | null = null): void {
    const { missing } = this._context;
    let retry = (): void => {
      this.start();
    };
    if (retryMs === null) {
      this._frame.setState('failed');
      if (error instanceof ArtifactError && error.fault === 'missing') {
        this._missing?.dispose();
        this._missing = missing.add(retry);
        retry = () => {
          missing.run();
        };
      }
    }
    this._frame.setNotice(faultNotice(error, this.what, retryMs, retry, this._context.trans));
  }

  private _showMuch(plan: IPlan, signal: AbortSignal): Promise<void> {
    const { asked, rendermime, settings } = this._context;
    if (plan.key === null || !asked.has(plan.key)) {
      if (isTooLarge(plan, settings.current, rendermime)) {
        return this._showSome(plan, signal, false);
      }
      if (isTooLargeForATable(plan, settings.current)) {
        return this._showSome(plan, signal, true);
      }
    }
    return this._showAll(plan, signal);
  }

  private async _showAll(plan: IPlan, signal: AbortSignal): Promise<void> {
    const onRetry = (error: Error, delayMs: number): void => {
      this.fail(error, delayMs);
    };
    try {
      const view = await viewOf(plan, this._context, { signal, onRetry });
      if (signal.aborted) {
        view.widget.dispose();
        return;
      }
      this._frame.setNotice(null);
      this._frame.setState('shown');
      this.show(view);
    } catch (error) {
      if (!signal.aborted) {
        this.fail(error);
      }
    }
  }

  /** Show the beginning; or all, if only a table is too large and this is none. */
  private async _showSome(plan: IPlan, signal: AbortSignal, onlyRows: boolean): Promise<void> {
    const onRetry = (error: Error, delayMs: number): void => {
      if (onlyRows) {
        this.fail(error, delayMs);
      } else {
        this._hold(plan, 0);
      }
    };
    // What is wrong with it is told to those who want to see all of it.
    const options = { signal, onRetry };
    const excerpt = await excerptOf(plan, this._context, options, onlyRows).catch(() => null);
    if (signal.aborted) {
      excerpt?.view.widget.dispose();
      return;
    }
    if (excerpt) {
      this.show(excerpt.view);
    } else if (onlyRows) {
      return this._showAll(plan, signal);
    }
    this._hold(plan, excerpt?.rows ?? 0);
  }

  private _hold(plan: IPlan, rows: number): void {
    const { asked, download, locale, trans } = this._context;
    const told =
      rows > 0
        ? trans._n(
            'First %1 row of a table of %2.',
            'First %1 rows of a table of %2.',
            rows,
            formatSize(plan.size, locale)
          )
        : trans.__('Only a preview of this output (%1) is shown.', this.what);
    const onShow = (): void => {
      if (plan.key) {
        asked.add(plan.key);
      }
      this.start();
    };
    this._frame.setState('held');
    this._frame.setNotice(largeNotice(told, onShow, download, trans));
  }

  private _attempt: AbortController | null = null;
  private _missing: IDisposable | null = null;
}
