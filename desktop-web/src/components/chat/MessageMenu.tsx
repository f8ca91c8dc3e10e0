import { useState } from 'react';
import { PopMenu, type MenuChoice } from '@/components/common/PopMenu';
import type { MenuPlace } from '@/hooks/usePopup';
import { t } from '@/utils/t';
import { ReactionChoices } from './ReactionChoices';
import { ReactionPopup } from './ReactionPopup';

interface MessageMenuProps {
  readonly place: MenuPlace;
  readonly choices: readonly MenuChoice[];
  /** The user's own reactions to the message; null: nobody reacts to it. */
  readonly reacted: readonly string[] | null;
  readonly onReact: (reaction: string, remove: boolean) => void;
  /** `moved`: the focus is elsewhere already. */
  readonly onClose: (moved: boolean) => void;
}

/** What can be done with a message. One for the whole log. */
export function MessageMenu({ place, choices, reacted, onReact, onClose }: MessageMenuProps) {
  const [picksReaction, setPicksReaction] = useState(false);
  const react = (reaction: string, remove: boolean) => {
    onClose(false);
    onReact(reaction, remove);
  };
  if (picksReaction && reacted)
    return (
      <ReactionPopup
        place={place}
        onPick={(reaction) => react(reaction, reacted.includes(reaction))}
        onClose={onClose}
      />
    );
  return (
    <PopMenu
      label={t('messageMenu')}
      place={place}
      head={
        reacted && <ReactionChoices reacted={reacted} onReact={react} onMore={() => setPicksReaction(true)} />
      }
      choices={choices}
      onClose={onClose}
    />
  );
}
