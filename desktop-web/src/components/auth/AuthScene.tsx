import { useState } from 'react';
import { MessageItem } from '@/components/chat/MessageItem';
import { asConversationId, asUserId } from '@/types/ids';
import type { TextName } from '@/constants/texts/en';
import type { MessageRow } from '@/utils/logRows';
import type { MessageBody } from '@/utils/messageBody';
import { t } from '@/utils/t';
import styles from './AuthFrame.module.css';

const NOWHERE = asConversationId('0');
const SELF = asUserId('2');
const friendName = () => '禾';

/** A small living conversation beside the sign-in card; decoration only. */
export function AuthScene() {
  const [rows] = useState(sceneRows);
  return (
    <div className={styles.scene} aria-hidden="true" inert>
      {rows.map((row) => (
        <MessageItem
          key={row.key}
          conversationId={NOWHERE}
          row={row}
          self={SELF}
          nameOf={friendName}
          showsSender={false}
          canWrite={false}
          canModerate={false}
        />
      ))}
    </div>
  );
}

function text(name: TextName): MessageBody {
  return { kind: 'text', text: t(name) };
}

function sceneRows(): readonly MessageRow[] {
  const row = {
    kind: 'message',
    time: Date.now(),
    seq: null,
    mentions: [],
    edited: false,
    waiting: false,
    reactions: [],
    quote: null,
    pending: null,
    continues: false,
    closes: true,
  } as const;
  return [
    {
      ...row,
      key: 'question',
      senderId: asUserId('1'),
      own: false,
      body: text('heroQuestion'),
      delivery: null,
    },
    { ...row, key: 'answer', senderId: SELF, own: true, body: text('heroAnswer'), delivery: 'read' },
  ];
}
