import type { ReactNode } from 'react';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';

interface SearchSectionProps {
  readonly title: string;
  /** 0: the section is not shown. */
  readonly count: number;
  /** There are more that are not counted. */
  readonly open?: boolean;
  readonly children: ReactNode;
}

/** Results of one kind under their name and number. */
export function SearchSection({ title, count, open = false, children }: SearchSectionProps) {
  if (count === 0) return null;
  return (
    <section aria-label={title}>
      <p className={row.section}>
        <span>{title}</span>
        <span>{open ? `${count}+` : count}</span>
      </p>
      <ul className={shared.rows}>{children}</ul>
    </section>
  );
}
