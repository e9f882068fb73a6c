import {
  RenderMimeRegistry,
  standardRendererFactories,
  type IRenderMimeRegistry
} from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useMemo, useRef } from 'react';

import { escapeRawHtml } from './rawHtml';
import { mendLinks, safeHtml } from './safeHtml';

/** Lab's own Markdown renderer behind a stricter sanitiser: nothing is fetched from other hosts. */
export function strictRenderMime(
  lab: IRenderMimeRegistry,
  trans: TranslationBundle
): IRenderMimeRegistry {
  const noImage = (alt: string) => trans.__('[image not loaded: %1]', alt || trans.__('no text'));
  return new RenderMimeRegistry({
    initialFactories: standardRendererFactories,
    latexTypesetter: lab.latexTypesetter ?? undefined,
    markdownParser: lab.markdownParser ?? undefined,
    sanitizer: {
      allowNamedProperties: false,
      getAutolink: () => false,
      sanitize: (dirty, options) => lab.sanitizer.sanitize(safeHtml(dirty, noImage), options)
    }
  });
}

/** Only then the typesetter is worth loading. */
const MATH = /\$[^\s$]|\\\(|\\\[/;

interface IMarkdownProps {
  rendermime: IRenderMimeRegistry;
  source: string;
  /** Text of a language model: tags in it are shown, not used. */
  untrusted?: boolean;
}

/** Markdown as Lab shows it. While a new text is being rendered the old one stays. */
export function Markdown({ rendermime, source, untrusted = false }: IMarkdownProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const text = useMemo(() => (untrusted ? escapeRawHtml(source) : source), [source, untrusted]);
  useEffect(() => {
    let current = true;
    const renderer = rendermime.createRenderer('text/markdown');
    const model = rendermime.createModel({ data: { 'text/markdown': text }, trusted: false });
    void renderer.renderModel(model).then(() => {
      if (current && host.current) {
        mendLinks(renderer.node);
        host.current.replaceChildren(renderer.node);
        if (MATH.test(text)) {
          void rendermime.latexTypesetter?.typeset(renderer.node);
        }
      }
    });
    return () => {
      current = false;
      renderer.dispose();
    };
  }, [rendermime, text]);
  return <div className="pm-markdown" ref={host} />;
}
