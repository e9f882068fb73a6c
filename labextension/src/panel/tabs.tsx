import { useRef, type KeyboardEvent, type ReactNode } from 'react';

export interface ITab<T extends string> {
  id: T;
  label: string;
  body: ReactNode;
}

interface ITabsProps<T extends string> {
  label: string;
  tabs: ITab<T>[];
  selected: T;
  onSelect: (id: T) => void;
}

const MOVES: Record<string, (index: number, count: number) => number> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1
};

/** Tabs by the ARIA pattern; all bodies stay in the page so that what was typed in one is kept. */
export function Tabs<T extends string>(props: ITabsProps<T>): JSX.Element {
  const { label, tabs, selected, onSelect } = props;
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (move) {
      event.preventDefault();
      const index = move(
        tabs.findIndex(tab => tab.id === selected),
        tabs.length
      );
      onSelect(tabs[index].id);
      (list.current?.children[index] as HTMLElement | undefined)?.focus();
    }
  };
  return (
    <>
      <div className="pm-tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`pm-tab-${tab.id}`}
            aria-selected={tab.id === selected}
            aria-controls={`pm-body-${tab.id}`}
            tabIndex={tab.id === selected ? 0 : -1}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map(tab => (
        <div
          key={tab.id}
          className={`pm-body pm-body-${tab.id}`}
          role="tabpanel"
          id={`pm-body-${tab.id}`}
          aria-labelledby={`pm-tab-${tab.id}`}
          tabIndex={0}
          hidden={tab.id !== selected}
        >
          {tab.body}
        </div>
      ))}
    </>
  );
}
