import type { world as en } from '@/constants/texts/en/world';

export const world: Readonly<Record<keyof typeof en, string>> = {
  world: '世界',
  worldTitle: '世界频道',
  worldText: '所有人都在这里。',
  worldAsGuest: '你是 {name}。',
  worldBeginning: '世界频道从这里开始。',
  guestBanner: '访客可读可说，私聊需注册。',
  sendingPaused: '发得有点快，{seconds} 秒后继续发送。',
};
