/** The panel's icon: a box of stored things. */
import { LabIcon } from '@jupyterlab/ui-components';

export const storeIcon = new LabIcon({
  name: 'jupyter-crdt-outputs:store',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M3 3h18v5H3z"/>
    <path d="M4 9.5h16V21H4zM9 12v2h6v-2z" fill-rule="evenodd"/>
  </g>
</svg>`
});
