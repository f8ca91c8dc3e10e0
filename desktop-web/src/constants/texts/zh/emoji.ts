import type { emoji as en } from '@/constants/texts/en/emoji';

export const emoji: Readonly<Record<keyof typeof en, string>> = {
  moreReactions: '更多表情',
  emojiSearch: '搜索表情',
  emojiCategories: '分类',
  emojiRecent: '最近使用',
  emojiFaces: '笑脸与情绪',
  emojiPeople: '人物',
  emojiNature: '动物与自然',
  emojiFood: '食物与饮料',
  emojiTravel: '旅行与地点',
  emojiActivities: '活动',
  emojiObjects: '物品',
  emojiSymbols: '符号',
  emojiFlags: '旗帜',
  emojiFound: '找到的表情',
  emojiNone: '这里没有表情。',
  emojiFailed: '无法加载表情。',
  emojiTone: '肤色',
  emojiToneNumber: '肤色 {number}',
};
