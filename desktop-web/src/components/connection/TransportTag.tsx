import { Tag } from '@/components/common/Tag';
import { useConnectionStore } from '@/stores/connectionStore';
import { t } from '@/utils/t';

/** What carries the messages now. */
export function TransportTag() {
  const connection = useConnectionStore((state) => state.connection);
  if (!('transport' in connection)) return <Tag text={t('notConnected')} tone="warn" />;
  return connection.transport === 'webTransport' ? (
    <Tag text="WebTransport" tone="ok" />
  ) : (
    <Tag text="WebSocket" />
  );
}
