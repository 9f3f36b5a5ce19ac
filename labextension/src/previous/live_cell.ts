/** The cell whose runs are looked at, as the notebook has it now. */
import { isCodeCellModel, type ICodeCellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';

import type { IOutputs } from './runs';

/** What the model of the runs needs of a cell. */
export interface ILiveCell {
  readonly id: string;
  /** Something in the notebook may have changed. */
  readonly changed: ISignal<unknown, unknown>;
  /** What it shows; null when it is gone. */
  readonly present: IOutputs | null;
  /** Show these instead, to everybody. False when it runs or is gone: then nothing is done. */
  replace(by: IOutputs): boolean;
}

/** Looked up each time it is asked for: one that is moved becomes another object. */
export class LiveCell implements ILiveCell {
  constructor(
    private readonly _notebook: INotebookModel,
    readonly id: string
  ) {}

  get changed(): ISignal<unknown, unknown> {
    return this._notebook.contentChanged;
  }

  get present(): IOutputs | null {
    const cell = this._cell;
    return cell && { outputs: cell.sharedModel.getOutputs(), count: cell.executionCount };
  }

  /** Whether what it shows may run scripts. */
  get isTrusted(): boolean {
    return this._cell?.trusted ?? false;
  }

  replace({ outputs, count }: IOutputs): boolean {
    const cell = this._cell;
    if (!cell || cell.executionState === 'running') {
      return false;
    }
    const { sharedModel } = cell;
    sharedModel.transact(() => {
      sharedModel.setOutputs([...outputs]);
      sharedModel.execution_count = count;
    }, false);
    return true;
  }

  private get _cell(): ICodeCellModel | null {
    const cells = this._notebook.isDisposed ? [] : [...this._notebook.cells];
    const found = cells.find(cell => cell.id === this.id);
    return found && isCodeCellModel(found) ? found : null;
  }
}
