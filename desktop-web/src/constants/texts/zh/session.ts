import type { session as en } from '@/constants/texts/en/session';

export const session: Readonly<Record<keyof typeof en, string>> = {
  notMe: '不是我，修改密码',
  expiredTitle: '登录已过期',
  expiredText: '重新登录后即可继续。本机已有的内容仍可查看，不会丢失。',
  keepReading: '继续查看',
  storageUnavailable: '浏览器没有在本机保存任何内容：刷新后会重新加载全部消息。',
  storageFull: '本机存储空间已满：新消息可以显示，但不会保存在本机。',
  dismiss: '知道了',
};
