import { Suspense } from 'react';
import { createPortal } from 'react-dom';
import popup from '@/components/common/PopMenu.module.css';
import { LazyEmojiPicker } from '@/components/emoji/lazyPicker';
import { isReaction } from '@/constants/reactions';
import { usePopup, type MenuPlace } from '@/hooks/usePopup';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import styles from './ReactionPopup.module.css';

interface ReactionPopupProps {
  readonly place: MenuPlace;
  readonly onPick: (reaction: string) => void;
  readonly onClose: (moved: boolean) => void;
}

/** All emoji that can be a reaction, where the menu of the message was. */
export function ReactionPopup({ place, onPick, onClose }: ReactionPopupProps) {
  const { popup: element, keyDown } = usePopup(place, 'picker', onClose);
  return createPortal(
    <div ref={element} className={classes(shared.raised, popup.floating, styles.picker)} onKeyDown={keyDown}>
      <Suspense>
        <LazyEmojiPicker accepts={isReaction} onPick={onPick} onClose={() => onClose(false)} />
      </Suspense>
    </div>,
    document.body,
  );
}
