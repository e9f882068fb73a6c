import { VDomRenderer } from '@jupyterlab/ui-components';

import type { AttemptsModel } from '../attempts/model';
import { ToolsProvider, useTools, type ITools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button } from '../common/ui';

interface IItemProps {
  command: string;
  label: string;
  title: string;
  kind?: 'plain' | 'main';
  off?: boolean;
}

function Item({ command, label, title, kind, off }: IItemProps): JSX.Element {
  const { commands } = useTools();
  const press = (byKeyboard: boolean) =>
    void commands.execute(command, byKeyboard ? { origin: 'keyboard' } : {});
  return (
    <Button kind={kind} off={off} title={title} onPress={press}>
      {label}
    </Button>
  );
}

/** The row of buttons above a problem's notebook. */
export class ProblemToolbar extends VDomRenderer<AttemptsModel> {
  constructor(
    model: AttemptsModel,
    private readonly _tools: ITools
  ) {
    super(model);
    this.addClass('pm-Toolbar');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _tools.trans.__('PythonMastery'));
  }

  protected override render(): JSX.Element {
    const { trans } = this._tools;
    const { busy } = this.model;
    return (
      <ToolsProvider value={this._tools}>
        <Item
          command={CommandIDs.check}
          label={trans.__('Check')}
          title={trans.__('Run the sample tests')}
          off={busy}
        />
        <Item
          command={CommandIDs.submit}
          label={trans.__('Submit')}
          title={trans.__('Run all tests, hidden ones too')}
          kind="main"
          off={busy}
        />
        <Item
          command={CommandIDs.hint}
          label={trans.__('Hint')}
          title={trans.__('Show the hints')}
        />
        <Item command={CommandIDs.ask} label={trans.__('Ask')} title={trans.__('Ask the tutor')} />
        <span className="pm-grow" />
        <Item
          command={CommandIDs.history}
          label={trans.__('History')}
          title={trans.__('Show what you sent before')}
        />
        <Item
          command={CommandIDs.reset}
          label={trans.__('Reset')}
          title={trans.__('Start again from the given code')}
        />
      </ToolsProvider>
    );
  }
}
