/** Ids of our commands, in one place because keyboard shortcuts and tests name them too. */
export const CommandIDs = {
  check: 'pythonmastery:check',
  submit: 'pythonmastery:submit',
  hint: 'pythonmastery:hint',
  ask: 'pythonmastery:ask',
  reset: 'pythonmastery:reset',
  history: 'pythonmastery:history',
  open: 'pythonmastery:open-problem',
  resume: 'pythonmastery:continue',
  showPanel: 'pythonmastery:show-panel',
  showCourse: 'pythonmastery:show-course',
  goToLine: 'pythonmastery:go-to-line',
  restore: 'pythonmastery:restore-attempt',
  myData: 'pythonmastery:my-data',
  teach: 'pythonmastery:teaching-pages'
} as const;

export const PLUGIN_ID = 'pythonmastery:plugin';
export const CONNECTION_ID = 'pythonmastery:connection';
