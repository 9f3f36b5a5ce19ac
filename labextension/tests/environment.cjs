// jsdom, with what browsers have of the network and of text, which Node has as well.
const { TestEnvironment } = require('jest-environment-jsdom');

module.exports = class BrowserEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    Object.assign(this.global, {
      AbortController,
      AbortSignal,
      DOMException,
      Headers,
      Request,
      Response,
      TextDecoder,
      TextEncoder,
      fetch
    });
  }
};
