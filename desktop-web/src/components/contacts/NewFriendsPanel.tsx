import { useNavigate } from 'react-router';
import { Badge } from '@/components/common/Badge';
import { Card } from '@/components/common/Card';
import { IconButton } from '@/components/common/IconButton';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useHeldAnswers } from '@/hooks/useHeldAnswers';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { AddFriendCard } from './AddFriendCard';
import { ReceivedRequest } from './ReceivedRequest';
import { SentRequest } from './SentRequest';
import styles from './ContactPanel.module.css';

/** Find people, answer requests, and see what became of one's own. */
export function NewFriendsPanel() {
  const navigate = useNavigate();
  const received = useContactStore((state) => state.received);
  const sent = useContactStore((state) => state.sent);
  const { answers, answer } = useHeldAnswers();
  const open = received.filter(({ id, status }) => status === 'pending' && !answers[id]).length;
  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <header className={classes(shared.header, shared.headerLine)}>
        <span className={shared.onlyMobile}>
          <IconButton icon="back" label={t('back')} onClick={() => void navigate('/contacts')} />
        </span>
        <h1 className={classes(shared.title, shared.grow)}>{t('newFriends')}</h1>
      </header>
      <ConnectionBanner />
      <div className={shared.scroll}>
        <div className={styles.page}>
          <AddFriendCard />
          <Card
            title={
              <>
                {t('receivedRequests')}
                <Badge count={open} label={t('requestCount', { count: open })} />
              </>
            }
          >
            {received.length === 0 && <p className={shared.muted}>{t('noReceived')}</p>}
            <ul>
              {received.map((request) => (
                <ReceivedRequest
                  key={request.id}
                  request={request}
                  held={answers[request.id]}
                  onAnswer={answer}
                />
              ))}
            </ul>
          </Card>
          <Card title={t('sentRequests')}>
            {sent.length === 0 && <p className={shared.muted}>{t('noSent')}</p>}
            <ul>
              {sent.map((request) => (
                <SentRequest key={request.id} request={request} />
              ))}
            </ul>
          </Card>
        </div>
      </div>
    </main>
  );
}
