import { Button } from 'antd';
import { useState, type FormEvent } from 'react';
import { SearchField } from '@/components/common/SearchField';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { Profile } from '@/types/person';
import { t } from '@/utils/t';
import { Card } from '@/components/common/Card';
import { FoundPerson } from './FoundPerson';
import styles from './AddFriendCard.module.css';

interface Result {
  readonly query: string;
  readonly people: readonly Profile[];
}

/** Finds people by name and asks them to be friends. */
export function AddFriendCard() {
  const [query, setQuery] = useState('');
  const [result, setResult] = useState<Result | null>(null);
  const { pending, run } = useAction();
  const search = (event: FormEvent) => {
    event.preventDefault();
    const wanted = query.trim();
    if (wanted === '') return;
    void run(async () => setResult({ query: wanted, people: await client.searchUsers(wanted) }));
  };
  return (
    <Card title={t('addFriend')}>
      <form className={styles.form} onSubmit={search} role="search">
        <SearchField className={shared.grow} label={t('searchPeople')} value={query} onChange={setQuery} />
        <Button htmlType="submit" loading={pending}>
          {t('find')}
        </Button>
      </form>
      {result && result.people.length === 0 && (
        <p className={styles.none}>{t('nobodyFound', { query: result.query })}</p>
      )}
      <ul>
        {result?.people.map((profile) => (
          <FoundPerson key={profile.userId} profile={profile} />
        ))}
      </ul>
    </Card>
  );
}
