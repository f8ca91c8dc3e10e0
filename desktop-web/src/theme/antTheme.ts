import { theme as ant, type ThemeConfig } from 'antd';
import type { Theme } from '@/stores/settingsStore';
import { THEME_TOKENS } from './tokens';

const FONT_UI =
  '"Emoji of the system", system-ui, -apple-system, "Segoe UI Variable Text", "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", ' +
  '"Microsoft YaHei UI", "Noto Sans CJK SC", "Noto Sans SC", "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif';
const FONT_MONO = 'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Liberation Mono", monospace';

/** Our tokens as Ant Design takes them. */
export function antTheme(theme: Theme, motion: boolean): ThemeConfig {
  const tokens = THEME_TOKENS[theme];
  return {
    algorithm: theme === 'dark' ? ant.darkAlgorithm : ant.defaultAlgorithm,
    token: {
      colorPrimary: tokens.accentSolid,
      colorLink: tokens.link,
      colorInfo: tokens.link,
      colorSuccess: tokens.ok,
      colorWarning: tokens.warn,
      colorError: tokens.danger,
      colorText: tokens.text1,
      colorTextSecondary: tokens.text2,
      colorTextTertiary: tokens.text3,
      colorTextPlaceholder: tokens.text3,
      colorBgContainer: tokens.field,
      colorBgElevated: tokens.raised,
      colorBgLayout: 'transparent',
      colorBgMask: tokens.scrim,
      colorBorder: tokens.lineControl,
      colorBorderSecondary: tokens.line,
      colorSplit: tokens.line,
      controlItemBgHover: tokens.fillHover,
      controlItemBgActive: tokens.fillActive,
      borderRadiusXS: 6,
      borderRadiusSM: 10,
      borderRadius: 12,
      borderRadiusLG: 16,
      controlHeightSM: 32,
      controlHeight: 40,
      controlHeightLG: 44,
      fontFamily: FONT_UI,
      fontFamilyCode: FONT_MONO,
      fontSize: 14,
      fontSizeSM: 12,
      fontSizeLG: 15,
      motion,
      motionDurationFast: '0.12s',
      motionDurationMid: '0.18s',
      motionDurationSlow: '0.26s',
      motionEaseOut: 'cubic-bezier(0.2, 0.8, 0.2, 1)',
      lineWidthFocus: 2,
      controlOutlineWidth: 1,
      controlOutline: tokens.focus,
    },
    components: {
      Button: {
        fontWeight: 500,
        defaultBg: tokens.field,
        defaultBorderColor: tokens.lineStrong,
        defaultShadow: 'none',
        paddingInlineSM: 12,
      },
      Input: {
        activeBorderColor: tokens.focus,
        hoverBorderColor: tokens.lineControl,
        activeShadow: `0 0 0 1px ${tokens.focus}`,
        activeBg: tokens.field,
        hoverBg: tokens.field,
      },
      Segmented: {
        trackBg: tokens.field,
        trackPadding: 4,
        itemSelectedBg: tokens.segment,
        itemSelectedColor: tokens.text1,
        itemColor: tokens.text2,
      },
      Modal: { contentBg: tokens.raised, headerBg: 'transparent' },
    },
  };
}
