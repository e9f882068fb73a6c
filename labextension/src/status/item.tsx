import { VDomRenderer } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../common/ids';
import type { ServiceModel } from './model';

/** Status bar: XP, and whether the grader is ready. */
export class StatusItem extends VDomRenderer<ServiceModel> {
  constructor(
    model: ServiceModel,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {
    super(model);
    this.addClass('pm-status');
  }

  set showXp(show: boolean) {
    this._showXp = show;
    this.update();
  }

  protected override render(): JSX.Element {
    const grader = this._grader();
    const xp = this.model.progress?.xp ?? null;
    const words = [
      this._showXp && xp !== null
        ? this._trans.__('PythonMastery: %1 XP', xp.toLocaleString())
        : this._trans.__('PythonMastery'),
      grader
    ];
    return (
      <button
        type="button"
        className="pm-status-button"
        title={this._why()}
        onClick={() => void this._commands.execute(CommandIDs.showPanel)}
      >
        {words.join(' · ')}
      </button>
    );
  }

  private _grader(): string {
    const { phase, status } = this.model;
    if (phase === 'connecting' || phase === 'starting') {
      return this._trans.__('Starting…');
    }
    if (phase === 'gone') {
      return this._trans.__('Away');
    }
    if (phase === 'signed-out') {
      return this._trans.__('Signed out');
    }
    if (phase === 'stopped') {
      return this._trans.__('Server stopped');
    }
    if (phase === 'turned-away') {
      return this._trans.__('Not allowed');
    }
    switch (status?.grader.state) {
      case 'ready':
        return status.grader.level === 'full'
          ? this._trans.__('Grader ready')
          : this._trans.__('Grader ready (%1)', this._level());
      case 'broken':
        return this._trans.__('Grader broken');
      default:
        return this._trans.__('Grader starting…');
    }
  }

  private _level(): string {
    return this.model.status?.grader.level === 'own'
      ? this._trans.__('no sandbox')
      : this._trans.__('simple sandbox');
  }

  private _why(): string {
    const { detail, status } = this.model;
    return detail ?? status?.grader.why ?? this._trans.__('Show the PythonMastery panel');
  }

  private _showXp = true;
}
