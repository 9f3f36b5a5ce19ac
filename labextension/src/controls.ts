/** Buttons of a viewer's toolbars. */
import type { LabIcon } from '@jupyterlab/ui-components';

export interface IControlOptions {
  readonly icon: LabIcon;
  /** What it does, for tips and assistive technology. */
  readonly label: string;
  readonly run: () => void;
}

export function makeControl({ icon, label, run }: IControlOptions): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'jp-CrdtLog-control';
  button.append(icon.element({ tag: 'span' }));
  setLabel(button, label);
  button.onclick = run;
  return button;
}

/** Something that is on or off; it changes when it is pressed, before *run* is called. */
export function makeSwitch(options: IControlOptions): HTMLButtonElement {
  const run = (): void => {
    setPressed(button, !isPressed(button));
    options.run();
  };
  const button = makeControl({ ...options, run });
  setPressed(button, false);
  return button;
}

export function setLabel(button: HTMLElement, label: string): void {
  button.title = label;
  button.setAttribute('aria-label', label);
}

export function isPressed(button: HTMLElement): boolean {
  return button.getAttribute('aria-pressed') === 'true';
}

export function setPressed(button: HTMLElement, isPressed: boolean): void {
  button.setAttribute('aria-pressed', String(isPressed));
}
