import { useState } from 'react';
import { useNavigate } from 'react-router';
import { CloseCode } from '@/protocol/codes';
import type { TextName } from '@/constants/texts/en';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useConnectionStore } from '@/stores/connectionStore';
import { AlertDialog } from './AlertDialog';

/** Why the server ended the session, where it says so. */
const ENDED: Partial<Record<CloseCode, TextName>> = {
  [CloseCode.SignedOut]: 'endedSignedOut',
  [CloseCode.RemovedByAdministrator]: 'endedRemoved',
  [CloseCode.PasswordChanged]: 'endedPasswordChanged',
};

/**
 * Says in all tabs that the session is somewhere else now, was ended by the server, or can be had no more. Nothing reconnects by
 * itself, or two places would take the session from each other.
 */
export function SessionDialog() {
  const navigate = useNavigate();
  const connection = useConnectionStore((state) => state.connection);
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  /** The state that the user has read and wants to look past. */
  const [read, setRead] = useState<object | null>(null);

  if (connection.phase === 'expired') {
    if (read === connection) return null;
    return (
      <AlertDialog
        key="expired"
        icon="alert"
        title="expiredTitle"
        text="expiredText"
        primary={{ text: 'signInAgain', run: () => void client.signInAgain() }}
        other={{ text: 'keepReading', run: () => setRead(connection) }}
      />
    );
  }
  if (connection.phase !== 'ended') return null;
  const elsewhere = connection.code === CloseCode.SignedInElsewhere;
  const signOut = { text: 'signOut', run: () => void client.signOut() } as const;
  const changePassword = {
    text: 'notMe',
    run: () => {
      client.connectAgain();
      void navigate('/settings/password');
    },
  } as const;
  return (
    <AlertDialog
      key="ended"
      icon="laptop"
      title={elsewhere ? 'kickedTitle' : 'endedTitle'}
      text={elsewhere ? 'kickedText' : (ENDED[connection.code] ?? 'endedText')}
      primary={{ text: 'kickedHere', run: () => client.connectAgain() }}
      other={elsewhere && !isGuest ? changePassword : signOut}
    />
  );
}
