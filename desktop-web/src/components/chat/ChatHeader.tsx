import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ChatHeader.module.css';

interface ChatHeaderProps {
  readonly children: ReactNode;
}

/** The head of a chat. A small screen shows nothing but the chat, so the way back to the list is here. */
export function ChatHeader({ children }: ChatHeaderProps) {
  const navigate = useNavigate();
  return (
    <header className={classes(shared.header, shared.headerLine, styles.header)}>
      <span className={shared.onlyMobile}>
        <IconButton icon="back" label={t('back')} onClick={() => void navigate('/chats')} />
      </span>
      {children}
    </header>
  );
}
