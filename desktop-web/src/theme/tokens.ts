import type { Theme } from '@/stores/settingsStore';

// Ant Design derives colours from literal seeds and cannot take `var()`. These are the same values as in tokens.css; a test
// holds the two together. The names are those of the custom properties.

export interface ThemeTokens {
  /** Colour of the frame around the page, where a system has one: the middle of the canvas. */
  readonly frame: string;
  readonly accentSolid: string;
  readonly onAccent: string;
  readonly dangerFill: string;
  readonly link: string;
  readonly ok: string;
  readonly warn: string;
  readonly danger: string;
  readonly text1: string;
  readonly text2: string;
  readonly text3: string;
  readonly field: string;
  readonly raised: string;
  readonly scrim: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly lineControl: string;
  readonly fillHover: string;
  readonly fillActive: string;
  readonly segment: string;
  readonly focus: string;
  readonly mark2: string;
}

/** Custom property of each token. */
export const CUSTOM_PROPERTIES: Readonly<Record<keyof ThemeTokens, string>> = {
  frame: '--frame',
  accentSolid: '--accent-solid',
  onAccent: '--on-accent',
  dangerFill: '--danger-fill',
  link: '--link',
  ok: '--ok',
  warn: '--warn',
  danger: '--danger',
  text1: '--text-1',
  text2: '--text-2',
  text3: '--text-3',
  field: '--field',
  raised: '--raised',
  scrim: '--scrim',
  line: '--line',
  lineStrong: '--line-strong',
  lineControl: '--line-control',
  fillHover: '--fill-hover',
  fillActive: '--fill-active',
  segment: '--segment',
  focus: '--focus',
  mark2: '--mark-2',
};

export const THEME_TOKENS: Readonly<Record<Theme, ThemeTokens>> = {
  dark: {
    frame: '#0b1b43',
    accentSolid: '#7b34d1',
    onAccent: '#ffffff',
    dangerFill: '#c22b3e',
    link: '#7adcee',
    ok: '#4fdfa3',
    warn: '#ffc970',
    danger: '#ff939d',
    text1: '#eef2ff',
    text2: '#bcc7ea',
    text3: '#a4b1db',
    field: 'rgba(158, 178, 255, 0.09)',
    raised: 'rgba(24, 33, 76, 0.96)',
    scrim: 'rgba(5, 8, 26, 0.54)',
    line: 'rgba(168, 186, 255, 0.14)',
    lineStrong: 'rgba(168, 186, 255, 0.26)',
    lineControl: '#6d7cb4',
    fillHover: 'rgba(158, 178, 255, 0.08)',
    fillActive: 'rgba(158, 178, 255, 0.15)',
    segment: 'rgba(158, 178, 255, 0.15)',
    focus: '#6fe0f2',
    mark2: '#2fc9e0',
  },
  light: {
    frame: '#e4eaf9',
    accentSolid: '#7b34d1',
    onAccent: '#ffffff',
    dangerFill: '#c22b3e',
    link: '#0a6682',
    ok: '#0a6541',
    warn: '#7f4d00',
    danger: '#b0202f',
    text1: '#131a3d',
    text2: '#434d7a',
    text3: '#4f5982',
    field: 'rgba(48, 62, 148, 0.07)',
    raised: 'rgba(255, 255, 255, 0.98)',
    scrim: 'rgba(24, 30, 72, 0.38)',
    line: 'rgba(38, 52, 128, 0.12)',
    lineStrong: 'rgba(38, 52, 128, 0.22)',
    lineControl: '#6f7aaa',
    fillHover: 'rgba(58, 72, 160, 0.06)',
    fillActive: 'rgba(92, 72, 210, 0.11)',
    segment: '#ffffff',
    focus: '#5b39c9',
    mark2: '#0f88a2',
  },
};
