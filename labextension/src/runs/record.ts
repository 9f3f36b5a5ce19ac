/** What the server tells of executions, and of whether what they put out is still true; checked on arrival. */

export const EXECUTION_SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_outputs/execution/v1';
export const PROMPT_SCHEMA = 'https://schema.jupyter.org/jupyter_crdt_outputs/prompt/v1';

const STATUSES = [
  'queued',
  'running',
  'waiting-for-input',
  'ok',
  'error',
  'aborted',
  'cancelled',
  'timeout',
  'interrupted'
] as const;

export type Status = (typeof STATUSES)[number];

const UNFINISHED: readonly Status[] = ['queued', 'running', 'waiting-for-input'];

const STALE = ['edited', 'restarted', 'upstream'] as const;

/** Why a cell's outputs are not what it would put out now. */
export type Stale = (typeof STALE)[number];

/** One execution of a cell; times in milliseconds since 1970, by the server's clock. */
export interface IExecution {
  readonly id: string;
  /** The execution that made this one necessary, if any. */
  readonly parent: string | null;
  readonly cell: string;
  readonly fileId: string;
  readonly kernel: string;
  readonly kernelName: string;
  readonly language: string;
  /** The name that the server knows the user by. */
  readonly user: string;
  /** What they say that they are called, where the server knows no name of theirs. */
  readonly claimedName: string | null;
  readonly via: string;
  readonly status: Status;
  readonly error: string | null;
  /** Whether the kernel was ever given it. */
  readonly wasSent: boolean;
  readonly queued: number;
  readonly started: number | null;
  readonly ended: number | null;
}

/** What is known of a cell. */
export interface ICellRun {
  readonly cell: string;
  readonly execution: IExecution | null;
  readonly stale: Stale | null;
  /** Ids of the cells that make it stale. */
  readonly because: readonly string[];
  /** Ids of the cells that it reads from and that the kernel has not run which the server was asked about. */
  readonly needs: readonly string[];
}

/** What is known of the code cells of a notebook, in order. */
export interface IFreshness {
  readonly fileId: string;
  readonly runs: readonly ICellRun[];
}

/** What a running cell asks for. */
export interface IPrompt {
  readonly text: string;
  readonly isSecret: boolean;
}

/** That a cell asks for input, or no longer does. */
export interface IPromptEvent {
  readonly id: string;
  readonly cell: string;
  readonly fileId: string;
  readonly isWaiting: boolean;
}

type Given = Readonly<Record<string, unknown>>;

export function isUnfinished(execution: IExecution | null): boolean {
  return execution !== null && UNFINISHED.includes(execution.status);
}

/** An execution, or null for anything else. */
export function parseExecution(value: unknown): IExecution | null {
  const given = objectOf(value);
  const { id, cell, file_id: fileId, user } = given;
  const status = STATUSES.find(known => known === given.status);
  const queued = timeOf(given.queued_at);
  if (!isText(id) || !isText(cell) || !isText(fileId) || !isText(user) || !status || !queued) {
    return null;
  }
  return {
    id,
    cell,
    fileId,
    user,
    status,
    queued,
    claimedName: textOrNull(given.claimed_name),
    parent: textOrNull(given.parent),
    kernel: textOrNull(given.kernel) ?? '',
    kernelName: textOrNull(given.kernel_name) ?? '',
    language: textOrNull(given.language) ?? '',
    via: textOrNull(given.via) ?? '',
    error: textOrNull(given.error),
    wasSent: isText(given.source_sha256),
    started: timeOf(given.started_at),
    ended: timeOf(given.ended_at)
  };
}

/**
 * The answer to the question what is stale; null for anything else.
 *
 * @param known Executions by their ids, of which the answer need not have more than the id; it is null when it has no
 *   more of another one.
 */
export function parseFreshness(
  value: unknown,
  known: ReadonlyMap<string, IExecution> | null = null
): IFreshness | null {
  const { room, cells } = objectOf(value);
  const fileId = isText(room) ? room.split(':')[2] : undefined;
  if (!Array.isArray(cells) || !fileId) {
    return null;
  }
  const runs: ICellRun[] = [];
  for (const each of cells as unknown[]) {
    const { cell, execution, stale, because, needs } = objectOf(each);
    if (isText(cell)) {
      const { id } = objectOf(execution);
      const found = parseExecution(execution) ?? (known && isText(id) ? known.get(id) : null);
      if (found === undefined) {
        return null;
      }
      runs.push({
        cell,
        execution: found,
        stale: STALE.find(known => known === stale) ?? null,
        because: textsOf(because),
        needs: textsOf(needs)
      });
    }
  }
  return { fileId, runs };
}

/** What an execution asks for, from what the server tells of it. */
export function parsePrompt(value: unknown): IPrompt | null {
  const { prompt, password } = objectOf(objectOf(value).input);
  return isText(prompt) ? { text: prompt, isSecret: password === true } : null;
}

/** The execution that ended, when an event of the server says so. */
export function parseEnded(event: unknown): IExecution | null {
  return objectOf(event).schema_id === EXECUTION_SCHEMA ? parseExecution(event) : null;
}

/** Word of a prompt among the events of the server, or null. */
export function parsePromptEvent(event: unknown): IPromptEvent | null {
  const { schema_id: schema, id, cell, file_id: fileId, waiting } = objectOf(event);
  return schema === PROMPT_SCHEMA &&
    isText(id) &&
    isText(cell) &&
    isText(fileId) &&
    typeof waiting === 'boolean'
    ? { id, cell, fileId, isWaiting: waiting }
    : null;
}

function objectOf(value: unknown): Given {
  return typeof value === 'object' && value !== null ? (value as Given) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(isText) : [];
}

function textOrNull(value: unknown): string | null {
  return isText(value) ? value : null;
}

function timeOf(value: unknown): number | null {
  const time = isText(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}
