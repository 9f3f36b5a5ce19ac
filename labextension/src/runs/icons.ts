/** How runs look. */
import {
  checkIcon,
  errorIcon,
  keyboardIcon,
  refreshIcon,
  runningIcon,
  stopIcon,
  type LabIcon
} from '@jupyterlab/ui-components';

import { isUnfinished, type ICellRun } from './record';

/** What a mark says at one glance. */
export type Look = 'ok' | 'failed' | 'ended' | 'running' | 'asking' | 'stale';

export function lookOf({ execution, stale }: ICellRun): Look {
  if (isUnfinished(execution)) {
    return execution?.status === 'waiting-for-input' ? 'asking' : 'running';
  }
  if (stale) {
    return 'stale';
  }
  return execution?.status === 'ok' ? 'ok' : execution?.status === 'error' ? 'failed' : 'ended';
}

export const ICONS: Readonly<Record<Look, LabIcon>> = {
  ok: checkIcon,
  failed: errorIcon,
  ended: stopIcon,
  running: runningIcon,
  asking: keyboardIcon,
  stale: refreshIcon
};
