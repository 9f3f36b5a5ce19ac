/** A word in the status bar on the outputs of the notebook in front. */
import { TextItem } from '@jupyterlab/statusbar';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal, type ISignal } from '@lumino/signaling';
import React from 'react';

import type { Inventory } from './inventory';
import type { StoreStatus } from './store_status';
import { statusText, statusTitle, type ILanguage } from './wording';

export interface IStatusItemOptions extends ILanguage {
  inventory: Inventory;
  status: StoreStatus;
  /** List the outputs. */
  open: () => void;
}

export class StatusItem extends ReactWidget {
  constructor(private readonly _options: IStatusItemOptions) {
    super();
    this.addClass('jp-mod-highlighted');
    this.addClass('jp-CrdtStatus');
    const { inventory, status } = _options;
    inventory.stateChanged.connect(this._refresh);
    status.stateChanged.connect(this._refresh);
  }

  /** Nothing if there is nothing to say. */
  get text(): string {
    const { inventory, status } = this._options;
    return inventory.notebook
      ? statusText(inventory.artifacts.total, status.state, this._options)
      : '';
  }

  /** Emitted when there may be something else to say. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  override dispose(): void {
    const { inventory, status } = this._options;
    inventory.stateChanged.disconnect(this._refresh);
    status.stateChanged.disconnect(this._refresh);
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    const { inventory, status, open } = this._options;
    return (
      <TextItem
        role="button"
        tabIndex={0}
        source={this.text}
        title={statusTitle(inventory.artifacts.total, status.state, this._options)}
        onClick={open}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === ' ') {
            event.preventDefault();
            open();
          }
        }}
      />
    );
  }

  private readonly _refresh = (): void => {
    this._changed.emit();
    this.update();
  };

  private readonly _changed = new Signal<this, void>(this);
}
