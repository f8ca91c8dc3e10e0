import type { TextName } from '@/constants/texts/en';
import type { DeliveryState } from './logRows';

/** What each state of delivery is called. */
export const STATE_NAMES: Readonly<Record<DeliveryState, TextName>> = {
  sending: 'stateSending',
  sent: 'stateSent',
  delivered: 'stateDelivered',
  read: 'stateRead',
  failed: 'stateFailed',
};
