import { applyEvent } from '@/stores/applyEvent';
import { createClient } from './client';

/** The client of this page: its events feed the stores. */
export const client = createClient(applyEvent);
