import type { MouseEvent } from 'react';
import { Link } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { MarkedText } from './MarkedText';
import styles from './SearchPanel.module.css';

interface FoundPlaceProps {
  /** Of the person or group. */
  readonly id: string;
  readonly name: string;
  readonly group?: boolean;
  readonly text: string;
  readonly words: readonly string[];
  readonly to: string;
  /** In place of the address. */
  readonly onChoose?: () => void;
}

/** Somebody or a group that was found by name. */
export function FoundPlace({ id, name, group = false, text, words, to, onChoose }: FoundPlaceProps) {
  const choose = (event: MouseEvent) => {
    if (!onChoose || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onChoose();
  };
  return (
    <Link className={classes(row.row, row.marked, styles.hit)} to={to} data-hit="" onClick={choose}>
      <Avatar id={id} name={name} group={group} />
      <span className={shared.grow}>
        <span className={classes(shared.block, shared.strong, shared.ellipsis)}>
          <MarkedText text={name} words={words} />
        </span>
        <span className={classes(shared.block, shared.label, shared.muted, shared.ellipsis)}>{text}</span>
      </span>
    </Link>
  );
}
