import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { Account, Profile } from '@/types/person';

export interface AccountState {
  /** `unknown` until the client has looked for a signed-in user on this device. */
  readonly status: 'unknown' | 'signedIn' | 'signedOut';
  readonly account: Account | null;
}

export const useAccountStore = create<AccountState>(() => ({ status: 'unknown', account: null }));

export function reduceAccount(state: AccountState, event: ClientEvent): AccountState {
  switch (event.type) {
    case 'signedIn':
      return { status: 'signedIn', account: event.account };
    case 'signedOut':
      return { status: 'signedOut', account: null };
    case 'ownProfileChanged':
      return state.account ? { ...state, account: renamed(state.account, event) } : state;
    default:
      return state;
  }
}

function renamed(account: Account, { nickname, avatar }: Pick<Profile, 'nickname' | 'avatar'>): Account {
  return { ...account, profile: { ...account.profile, nickname, avatar } };
}
