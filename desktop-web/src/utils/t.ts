import { en, type TextName } from '@/constants/texts/en';
import { zh } from '@/constants/texts/zh';

export type Language = 'en' | 'zh';

type Parameters = Readonly<Record<string, string | number>>;

const TEXTS: Readonly<Record<Language, Readonly<Record<TextName, string>>>> = { en, zh };

/** The language of the page: the browser's if there are texts for it, else English. */
export const language: Language = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';

/** The text of that name in the page's language, with its parameters put in. */
export function t(name: TextName, parameters: Parameters = {}): string {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (placeholder, key: string) =>
    String(parameters[key] ?? placeholder),
  );
}

/** A sentence for an error code of the protocol; codes without one of their own share a general sentence. */
export function errorText(code: number): string {
  const name = `error${code}`;
  return name in en ? t(name as TextName) : t('errorOther');
}
