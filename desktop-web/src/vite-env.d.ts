/// <reference types="vite/client" />

/** The version in package.json, put in by Vite. */
declare const __APP_VERSION__: string;

/** All emoji with their names and search words in a language, as `parseEmoji` reads them; build/emoji.ts makes it. */
declare module 'virtual:emoji/en' {
  export const emoji: string;
}
declare module 'virtual:emoji/zh' {
  export const emoji: string;
}
