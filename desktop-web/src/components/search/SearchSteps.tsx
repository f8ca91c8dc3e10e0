import { useNavigate } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import { useWordMarks } from '@/hooks/useWordMarks';
import { useSearchStore } from '@/stores/searchStore';
import shared from '@/theme/shared.module.css';
import type { ConversationId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { formatDay } from '@/utils/time';
import { t } from '@/utils/t';
import styles from './SearchSteps.module.css';

interface SearchStepsProps {
  readonly conversationId: ConversationId;
}

/** Under the header of a chat while found messages are gone through: which of them this is, and the ones beside it. */
export function SearchSteps({ conversationId }: SearchStepsProps) {
  const navigate = useNavigate();
  const tour = useSearchStore((state) => state.tour);
  const step = useSearchStore((state) => state.step);
  const endTour = useSearchStore((state) => state.endTour);
  const shown = tour?.hits[tour.index];
  const isHere = shown?.conversationId === conversationId;
  useWordMarks(isHere ? (tour?.words ?? null) : null);
  if (!tour || !isHere) return null;
  const go = (by: 1 | -1) => {
    const hit = step(by);
    // Back leads to the list of results, not through all of them.
    if (hit) void navigate(`/chats/${hit.conversationId}/${hit.seq}`, { replace: true });
  };
  return (
    <div className={styles.bar} role="group" aria-label={t('searchSteps')}>
      <p className={classes(shared.grow, shared.ellipsis)} role="status">
        <b>{t('searchStep', { number: tour.index + 1, count: tour.hits.length })}</b>
        <span className={shared.muted}>{` · ${formatDay(shown.createdAt)}`}</span>
      </p>
      <IconButton icon="up" label={t('searchPrevious')} disabled={tour.index === 0} onClick={() => go(-1)} />
      <IconButton
        icon="down"
        label={t('searchNext')}
        disabled={tour.index === tour.hits.length - 1}
        onClick={() => go(1)}
      />
      <IconButton icon="close" label={t('searchEnd')} onClick={endTour} />
    </div>
  );
}
