import { Button } from '@/components/common/Button';
import { useState } from 'react';
import { Card } from '@/components/common/Card';
import { SearchField } from '@/components/common/SearchField';
import { useFormAction } from '@/hooks/useFormAction';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { Profile } from '@/types/person';
import { errorText, t } from '@/utils/t';
import { AddButton } from './AddButton';
import { PersonRow } from './PersonRow';
import styles from './AddFriendCard.module.css';

interface Result {
  readonly query: string;
  readonly people: readonly Profile[];
}

/** Characters at most, as the server takes them. */
const MAX_QUERY = 64;

/** Finds people by name and asks them to be friends. Asked too often it says for how long to wait. */
export function AddFriendCard() {
  const [query, setQuery] = useState('');
  const [result, setResult] = useState<Result | null>(null);
  const form = useFormAction(async () => {
    const wanted = [...query.trim().replace(/^@/, '')].slice(0, MAX_QUERY).join('');
    if (wanted !== '') setResult({ query: wanted, people: await client.searchUsers(wanted) });
  });
  const waits = form.waitSeconds > 0;
  return (
    <Card title={t('addFriend')}>
      <form className={styles.form} onSubmit={form.submit} role="search">
        <SearchField className={shared.grow} label={t('searchPeople')} value={query} onChange={setQuery} />
        <Button htmlType="submit" loading={form.pending} disabled={waits}>
          {waits ? t('searchTooFast', { seconds: form.waitSeconds }) : t('find')}
        </Button>
      </form>
      {form.failure !== null && (
        <p className={styles.failure} role="alert">
          {errorText(form.failure)}
        </p>
      )}
      {result && result.people.length === 0 && form.failure === null && (
        <p className={styles.none} role="status">
          {t('nobodyFound', { query: result.query })}
        </p>
      )}
      <ul>
        {result?.people.map((profile) => (
          <PersonRow key={profile.userId} profile={profile} text={`@${profile.username}`}>
            <AddButton profile={profile} small />
          </PersonRow>
        ))}
      </ul>
    </Card>
  );
}
