import { useFeedback } from '@/hooks/useFeedback';
import { useLoaded } from '@/hooks/useLoaded';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import { reasonText, t } from '@/utils/t';
import { CardState } from './CardState';
import { ChoiceSetting } from './ChoiceSetting';
import { SettingsCard } from './SettingsCard';
import { SwitchSetting } from './SwitchSetting';

const load = async () => {
  const [privacy, invisible] = await Promise.all([client.privacy(), client.invisible()]);
  return { ...privacy, invisible };
};

type Settings = Awaited<ReturnType<typeof load>>;

interface PrivacyCardProps {
  readonly save: Save;
}

/** Who finds, asks and sees the user. What was changed shows at once, and goes back when it is refused. */
export function PrivacyCard({ save }: PrivacyCardProps) {
  const { message } = useFeedback();
  const loaded = useLoaded(load);
  const now = loaded.value;
  const change = async <Name extends keyof Settings>(
    name: Name,
    wanted: Settings[Name],
    send: () => Promise<unknown>,
  ) => {
    const before = now?.[name];
    loaded.set((shown) => shown && { ...shown, [name]: wanted });
    const failure = await save(send);
    if (failure === null) return;
    // What was changed meanwhile stays.
    loaded.set((shown) => shown && (shown[name] === wanted ? { ...shown, [name]: before } : shown));
    void message.error(t('notSaved', { reason: reasonText(failure) }));
  };
  const friendsOrNobody = [
    { value: 'friends', label: t('onlyFriends') },
    { value: 'nobody', label: t('nobody') },
  ] as const;
  return (
    <SettingsCard section="privacy" icon="shield" title={t('sectionPrivacy')}>
      <CardState loaded={loaded} rows={5} />
      {now && (
        <>
          <SwitchSetting
            label={t('findable')}
            hint={t('findableHint')}
            on={now.findable}
            onChange={(findable) =>
              void change('findable', findable, () => client.updatePrivacy({ findable }))
            }
          />
          <SwitchSetting
            label={t('invisible')}
            hint={t('invisibleHint')}
            on={now.invisible}
            onChange={(invisible) =>
              void change('invisible', invisible, () => client.setInvisible(invisible))
            }
          />
          <ChoiceSetting
            label={t('friendRequests')}
            hint={t('friendRequestsHint')}
            value={now.friendRequests}
            options={[
              { value: 'everybody', label: t('everybody') },
              { value: 'nobody', label: t('nobody') },
            ]}
            onChange={(friendRequests) =>
              void change('friendRequests', friendRequests, () => client.updatePrivacy({ friendRequests }))
            }
          />
          <ChoiceSetting
            label={t('lastSeenSetting')}
            hint={t('lastSeenSettingHint')}
            value={now.lastSeen}
            options={friendsOrNobody}
            onChange={(lastSeen) =>
              void change('lastSeen', lastSeen, () => client.updatePrivacy({ lastSeen }))
            }
          />
          <ChoiceSetting
            label={t('contactSetting')}
            hint={t('contactSettingHint')}
            value={now.contact}
            options={friendsOrNobody}
            onChange={(contact) => void change('contact', contact, () => client.updatePrivacy({ contact }))}
          />
        </>
      )}
    </SettingsCard>
  );
}
