/** Outputs as files and on the clipboard. */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { IArtifactClient } from './artifacts';
import { loadSegments } from './content';
import { shortDigest } from './format';
import type { IPlan } from './plan';
import type { IPart, StreamId } from './reference';
import type { IStreamClient } from './streams';

/** What a browser can put on the clipboard as it is. */
const CLIPBOARD_IMAGE_TYPE = 'image/png';

/** What an output refers to, and which of it is meant. */
type Saved = Pick<IPlan, 'reference' | 'mimeType'>;

/** Let the browser save what is shown as a file: as the kernel sent it, byte for byte. */
export async function saveOutput(
  plan: Saved,
  client: IArtifactClient,
  streams: IStreamClient,
  registry: DocumentRegistry
): Promise<void> {
  const { reference } = plan;
  if (reference.kind === 'long-stream') {
    saveStream(reference.id, streams);
    return;
  }
  if (reference.kind === 'stream') {
    const [first] = reference.segments;
    const bytes = await loadSegments(client, reference.segments, {});
    const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type: 'text/plain' }));
    saveUrl(url, first ? fileName(first, 'text/plain', registry) : 'output.txt');
    URL.revokeObjectURL(url);
    return;
  }
  const [mimeType, part] = artifactOf(plan);
  saveUrl(client.url(part.digest, mimeType, true), fileName(part, mimeType, registry));
}

/** Let the browser save the text of a long stream, as much as there is of it now. */
export function saveStream(id: StreamId, streams: IStreamClient): void {
  saveUrl(streams.url(id), `output-${shortDigest(id)}.txt`);
}

/** Copy a shown image as pixels, which other programs can paste; a link to it would be of use to nobody else. */
export async function copyImage(image: HTMLImageElement): Promise<void> {
  // Given as a promise, since some browsers only allow this in the very moment of the user's action.
  await navigator.clipboard.write([new ClipboardItem({ [CLIPBOARD_IMAGE_TYPE]: toPng(image) })]);
}

/** What is shown, or else the largest of what is stored. */
function artifactOf(plan: Saved): [string, IPart] {
  const { reference } = plan;
  if (reference.kind === 'error') {
    return ['application/json', reference.part];
  }
  const parts = reference.kind === 'bundle' ? [...reference.parts] : [];
  const [largest] = parts.sort(([, one], [, other]) => other.size - one.size);
  const shown = parts.find(([mimeType]) => mimeType === plan.mimeType) ?? largest;
  if (!shown) {
    throw new Error('nothing is stored');
  }
  return shown;
}

async function toPng(image: HTMLImageElement): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth || image.width;
  canvas.height = image.naturalHeight || image.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => {
      if (blob) {
        resolve(blob);
      } else {
        reject(new Error('the browser cannot draw this image'));
      }
    }, CLIPBOARD_IMAGE_TYPE);
  });
}

function fileName(part: IPart, mimeType: string, registry: DocumentRegistry): string {
  return `output-${shortDigest(part.digest)}${extensionOf(mimeType, registry)}`;
}

function extensionOf(mimeType: string, registry: DocumentRegistry): string {
  for (const type of registry.fileTypes()) {
    const [extension] = type.extensions;
    if (extension && type.mimeTypes.includes(mimeType)) {
      return extension;
    }
  }
  return mimeType.endsWith('json') ? '.json' : mimeType.startsWith('text/') ? '.txt' : '';
}

function saveUrl(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
