import { applyEvent } from '@/stores/applyEvent';
import { Client } from './client';

/** The client of this page: its events feed the stores. */
export const client = new Client(applyEvent);
