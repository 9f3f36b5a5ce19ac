import { fileLimit } from './file_limit_plugin';
import { notebookDownload } from './notebook_download';
import { overview } from './overview/plugin';
import { announcement, artifacts, cells, commands, notices, openings, renderer } from './plugins';
import { previousRuns } from './previous/plugin';
import { runs } from './runs/plugin';

export { IArtifactClient } from './artifacts';

export default [
  artifacts,
  renderer,
  announcement,
  cells,
  notices,
  openings,
  commands,
  overview,
  fileLimit,
  notebookDownload,
  runs,
  previousRuns
];
