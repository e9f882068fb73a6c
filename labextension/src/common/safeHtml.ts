/** Tags that Markdown itself makes; anything else is unwrapped to its text. */
const TAGS = new Set(
  (
    'A BLOCKQUOTE BR CODE DEL DIV EM H1 H2 H3 H4 H5 H6 HR IMG KBD LI OL P PRE S SPAN STRONG SUB SUP ' +
    'TABLE TBODY TD TH THEAD TR UL'
  ).split(' ')
);
const DROPPED = new Set(
  'SCRIPT STYLE IFRAME OBJECT EMBED TEMPLATE FORM SVG MATH NOSCRIPT'.split(' ')
);
const ATTRIBUTES = new Set([
  'alt',
  'align',
  'class',
  'colspan',
  'href',
  'rowspan',
  'src',
  'start',
  'title'
]);

/** Whether an image can be shown without asking another host for it. */
function isOwnImage(source: string): boolean {
  if (/^data:image\/(png|gif|jpeg|webp|svg\+xml)[;,]/i.test(source)) {
    return true;
  }
  try {
    return new URL(source, document.baseURI).origin === window.location.origin;
  } catch {
    return false;
  }
}

/** The address when it leads to a page outside this server, else null: an answer must not make us act here. */
function outside(href: string): URL | null {
  try {
    const url = new URL(href, document.baseURI);
    const away = url.origin !== window.location.origin;
    return away && ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function clean(element: Element, noImage: (alt: string) => string): void {
  for (const child of Array.from(element.children)) {
    clean(child, noImage);
  }
  if (DROPPED.has(element.tagName.toUpperCase())) {
    element.remove();
    return;
  }
  if (!TAGS.has(element.tagName)) {
    element.replaceWith(...Array.from(element.childNodes));
    return;
  }
  if (element.tagName === 'IMG' && !isOwnImage(element.getAttribute('src') ?? '')) {
    element.replaceWith(noImage(element.getAttribute('alt') ?? ''));
    return;
  }
  for (const { name } of Array.from(element.attributes)) {
    if (!ATTRIBUTES.has(name)) {
      element.removeAttribute(name);
    }
  }
}

/**
 * Keeps only what Markdown makes, without images from elsewhere.
 *
 * The document made by `DOMParser` is inert: nothing in it is loaded or run.
 */
export function safeHtml(dirty: string, noImage: (alt: string) => string): string {
  const page = new DOMParser().parseFromString(dirty, 'text/html');
  for (const child of Array.from(page.body.children)) {
    clean(child, noImage);
  }
  return page.body.innerHTML;
}

/** Links open in a new tab and name their host; others lose their target. */
export function mendLinks(node: HTMLElement): void {
  node.querySelectorAll('a.jp-InternalAnchorLink').forEach(anchor => anchor.remove());
  node.querySelectorAll<HTMLAnchorElement>('a[href]').forEach(anchor => {
    const url = outside(anchor.getAttribute('href') ?? '');
    if (!url) {
      anchor.removeAttribute('href');
      return;
    }
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer';
    if (url.host && !(anchor.textContent ?? '').includes(url.host)) {
      const host = document.createElement('span');
      host.className = 'pm-host';
      host.textContent = ` (${url.host})`;
      anchor.append(host);
    }
  });
}
