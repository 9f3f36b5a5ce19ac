/** Images that the browser loads by itself, in the same elements as JupyterLab's own. */
import { JSONExt, type ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import type { IPart } from './reference';

const RASTER_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp'];
const SVG_TYPE = 'image/svg+xml';

/** Whether an `<img>` can show this type. */
export function isImage(mimeType: string): boolean {
  return mimeType === SVG_TYPE || RASTER_TYPES.includes(mimeType);
}

/** Pixels of the page. */
export interface IBox {
  readonly width: number;
  readonly height: number;
}

/** The box that the image will fill when nothing confines it, or null when nobody knows before it is there. */
export function reservedBox(
  part: IPart,
  mimeType: string,
  metadata: ReadonlyPartialJSONObject
): IBox | null {
  const asked = mimeType === SVG_TYPE ? {} : sizeAsked(mimeType, metadata);
  const ratio = part.width && part.height ? part.width / part.height : null;
  const width = asked.width ?? (ratio && asked.height ? asked.height * ratio : part.width);
  const height = asked.height ?? (ratio && asked.width ? asked.width / ratio : part.height);
  return width && height ? { width, height } : null;
}

/** Load the image and resolve when it can be drawn at once; rejects when the browser cannot show it. */
export async function loadImage(url: string, signal: AbortSignal): Promise<HTMLImageElement> {
  const image = new Image();
  await new Promise<void>((resolve, reject) => {
    image.onload = () => {
      resolve();
    };
    image.onerror = () => {
      reject(new Error('The browser cannot show this image.'));
    };
    signal.addEventListener('abort', () => {
      image.removeAttribute('src');
      reject(new DOMException('No longer wanted', 'AbortError'));
    });
    image.src = url;
  });
  image.onload = image.onerror = null;
  return image;
}

export interface IImageViewOptions {
  image: HTMLImageElement;
  mimeType: string;
  /** The original output's. */
  metadata: ReadonlyPartialJSONObject;
  trusted: boolean;
  /** What a screen reader says in place of the image. */
  alternative: string;
}

/** A loaded image, dressed as JupyterLab's own renderers do. */
export class ImageView extends Widget {
  constructor(options: IImageViewOptions) {
    super();
    const { image, mimeType, metadata, trusted } = options;
    const own = ownMetadata(mimeType, metadata);
    const svg = mimeType === SVG_TYPE;
    this.addClass(svg ? 'jp-RenderedSVG' : 'jp-RenderedImage');
    this.toggleClass('jp-mod-trusted', trusted);
    this.node.dataset.mimeType = mimeType;
    image.alt = typeof own.alt === 'string' ? own.alt : options.alternative;
    if (svg) {
      this.toggleClass('jp-mod-unconfined', own.unconfined === true);
    } else {
      const background = metadata.needs_background;
      image.classList.toggle('jp-needs-light-background', background === 'light');
      image.classList.toggle('jp-needs-dark-background', background === 'dark');
      image.classList.toggle('jp-mod-unconfined', own.unconfined === true);
      setSize(image, sizeAsked(mimeType, metadata));
    }
    this.node.appendChild(image);
  }
}

function setSize(image: HTMLImageElement, size: Partial<IBox>): void {
  if (size.height !== undefined) {
    image.height = size.height;
  }
  if (size.width !== undefined) {
    image.width = size.width;
  }
}

function sizeAsked(mimeType: string, metadata: ReadonlyPartialJSONObject): Partial<IBox> {
  const { width, height } = ownMetadata(mimeType, metadata);
  return { width: pixels(width), height: pixels(height) };
}

function ownMetadata(
  mimeType: string,
  metadata: ReadonlyPartialJSONObject
): ReadonlyPartialJSONObject {
  const own = metadata[mimeType];
  return own !== undefined && JSONExt.isObject(own) ? own : {};
}

function pixels(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < 1e6 ? value : undefined;
}
