/** A notebook with all its outputs, as a file. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/**
 * Let the browser save a notebook's file with the originals of all its references.
 *
 * The browser fetches it by itself, since it may be of any size; so the server is asked first whether it can be had.
 *
 * @param path Relative to the server's root.
 * @throws An error with the server's words, which name the cells whose outputs cannot be had.
 */
export async function downloadComplete(
  path: string,
  settings: ServerConnection.ISettings
): Promise<void> {
  const url = URLExt.join(settings.baseUrl, 'api/crdt-outputs/notebooks', URLExt.encodeParts(path));
  const response = await ServerConnection.makeRequest(`${url}?check=1`, {}, settings);
  if (!response.ok) {
    throw await ServerConnection.ResponseError.create(response);
  }
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
