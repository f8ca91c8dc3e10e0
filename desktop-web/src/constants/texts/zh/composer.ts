import type { composer as en } from '@/constants/texts/en/composer';

export const composer: Readonly<Record<keyof typeof en, string>> = {
  composer: '消息',
  composerPlaceholder: '输入消息…',
  composerOffline: '离线中，消息会排队发送…',
  composerTooLong: '超出 {bytes} 字节。',
  send: '发送',
  attach: '添加文件',
  uploading: '正在上传：{percent}%',
  replyingTo: '回复 {name}',
  editing: '正在编辑',
  cancelReply: '取消回复',
  cancelEdit: '取消编辑',
  composerNotMember: '你已不在这个群里。',
  composerReadOnly: '这里只有运营方可以发言。',
  composerSilencedAll: '这个群只有管理员可以发言。',
  composerSilenced: '在 {time} 之前你不能发言。',
};
