/**
 * Evaluated in a JupyterLab page. Drives the application through its commands, as menus do, and describes what it
 * shows in a form in which two systems can be compared.
 */
(() => {
  const REFERENCE = 'application/vnd.jupyter-crdt-outputs.ref.v1+json';

  /** Elements that carry meaning in an output; all others are layout. */
  const TAGS = new Set(
    (
      'a audio button canvas code details dl dt em embed h1 h2 h3 h4 h5 h6 hr iframe img input li math mjx-container ' +
      'object ol p pre progress select strong summary svg table tbody td textarea th thead tr ul video'
    ).split(' ')
  );

  /** What this extension puts around an output, and what it lays over it on hovering, which is no part of it. */
  const FRAME = '.jp-CrdtOutput';
  const BADGE = '.jp-CrdtOutput-badge';

  let panel = null;
  let scrolled = false;

  const app = () => window.jupyterapp;
  const cells = () => panel.content.widgets;

  async function open(path) {
    scrolled = false;
    panel = await app().commands.execute('docmanager:open', { path, factory: 'Notebook' });
    await panel.context.ready;
    await panel.revealed;
    await panel.sessionContext.ready;
    await panel.sessionContext.session.kernel.info;
  }

  function close(shutDown) {
    if (shutDown) {
      // Not awaited: the next notebook has a kernel of its own.
      void app().serviceManager.sessions.shutdown(panel.sessionContext.session.id);
    }
    panel.dispose();
    panel = null;
  }

  /** Execute a command on the notebook, with one cell made active first unless `cell` is null. */
  function execute(command, cell) {
    app().shell.activateById(panel.id);
    if (cell !== null) {
      panel.content.deselectAll();
      panel.content.activeCellIndex = cell;
    }
    // Not awaited: the steps of a case go on while cells run.
    void Promise.resolve(app().commands.execute(command)).catch(() => undefined);
  }

  function restart() {
    return panel.sessionContext.restartKernel();
  }

  function edit(cell, source) {
    panel.content.model.sharedModel.cells[cell].setSource(source);
  }

  async function rename(path) {
    await panel.context.rename(path);
  }

  function shows(text) {
    return [...panel.content.node.querySelectorAll('.jp-OutputArea')].some(area =>
      area.textContent.includes(text)
    );
  }

  function notebook() {
    return panel.content.model.sharedModel.toJSON();
  }

  /** Whether anything runs or loads. Once every output was in view, none may wait to come into view. */
  function busy() {
    const view = panel.content.node;
    return (
      panel.content.model.sharedModel.cells.some(cell => cell.executionState === 'running') ||
      panel.sessionContext.session?.kernel?.status !== 'idle' ||
      view.querySelector('.jp-OutputArea-stdin-item') !== null ||
      [...view.querySelectorAll('.jp-OutputArea-output img')].some(image => !image.complete) ||
      view.querySelector(`${FRAME}[aria-busy="true"]`) !== null ||
      (scrolled && view.querySelector(`${FRAME}[data-state="waiting"]`) !== null)
    );
  }

  /** While it changes, the notebook has not settled. */
  function fingerprint() {
    const view = panel.content.node;
    const saved = JSON.stringify(notebook()).length;
    return `${saved} ${view.textContent.length} ${view.querySelectorAll('*').length}`;
  }

  async function sha256(url) {
    const answer = url ? await fetch(url).catch(() => null) : null;
    if (answer === null) {
      return 'nothing can be fetched';
    }
    const bytes = await answer.arrayBuffer();
    const digest = await crypto.subtle.digest('SHA-256', bytes);
    return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('');
  }

  async function image(node) {
    return {
      sha256: await sha256(node.getAttribute('src')),
      natural: [node.naturalWidth, node.naturalHeight],
      shown: [node.width, node.height]
    };
  }

  async function output(child) {
    const node = child.querySelector(`:scope > ${FRAME}, :scope > .jp-OutputArea-output`) ?? child;
    const view = node.cloneNode(true);
    view.querySelectorAll(BADGE).forEach(badge => badge.remove());
    // Style and script are no text that a reader sees; the names in a plot's style sheet are random.
    view.querySelectorAll('style, script, .mjx-assistive-mml').forEach(hidden => hidden.remove());
    const nodes = [node, ...node.querySelectorAll('[data-mime-type]')];
    return {
      prompt: child.querySelector('.jp-OutputArea-prompt')?.textContent ?? '',
      mimeTypes: nodes
        .map(each => each.dataset.mimeType)
        .filter(type => type && type !== REFERENCE),
      text: view.textContent.replace(/[ \t]+$/gm, '').trim(),
      tags: [view, ...view.querySelectorAll('*')]
        .map(each => each.localName)
        .filter(tag => TAGS.has(tag)),
      colours: [...view.querySelectorAll('[class*="ansi-"]')].map(
        each => `${each.className}: ${each.textContent}`
      ),
      links: [...view.querySelectorAll('a[href]')].map(each => each.getAttribute('href')),
      images: await Promise.all([...node.querySelectorAll('img')].map(image))
    };
  }

  async function cell(widget) {
    const described = {
      type: widget.model.type,
      source: widget.model.sharedModel.getSource(),
      prompt: widget.node.querySelector('.jp-InputPrompt')?.textContent ?? '',
      outputs: []
    };
    if (widget.outputArea) {
      for (const child of widget.outputArea.node.querySelectorAll(
        ':scope > .jp-OutputArea-child'
      )) {
        described.outputs.push(await output(child));
      }
    }
    return described;
  }

  /** Bring each output that may load lazily near the viewport once. Returns whether there was one. */
  async function scroll() {
    const lazy = panel.content.node.querySelectorAll(
      `${FRAME}, .jp-OutputArea-output img, .jp-OutputArea-output iframe`
    );
    for (const child of lazy) {
      child.scrollIntoView({ block: 'center' });
      await new Promise(resolve => requestAnimationFrame(resolve));
    }
    scrolled = true;
    return lazy.length > 0;
  }

  /**
   * What each cell shows. Left out on purpose: alternative texts of images, which only this extension sets; and what is
   * inside of frames, which is not for this page to read.
   */
  async function snapshot() {
    return Promise.all(cells().map(cell));
  }

  /**
   * Save through the room, as File > Save does behind its check of the file's hash; that check races with the server's
   * own saving and then asks the user.
   */
  async function save() {
    const options = {
      type: 'notebook',
      format: 'json',
      contentProviderId: panel.context.contentProviderId ?? 'rtc'
    };
    for (;;) {
      // The server never answers a save that another save overtook.
      const late = new Promise(resolve => setTimeout(resolve, 3000, false));
      const saved = app().serviceManager.contents.save(panel.context.localPath, options);
      const outcome = saved.then(
        () => true,
        () => false
      );
      if (await Promise.race([outcome, late])) {
        return;
      }
    }
  }

  window.crdtOutputsTest = {
    open,
    close,
    execute,
    restart,
    edit,
    rename,
    shows,
    document: notebook,
    busy,
    fingerprint,
    scroll,
    snapshot,
    save
  };
})();
