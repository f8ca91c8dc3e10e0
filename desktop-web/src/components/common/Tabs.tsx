import type { KeyboardEvent, ReactNode } from 'react';
import styles from './Tabs.module.css';

interface TabsProps<Name extends string> {
  readonly label: string;
  /** `badge`: after the label. */
  readonly tabs: readonly { readonly name: Name; readonly label: string; readonly badge?: ReactNode }[];
  /** Null: none of them. */
  readonly chosen: Name | null;
  readonly onChoose: (name: Name) => void;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowLeft: -1 };

/** Segmented tabs: one stop for Tab, arrows choose. */
export function Tabs<Name extends string>({ label, tabs, chosen, onChoose }: TabsProps<Name>) {
  const at = Math.max(
    0,
    tabs.findIndex(({ name }) => name === chosen),
  );
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const ends: Readonly<Record<string, number>> = { Home: 0, End: tabs.length - 1 };
    const step = STEPS[event.key];
    const next = step ? (at + step + tabs.length) % tabs.length : ends[event.key];
    const tab = next === undefined ? undefined : tabs[next];
    if (!tab || next === undefined || event.altKey) return;
    event.preventDefault();
    onChoose(tab.name);
    event.currentTarget.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div className={styles.tabs} role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab, index) => (
        <button
          key={tab.name}
          type="button"
          className={styles.tab}
          role="tab"
          aria-selected={tab.name === chosen}
          tabIndex={index === at ? 0 : -1}
          onClick={() => onChoose(tab.name)}
        >
          {tab.label}
          {tab.badge}
        </button>
      ))}
    </div>
  );
}
