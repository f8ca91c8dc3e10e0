import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useGroupStore } from '@/stores/groupStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend, makeProfile } from '@/test/people';
import { renderAt } from '@/test/render';
import type { Member } from '@/types/group';
import { asConversationId, EVERYBODY } from '@/types/ids';
import type { Profile } from '@/types/person';
import { Composer } from './Composer';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const GROUP = asConversationId('80');
const LIN = makeProfile('4', 'lin.qing', '林青');
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
const offered = () => screen.queryAllByRole('option').map((option) => option.textContent);

const member = (profile: Profile): Member => ({
  userId: profile.userId,
  role: 'member',
  joinedAt: 1,
  silencedUntil: null,
  profile,
});

function show(role: Role = Role.Member) {
  const conversation = makeConversation(GROUP, 1, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Tea',
    role,
  });
  applyEvent({ type: 'conversationsChanged', conversations: [conversation] });
  return renderAt(
    <main>
      <Composer conversationId={GROUP} offline={false} />
    </main>,
  );
}

/** As a loaded group; its other parts are not looked at here. */
function loadMembers(...profiles: readonly Profile[]) {
  const groups = { [GROUP]: { members: profiles.map(member), nextAfter: null } } as unknown as ReturnType<
    typeof useGroupStore.getState
  >['groups'];
  useGroupStore.setState({ groups });
}

beforeEach(() => {
  resetClient();
  localStorage.clear();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(CAROL, { remark: 'Sis' })] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
  loadMembers(ALICE, BOB, CAROL, LIN);
});

/** F8, [M12] */
describe('a mention', () => {
  it('is offered after an @, without oneself, by name, remark or username', async () => {
    show();
    await userEvent.type(field(), '@');
    expect(offered()).toEqual([
      expect.stringContaining('Bob'),
      expect.stringContaining('Carol (Sis)'),
      expect.stringContaining('林青'),
    ]);
    await userEvent.type(field(), 'si');
    expect(offered()).toEqual([expect.stringContaining('Carol')]);
    await userEvent.clear(field());
    await userEvent.type(field(), '@qing');
    expect(offered()).toEqual([expect.stringContaining('林青')]);
  });

  it('is chosen by arrows and Enter, and the message names who is called', async () => {
    show();
    await userEvent.type(field(), 'hi @{ArrowDown}{Enter}');
    expect(field()).toHaveValue('hi @Carol ');
    expect(offered()).toEqual([]);
    await userEvent.type(field(), 'look{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(GROUP, 'hi @Carol look', {
      mentions: [CAROL.userId],
    });
  });

  it('is chosen by Tab or a click, and in the middle of a text', async () => {
    show();
    await userEvent.type(field(), '@bo{Tab}');
    expect(field()).toHaveValue('@Bob ');
    await userEvent.type(field(), 'and @');
    fireEvent.click(screen.getByRole('option', { name: /林青/ }));
    expect(field()).toHaveValue('@Bob and @林青 ');
    expect(field()).toHaveFocus();
  });

  it('is gone when its name was taken out of the text', async () => {
    show();
    await userEvent.type(field(), '@bo{Enter}');
    await userEvent.clear(field());
    await userEvent.type(field(), 'nobody{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(GROUP, 'nobody');
  });

  it('is not offered after Escape, until the next @', async () => {
    show();
    await userEvent.type(field(), '@b{Escape}');
    expect(offered()).toEqual([]);
    await userEvent.type(field(), 'o{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(GROUP, '@bo');
    await userEvent.type(field(), 'x @b');
    expect(offered()).toHaveLength(1);
  });

  it('calls everybody for those who may', async () => {
    const { unmount } = show();
    await userEvent.type(field(), '@every');
    expect(offered()).toEqual([]);
    unmount();
    localStorage.clear();
    applyEvent({ type: 'signedIn', account: ACCOUNT });
    loadMembers(ALICE, BOB);
    show(Role.Admin);
    await userEvent.type(field(), '@every{Enter}now{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(GROUP, '@everyone now', {
      mentions: [EVERYBODY],
    });
  });

  it('says to readers which option is active', async () => {
    show();
    await userEvent.type(field(), '@{ArrowDown}');
    const active = screen.getByRole('option', { selected: true });
    expect(field()).toHaveAttribute('aria-activedescendant', active.id);
    expect(field()).toHaveAttribute('aria-controls', screen.getByRole('listbox').id);
  });

  it('of somebody further on in a large group is found page by page', async () => {
    show();
    const group = useGroupStore.getState().groups[GROUP];
    if (!group) throw new Error('no group');
    useGroupStore.setState({ groups: { [GROUP]: { ...group, nextAfter: '200' } } });
    await userEvent.type(field(), '@');
    expect(fakeClient.loadMembers).not.toHaveBeenCalled();
    await userEvent.type(field(), 'zo');
    expect(fakeClient.loadMembers).toHaveBeenCalledExactlyOnceWith(GROUP, '200');
  });

  it('waits for the end of a composition', () => {
    show();
    fireEvent.compositionStart(field());
    fireEvent.change(field(), { target: { value: '@lin', selectionEnd: 4 } });
    expect(offered()).toEqual([]);
    fireEvent.change(field(), { target: { value: '@林', selectionEnd: 2 } });
    fireEvent.compositionEnd(field());
    expect(offered()).toEqual([expect.stringContaining('林青')]);
  });

  it('reads the members once somebody is called, and not before', async () => {
    useGroupStore.setState({ groups: {} });
    show();
    await userEvent.type(field(), 'hello ');
    expect(fakeClient.loadGroup).not.toHaveBeenCalled();
    await userEvent.type(field(), '@');
    expect(fakeClient.loadGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
  });
});
