import { overview } from './overview/plugin';
import { announcement, artifacts, commands, notices, openings, renderer } from './plugins';

export { IArtifactClient } from './artifacts';

export default [artifacts, renderer, announcement, notices, openings, commands, overview];
