import { CloseCode } from '@/protocol/codes';
import type { TextName } from '@/constants/texts/en';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import { AlertDialog } from './AlertDialog';

/** Why the server ended the session, where it says so. */
const ENDED: Partial<Record<CloseCode, TextName>> = {
  [CloseCode.SignedOut]: 'endedSignedOut',
  [CloseCode.RemovedByAdministrator]: 'endedRemoved',
  [CloseCode.PasswordChanged]: 'endedPasswordChanged',
};

/**
 * Says that the session is somewhere else now: on another device, in another tab, or ended by the server. It has no close and
 * nothing reconnects by itself, or two places would take the session from each other.
 */
export function SessionDialog() {
  const connection = useConnectionStore((state) => state.connection);
  if (connection.phase === 'openElsewhere') {
    return (
      <AlertDialog
        title="openElsewhereTitle"
        text="openElsewhereText"
        action="useHere"
        onAction={() => void client.useHere()}
      />
    );
  }
  if (connection.phase !== 'ended') return null;
  const elsewhere = connection.code === CloseCode.SignedInElsewhere;
  return (
    <AlertDialog
      title={elsewhere ? 'kickedTitle' : 'endedTitle'}
      text={elsewhere ? 'kickedText' : (ENDED[connection.code] ?? 'endedText')}
      action="kickedHere"
      onAction={() => client.connectAgain()}
    />
  );
}
