// What jsdom lacks of a browser, as far as importing JupyterLab takes it.
class Observer {
  observe(): void {
    // There is no layout to observe.
  }
  unobserve(): void {
    // See above.
  }
  disconnect(): void {
    // See above.
  }
}

Object.assign(globalThis, {
  DragEvent: class extends Event {},
  matchMedia: () => ({
    matches: false,
    addEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined
  }),
  ResizeObserver: Observer
});

Object.assign(navigator, { clipboard: {} });
