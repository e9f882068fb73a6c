import { SplitPanel, type Widget } from '@lumino/widgets';

const WIDTH = 380;
/** Below this the notebook needs the room more. */
const WINDOW = 1200;

/** Gives the side area that holds the panel a width to read in; Lab opens side areas at their least. */
export function widen(panel: Widget): void {
  let area: Widget | null = panel;
  while (area && !(area.parent instanceof SplitPanel)) {
    area = area.parent;
  }
  const split = area?.parent;
  if (!area || !(split instanceof SplitPanel) || window.innerWidth < WINDOW) {
    return;
  }
  const index = split.widgets.indexOf(area);
  const sizes = split.relativeSizes();
  const share = WIDTH / split.node.clientWidth;
  const gain = share - sizes[index];
  const main = index - 1;
  if (gain > 0 && main >= 0 && sizes[main] > gain) {
    split.setRelativeSizes(
      sizes.map((size, at) => (at === index ? share : at === main ? size - gain : size))
    );
  }
}
