/** The panel in the side bar. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';

import type { IArtifactActions } from './artifact_table';
import { storeIcon } from './icon';
import type { Inventory } from './inventory';
import { PanelView } from './panel_view';
import type { StoreStatus } from './store_status';
import type { ILanguage } from './wording';

export interface IOutputsPanelOptions {
  inventory: Inventory;
  status: StoreStatus;
  actions: IArtifactActions;
  language: ILanguage;
}

/** Lists what the current notebook has in the store. Costs nothing while it is not seen. */
export class OutputsPanel extends ReactWidget {
  constructor(private readonly _options: IOutputsPanelOptions) {
    super();
    const { inventory, status, language } = _options;
    this.id = 'jp-crdt-outputs-panel';
    this.addClass('jp-CrdtPanel');
    this.title.icon = storeIcon;
    this.title.caption = language.trans.__('Stored Outputs');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    inventory.stateChanged.connect(this._refresh);
    status.stateChanged.connect(this._refresh);
  }

  override dispose(): void {
    const { inventory, status } = this._options;
    inventory.stateChanged.disconnect(this._refresh);
    status.stateChanged.disconnect(this._refresh);
    super.dispose();
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._options.status.isListing = true;
    this.update();
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._options.status.isListing = false;
  }

  protected override render(): React.JSX.Element {
    const { inventory, status, actions, language } = this._options;
    return (
      <PanelView
        hasNotebook={inventory.notebook !== null}
        artifacts={inventory.artifacts}
        state={status.state}
        waiting={status.waiting}
        actions={actions}
        language={language}
      />
    );
  }

  private readonly _refresh = (): void => {
    if (this.isVisible) {
      this.update();
    }
  };
}
