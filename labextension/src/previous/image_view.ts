/** Two pictures in one place: in turn, with a curtain between them, or what differs. */
import type { TranslationBundle } from '@jupyterlab/translation';

import { make, makeChoices } from './elements';

const WAYS = ['blink', 'slider', 'difference'] as const;

export type Way = (typeof WAYS)[number];

/** Fewer than three flashes a second, so that nobody is harmed. */
const BLINK_MS = 700;

export interface IImageViewOptions {
  readonly before: string;
  readonly after: string;
  readonly names: readonly [string, string];
  readonly trans: TranslationBundle;
  readonly way: Way;
  /** Told when another way of looking is chosen. */
  readonly chosen: (way: Way) => void;
}

/** Stops by itself when it has left the page. */
export function makeImageComparison(options: IImageViewOptions): HTMLElement {
  const { trans, names } = options;
  const [before, after] = [makeImage(options.before, names[0]), makeImage(options.after, names[1])];
  const stage = make('div', 'jp-CrdtPrevious-stage', before, after);
  const caption = make('div', 'jp-CrdtPrevious-caption');
  const controls = make('div', 'jp-CrdtPrevious-controls');
  const view = make('div', 'jp-CrdtPrevious-images');
  let timer = 0;

  const showOne = (isAfter: boolean): void => {
    stage.dataset.shown = isAfter ? 'after' : 'before';
    caption.textContent = names[isAfter ? 1 : 0];
  };
  const stop = (): void => {
    window.clearInterval(timer);
    timer = 0;
  };
  const blink = (): void => {
    const button = make('button', 'jp-CrdtPrevious-button');
    button.type = 'button';
    const turn = (): void => {
      if (!view.isConnected) {
        stop();
        return;
      }
      showOne(stage.dataset.shown !== 'after');
    };
    const set = (runs: boolean): void => {
      stop();
      if (runs) {
        timer = window.setInterval(turn, BLINK_MS);
      }
      button.textContent = runs ? trans.__('Pause') : trans.__('Blink');
    };
    button.onclick = () => {
      set(timer === 0);
    };
    const swap = make('button', 'jp-CrdtPrevious-button', trans.__('Show the other'));
    swap.type = 'button';
    swap.onclick = () => {
      set(false);
      turn();
    };
    showOne(false);
    // Who asked the system for less movement starts it by hand.
    set(!window.matchMedia('(prefers-reduced-motion: reduce)').matches);
    controls.replaceChildren(button, swap);
  };
  const slide = (): void => {
    const slider = make('input', 'jp-CrdtPrevious-slider');
    slider.type = 'range';
    slider.max = '100';
    slider.value = '50';
    slider.setAttribute('aria-label', trans.__('How much is seen of each picture'));
    slider.oninput = () => {
      stage.style.setProperty('--jp-crdt-curtain', `${slider.value}%`);
    };
    slider.oninput(new Event('input'));
    caption.textContent = trans.__('Left: %1. Right: %2.', ...names);
    controls.replaceChildren(slider);
  };
  const subtract = (): void => {
    caption.textContent = trans.__('What is equal is black.');
    controls.replaceChildren();
  };
  const show = (way: Way): void => {
    stop();
    delete stage.dataset.shown;
    stage.dataset.way = way;
    ({ blink, slider: slide, difference: subtract })[way]();
  };

  const labels: Record<Way, string> = {
    blink: trans.__('Blink'),
    slider: trans.__('Slider'),
    difference: trans.__('Difference')
  };
  const choices = makeChoices(
    trans.__('How the pictures are compared'),
    WAYS.map(value => ({ value, label: labels[value] })),
    options.way,
    way => {
      show(way);
      options.chosen(way);
    }
  );
  view.append(make('div', 'jp-CrdtPrevious-bar', choices, controls), stage, caption);
  show(options.way);
  return view;
}

function makeImage(url: string, name: string): HTMLImageElement {
  const image = make('img');
  image.src = url;
  image.alt = name;
  return image;
}
