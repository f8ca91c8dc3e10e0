import { useEffect, useRef } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import type { Candidate } from '@/hooks/useMentions';
import shared from '@/theme/shared.module.css';
import { EVERYBODY } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './MentionList.module.css';

interface MentionListProps {
  /** Of the list; those of its options follow from it. */
  readonly id: string;
  readonly candidates: readonly Candidate[];
  readonly active: number;
  readonly onPick: (candidate: Candidate) => void;
}

/** Who can be called by name, over the text. The field keeps the focus and says which one is active. */
export function MentionList({ id, candidates, active, onPick }: MentionListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView?.({ block: 'nearest' });
  }, [active]);
  return (
    <div className={classes(shared.raised, styles.pop)}>
      <ul ref={list} id={id} className={styles.list} role="listbox" aria-label={t('mentionSomebody')}>
        {candidates.map((candidate, index) => (
          <li
            key={candidate.userId}
            id={`${id}-${candidate.userId}`}
            className={classes(styles.option, index === active && styles.active)}
            role="option"
            aria-selected={index === active}
            // The caret stays where it is.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onPick(candidate)}
          >
            {candidate.userId === EVERYBODY ? (
              <span className={styles.everybody}>
                <Icon name="contacts" size="small" />
              </span>
            ) : (
              <Avatar id={candidate.userId} name={candidate.label} size={32} />
            )}
            <span className={shared.ellipsis}>
              {candidate.label}
              {candidate.remark && <span className={shared.muted}>{` (${candidate.remark})`}</span>}
            </span>
            <span className={classes(styles.username, shared.ellipsis)}>
              {candidate.userId === EVERYBODY ? t('everyoneHelp') : candidate.username}
            </span>
          </li>
        ))}
      </ul>
      <p className={shared.hidden} role="status">
        {t('mentionCandidates', { count: candidates.length })}
      </p>
    </div>
  );
}
