import { vi } from 'vitest';
import type { Client } from '@/services/client/client';

type Actions = { [Name in keyof Client]: ReturnType<typeof vi.fn<Client[Name]>> };

/** The client's actions without what is behind them. Use with `vi.mock('@/services/client', ...)`. */
export const fakeClient: Actions = {
  start: vi.fn<Client['start']>(),
  signIn: vi.fn<Client['signIn']>(),
  register: vi.fn<Client['register']>(),
  enterAsGuest: vi.fn<Client['enterAsGuest']>(),
  signOut: vi.fn<Client['signOut']>(),
  retryNow: vi.fn<Client['retryNow']>(),
  connectAgain: vi.fn<Client['connectAgain']>(),
  useHere: vi.fn<Client['useHere']>(),
  sendText: vi.fn<Client['sendText']>(),
  sendFile: vi.fn<Client['sendFile']>(),
  fileInfo: vi.fn<Client['fileInfo']>(),
  resend: vi.fn<Client['resend']>(),
  discard: vi.fn<Client['discard']>(),
  openLog: vi.fn<Client['openLog']>(),
  loadOlder: vi.fn<Client['loadOlder']>(),
  loadNewer: vi.fn<Client['loadNewer']>(),
  markRead: vi.fn<Client['markRead']>(),
  openConversation: vi.fn<Client['openConversation']>(),
  searchUsers: vi.fn<Client['searchUsers']>(),
  requestFriend: vi.fn<Client['requestFriend']>(),
  acceptRequest: vi.fn<Client['acceptRequest']>(),
  rejectRequest: vi.fn<Client['rejectRequest']>(),
  removeFriend: vi.fn<Client['removeFriend']>(),
  setRemark: vi.fn<Client['setRemark']>(),
  editMessage: vi.fn<Client['editMessage']>(),
  recallMessage: vi.fn<Client['recallMessage']>(),
  react: vi.fn<Client['react']>(),
  follow: vi.fn<Client['follow']>(),
  unfollow: vi.fn<Client['unfollow']>(),
  typed: vi.fn<Client['typed']>(),
  saveDraft: vi.fn<Client['saveDraft']>(),
  pin: vi.fn<Client['pin']>(),
  mute: vi.fn<Client['mute']>(),
  archive: vi.fn<Client['archive']>(),
  hide: vi.fn<Client['hide']>(),
  receipts: vi.fn<Client['receipts']>(),
  createGroup: vi.fn<Client['createGroup']>(),
  loadGroup: vi.fn<Client['loadGroup']>(),
  renameGroup: vi.fn<Client['renameGroup']>(),
  inviteToGroup: vi.fn<Client['inviteToGroup']>(),
  removeFromGroup: vi.fn<Client['removeFromGroup']>(),
  setGroupRole: vi.fn<Client['setGroupRole']>(),
  transferGroup: vi.fn<Client['transferGroup']>(),
  leaveGroup: vi.fn<Client['leaveGroup']>(),
  dissolveGroup: vi.fn<Client['dissolveGroup']>(),
  answerJoinRequest: vi.fn<Client['answerJoinRequest']>(),
};

/** All actions succeed and give nothing. */
export function resetClient(): void {
  for (const action of Object.values(fakeClient)) action.mockReset();
  for (const name of [
    'signIn',
    'register',
    'enterAsGuest',
    'signOut',
    'sendText',
    'sendFile',
    'resend',
    'discard',
    'openLog',
    'loadOlder',
    'loadNewer',
  ] as const) {
    fakeClient[name].mockResolvedValue(undefined);
  }
  for (const name of [
    'requestFriend',
    'acceptRequest',
    'rejectRequest',
    'removeFriend',
    'setRemark',
    'useHere',
    'editMessage',
    'recallMessage',
    'react',
    'pin',
    'mute',
    'archive',
    'hide',
    'loadGroup',
    'renameGroup',
    'inviteToGroup',
    'removeFromGroup',
    'setGroupRole',
    'transferGroup',
    'leaveGroup',
    'dissolveGroup',
    'answerJoinRequest',
  ] as const) {
    fakeClient[name].mockResolvedValue(undefined);
  }
  fakeClient.searchUsers.mockResolvedValue([]);
}
