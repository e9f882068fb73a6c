import { LabIcon } from '@jupyterlab/ui-components';

const svg = (body: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="#616161">${body}</g></svg>`;

/** Steps that go up: the course. */
export const courseIcon = new LabIcon({
  name: 'pythonmastery:course',
  svgstr: svg('<path d="M1.5 14.5v-4h4v-4h4v-4h5v12z" fill-rule="evenodd"/>')
});

/** A page with a tick: the task and its result. */
export const panelIcon = new LabIcon({
  name: 'pythonmastery:panel',
  svgstr: svg(
    '<path d="M2.5 1.5h11v13h-11zM4 3v10h8V3z" fill-rule="evenodd"/>' +
      '<path d="M7.2 11L4.9 8.7l1-1 1.3 1.3 2.9-2.9 1 1z"/>'
  )
});
