/** Tells when an element comes near the visible part of the page, or is in it. */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

/** A margin around scrollers inside of the page; without it a notebook's own scroller would clip the other one. */
interface IScrollMargin {
  scrollMargin: string;
}

export class Visibility {
  /** Call back once, as soon as the element is shown at most `marginPx` pixels away from what is visible. */
  whenNear(element: Element, marginPx: number, callback: () => void): IDisposable {
    if (typeof IntersectionObserver === 'undefined') {
      callback();
      return new DisposableDelegate(() => undefined);
    }
    const observer = this._observer(marginPx);
    this._callbacks.set(element, callback);
    observer.observe(element);
    return new DisposableDelegate(() => {
      this._callbacks.delete(element);
      observer.unobserve(element);
    });
  }

  /** Tell whether any of the element can be seen, now and whenever that changes, until disposed of. */
  watch(element: Element, callback: (isVisible: boolean) => void): IDisposable {
    if (typeof IntersectionObserver === 'undefined') {
      callback(true);
      return new DisposableDelegate(() => undefined);
    }
    const observer = new IntersectionObserver(entries => {
      callback(entries.at(-1)?.isIntersecting ?? false);
    });
    observer.observe(element);
    return new DisposableDelegate(() => {
      observer.disconnect();
    });
  }

  /** One observer for a whole page of outputs. */
  private _observer(marginPx: number): IntersectionObserver {
    let observer = this._observers.get(marginPx);
    if (!observer) {
      const margin = `${marginPx}px`;
      const options: IntersectionObserverInit & IScrollMargin = {
        rootMargin: margin,
        scrollMargin: margin
      };
      observer = new IntersectionObserver((entries, sender) => {
        this._onIntersection(entries, sender);
      }, options);
      this._observers.set(marginPx, observer);
    }
    return observer;
  }

  private _onIntersection(
    entries: readonly IntersectionObserverEntry[],
    observer: IntersectionObserver
  ): void {
    for (const { isIntersecting, target } of entries) {
      const callback = this._callbacks.get(target);
      if (isIntersecting && callback) {
        this._callbacks.delete(target);
        observer.unobserve(target);
        callback();
      }
    }
  }

  private readonly _observers = new Map<number, IntersectionObserver>();
  private readonly _callbacks = new Map<Element, () => void>();
}
