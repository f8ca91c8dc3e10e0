import { useParams } from 'react-router';
import { JoinDoor } from '@/components/group/JoinDoor';
import shared from '@/theme/shared.module.css';
import { asConversationId } from '@/types/ids';
import { classes } from '@/utils/classes';
import styles from './JoinPage.module.css';

/** Where the link of a group leads: what group it is, and the way in. */
export function JoinPage() {
  const { groupId = '' } = useParams();
  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <JoinDoor key={groupId} groupId={asConversationId(groupId)} />
    </main>
  );
}
