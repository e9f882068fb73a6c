import { VDomRenderer } from '@jupyterlab/ui-components';

import { ToolsProvider, type ITools } from '../common/context';
import { Notice } from '../common/ui';
import { panelIcon } from '../icons';
import { ProfileSection } from '../profile/form';
import type { ProfileModel } from '../profile/model';
import { CopySection } from './copy';
import { EraseSection } from './erase';
import type { PrivacyModel } from './model';

/** Main area: what the learner chose and what is kept about them, to take along or have erased. */
export class PrivacyWidget extends VDomRenderer<PrivacyModel> {
  constructor(
    model: PrivacyModel,
    private readonly _profile: ProfileModel,
    private readonly _tools: ITools
  ) {
    super(model);
    this.id = 'pythonmastery-my-data';
    this.addClass('pm-Panel');
    this.addClass('pm-MyData');
    this.title.icon = panelIcon;
    this.title.label = _tools.trans.__('My Data');
    this.title.closable = true;
  }

  override dispose(): void {
    this.model?.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    const { model, _tools: tools } = this;
    return (
      <ToolsProvider value={tools}>
        <div className="pm-body">
          <h2>{tools.trans.__('My data')}</h2>
          {model.error && <Notice tone="bad">{model.error}</Notice>}
          <ProfileSection model={this._profile} />
          <CopySection model={model} />
          <EraseSection model={model} />
        </div>
      </ToolsProvider>
    );
  }
}
