import { VDomRenderer } from '@jupyterlab/ui-components';

import { ResultsPanel } from '../attempts/panel';
import { ToolsProvider, useTools, type ITools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button, Empty } from '../common/ui';
import { useModel } from '../common/useModel';
import { HintsPanel } from '../hints/panel';
import { panelIcon } from '../icons';
import { ServiceBanner } from '../status/banner';
import { TaskPanel } from '../task/panel';
import { TutorPanel } from '../tutor/panel';
import type { Desk } from './desk';
import type { PanelModel, Tab } from './model';
import { Tabs, type ITab } from './tabs';

/** Shown in the tabs that need a problem while none is in front. */
function NoProblem({ panel }: { panel: PanelModel }): JSX.Element {
  const { commands, trans } = useTools();
  const { next } = useModel(panel.bench.course);
  return (
    <Empty>
      <p>{trans.__('Open a problem from the course, and it shows here.')}</p>
      {next && (
        <Button kind="main" onPress={() => void commands.execute(CommandIDs.resume)}>
          {trans.__('Continue: %1', next.title)}
        </Button>
      )}
    </Empty>
  );
}

function useHintsLabel(desk: Desk): string {
  const { trans } = useTools();
  const hints = useModel(desk.hints);
  return hints.hints && hints.hints.length > 0
    ? trans.__('Hints %1/%2', hints.opened, hints.hints.length)
    : trans.__('Hints');
}

interface IViewProps {
  panel: PanelModel;
  code: () => string | null;
}

function TabsOf({ panel, code, desk }: IViewProps & { desk: Desk }): JSX.Element {
  const { trans } = useTools();
  const hints = useHintsLabel(desk);
  const tabs: ITab<Tab>[] = [
    { id: 'task', label: trans.__('Task'), body: <TaskPanel model={desk.task} /> },
    {
      id: 'results',
      label: trans.__('Results'),
      body: <ResultsPanel desk={desk} panel={panel} />
    },
    { id: 'hints', label: hints, body: <HintsPanel model={desk.hints} /> },
    {
      id: 'tutor',
      label: trans.__('Tutor'),
      body: <TutorPanel model={desk.tutor} panel={panel} code={code} />
    }
  ];
  return <TabsView panel={panel} tabs={tabs} />;
}

function TabsWithout({ panel, code }: IViewProps): JSX.Element {
  const { trans } = useTools();
  const none = <NoProblem panel={panel} />;
  const tutor = <TutorPanel model={panel.bench.general} panel={panel} code={code} />;
  const tabs: ITab<Tab>[] = [
    { id: 'task', label: trans.__('Task'), body: none },
    { id: 'results', label: trans.__('Results'), body: none },
    { id: 'hints', label: trans.__('Hints'), body: none },
    { id: 'tutor', label: trans.__('Tutor'), body: tutor }
  ];
  return <TabsView panel={panel} tabs={tabs} />;
}

function TabsView({ panel, tabs }: { panel: PanelModel; tabs: ITab<Tab>[] }): JSX.Element {
  const { trans } = useTools();
  return (
    <Tabs
      label={trans.__('PythonMastery')}
      tabs={tabs}
      selected={panel.tab}
      onSelect={tab => panel.select(tab)}
    />
  );
}

/** The docked panel: Task · Results · Hints · Tutor of the notebook in front. */
export class PanelWidget extends VDomRenderer<PanelModel> {
  constructor(
    model: PanelModel,
    private readonly _tools: ITools,
    private readonly _code: () => string | null
  ) {
    super(model);
    this.id = 'pythonmastery-panel';
    this.addClass('pm-Panel');
    this.title.icon = panelIcon;
    this.title.caption = _tools.trans.__('PythonMastery panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _tools.trans.__('PythonMastery panel'));
  }

  /** Moves the focus to the selected tab. */
  focus(): void {
    this.node.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus();
  }

  protected override render(): JSX.Element {
    const { desk, announcement, bench } = this.model;
    return (
      <ToolsProvider value={this._tools}>
        <ServiceBanner service={bench.service} />
        {desk ? (
          <TabsOf key={desk.slug} panel={this.model} code={this._code} desk={desk} />
        ) : (
          <TabsWithout panel={this.model} code={this._code} />
        )}
        <div className="pm-sr" role="status" aria-live="polite" data-testid="announcement">
          {announcement}
        </div>
      </ToolsProvider>
    );
  }
}
