import type { MessageBody } from '@/utils/messageBody';

export type MediaBody = Extract<MessageBody, { kind: 'media' }>;
