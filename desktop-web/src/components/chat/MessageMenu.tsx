import { Suspense, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { createPortal } from 'react-dom';
import { Icon } from '@/components/common/Icon';
import { LazyEmojiPicker } from '@/components/emoji/lazyPicker';
import type { IconName } from '@/constants/icons';
import { isReaction, QUICK_REACTIONS } from '@/constants/reactions';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import type { MenuPlace } from './logContext';
import styles from './MessageMenu.module.css';

export interface MenuChoice {
  readonly name: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly act: () => void;
}

interface MessageMenuProps {
  readonly place: MenuPlace;
  readonly choices: readonly MenuChoice[];
  /** The user's own reactions to the message; null: nobody reacts to it. */
  readonly reacted: readonly string[] | null;
  readonly onReact: (reaction: string, remove: boolean) => void;
  /** `moved`: the focus is elsewhere already. */
  readonly onClose: (moved: boolean) => void;
}

/** So far from the window's edge, pixels. */
const MARGIN_PX = 8;

/** What can be done with a message. One for the whole log; arrows move in it, Escape and a press elsewhere close it. */
export function MessageMenu({ place, choices, reacted, onReact, onClose }: MessageMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [picksReaction, setPicksReaction] = useState(false);

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    const left = Math.max(MARGIN_PX, Math.min(place.x, innerWidth - width - MARGIN_PX));
    const below = place.y + height + MARGIN_PX <= innerHeight;
    const top = below ? place.y : Math.max(MARGIN_PX, place.y - height);
    element.style.setProperty('--left', `${left}px`);
    element.style.setProperty('--top', `${top}px`);
    itemsOf(element)[0]?.focus();
  }, [place, picksReaction]);

  useEffect(() => {
    const press = (event: PointerEvent) => {
      if (!menu.current?.contains(event.target as Node)) onClose(true);
    };
    const leave = () => onClose(true);
    document.addEventListener('pointerdown', press, true);
    window.addEventListener('resize', leave);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      window.removeEventListener('resize', leave);
    };
  }, [onClose]);

  const keyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const items = itemsOf(event.currentTarget);
    const at = items.indexOf(document.activeElement as HTMLElement);
    const step = STEPS[event.key];
    event.stopPropagation();
    // The picker has keys of its own.
    if (picksReaction) return;
    if (event.key === 'Escape' || event.key === 'Tab') onClose(false);
    else if (event.key === 'Home') items[0]?.focus();
    else if (event.key === 'End') items.at(-1)?.focus();
    else if (step) items.at((at + step) % items.length)?.focus();
    else return;
    event.preventDefault();
  };
  const act = (action: () => void) => () => {
    onClose(false);
    action();
  };

  if (picksReaction && reacted)
    return createPortal(
      <div ref={menu} className={classes(shared.raised, styles.popup, styles.picker)} onKeyDown={keyDown}>
        <Suspense>
          <LazyEmojiPicker
            accepts={isReaction}
            onPick={(reaction) => act(() => onReact(reaction, reacted.includes(reaction)))()}
            onClose={() => onClose(false)}
          />
        </Suspense>
      </div>,
      document.body,
    );
  return createPortal(
    <div
      ref={menu}
      className={classes(shared.raised, styles.popup)}
      role="menu"
      aria-label={t('messageMenu')}
      onKeyDown={keyDown}
    >
      {reacted && (
        <div className={styles.reactions} role="group" aria-label={t('react')}>
          {QUICK_REACTIONS.map((reaction) => {
            const own = reacted.includes(reaction);
            return (
              <button
                key={reaction}
                type="button"
                className={classes(styles.reaction, own && styles.own)}
                role="menuitemcheckbox"
                aria-checked={own}
                aria-label={t('reactWith', { reaction })}
                title={t('reactWith', { reaction })}
                tabIndex={-1}
                onClick={act(() => onReact(reaction, own))}
              >
                {reaction}
              </button>
            );
          })}
          <button
            type="button"
            className={styles.reaction}
            role="menuitem"
            aria-label={t('moreReactions')}
            title={t('moreReactions')}
            tabIndex={-1}
            onClick={() => setPicksReaction(true)}
          >
            <Icon name="smile" />
          </button>
        </div>
      )}
      {choices.map(({ name, icon, danger, act: action }) => (
        <button
          key={name}
          type="button"
          className={classes(styles.item, danger && styles.danger)}
          role="menuitem"
          tabIndex={-1}
          onClick={act(action)}
        >
          <Icon name={icon} />
          {name}
        </button>
      ))}
    </div>,
    document.body,
  );
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function itemsOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
}
