import type { common as en } from '@/constants/texts/en/common';

export const common: Readonly<Record<keyof typeof en, string>> = {
  appName: 'im-rs',
  navigation: '主导航',
  chats: '消息',
  contacts: '联系人',
  unreadCount: '{count} 条未读',
  requestCount: '{count} 个待处理请求',
  switchToLight: '切换到浅色主题',
  switchToDark: '切换到深色主题',
  accountMenu: '{name} 的账号',
  signOut: '退出登录',
  online: '在线',
  offline: '离线',
  back: '返回',
  cancel: '取消',
  save: '保存',
  unknownPerson: '对方',
  close: '关闭',
  pageBroke: '页面出了问题',
  pageBrokeText: '消息都在，重新加载即可。',
  reload: '重新加载',
};
