import { VDomRenderer } from '@jupyterlab/ui-components';
import { useState } from 'react';

import { ToolsProvider, useTools, type ITools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import { courseIcon } from '../icons';
import { ServiceBanner } from '../status/banner';
import type { ServiceModel } from '../status/model';
import type { CourseModel } from './model';
import { CourseTree } from './tree';

function NextCard({ model }: { model: CourseModel }): JSX.Element | null {
  const { commands, trans } = useTools();
  const { course, next } = model;
  if (!course || course.problems.length === 0) {
    return null;
  }
  if (!next) {
    const open = course.problems.some(problem => problem.state !== 'solved');
    return open ? null : (
      <div className="pm-next">
        <h3>{trans.__('All problems are solved')}</h3>
      </div>
    );
  }
  const section = course.sections.find(other => other.slug === next.section);
  return (
    <section className="pm-next" aria-labelledby="pm-next-title">
      <p className="pm-kind" id="pm-next-title">
        {trans.__('Next for you')}
      </p>
      <h3>{next.title}</h3>
      <p>
        {model.why ?? trans.__('An open problem of “%1”.', section?.name ?? next.section)}{' '}
        {trans.__('About %1 min.', next.minutes)}
      </p>
      <p className="pm-actions">
        <Button
          kind="main"
          label={trans.__('Open %1', next.title)}
          onPress={() => void commands.execute(CommandIDs.open, { slug: next.slug })}
        >
          {next.state === 'started' ? trans.__('Continue') : trans.__('Open')}
        </Button>
      </p>
    </section>
  );
}

function CourseView({
  model,
  service
}: {
  model: CourseModel;
  service: ServiceModel;
}): JSX.Element {
  const { trans } = useTools();
  const [search, setSearch] = useState('');
  useModel(model);
  return (
    <>
      <ServiceBanner service={service} />
      {model.error && <Notice tone="warn">{model.error}</Notice>}
      {!model.course && !model.error && service.phase === 'ready' && (
        <p className="pm-empty">{trans.__('Loading…')}</p>
      )}
      {model.course?.sections.length === 0 && (
        <p className="pm-empty">{trans.__('This course has no problems yet.')}</p>
      )}
      {model.course && model.course.sections.length > 0 && (
        <>
          <NextCard model={model} />
          <input
            type="search"
            className="pm-search"
            value={search}
            placeholder={trans.__('Search problems')}
            aria-label={trans.__('Search problems')}
            onChange={event => setSearch(event.target.value)}
          />
          <CourseTree model={model} search={search} />
        </>
      )}
    </>
  );
}

/** Left side bar: the course. */
export class CourseWidget extends VDomRenderer<CourseModel> {
  constructor(
    model: CourseModel,
    private readonly _service: ServiceModel,
    private readonly _tools: ITools
  ) {
    super(model);
    this.id = 'pythonmastery-course';
    this.addClass('pm-Course');
    this.title.icon = courseIcon;
    this.title.caption = _tools.trans.__('PythonMastery course');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _tools.trans.__('PythonMastery course'));
  }

  protected override render(): JSX.Element {
    return (
      <ToolsProvider value={this._tools}>
        <h2 className="pm-title">{this._tools.trans.__('Course')}</h2>
        <CourseView model={this.model} service={this._service} />
      </ToolsProvider>
    );
  }
}
