import type { TextName } from '@/constants/texts/en';

export type Language = 'en' | 'zh';

type Texts = Readonly<Record<TextName, string>>;
type Parameters = Readonly<Record<string, string | number>>;

/** The texts of each language are a chunk of their own: a page loads those that it speaks. */
const LOADERS: Readonly<Record<Language, () => Promise<Texts>>> = {
  en: async () => (await import('@/constants/texts/en')).en,
  zh: async () => (await import('@/constants/texts/zh')).zh,
};

let spoken: { readonly language: Language; readonly texts: Texts } | null = null;

/** Makes this the language of everything that `t` gives from now on. Nothing may be rendered before the first call is done. */
export async function speak(language: Language): Promise<void> {
  spoken = { language, texts: await LOADERS[language]() };
}

/** The language of the page. */
export function language(): Language {
  return now().language;
}

/** `{count}`, or the first of `{count:member|members}` for one and the second for all else. */
const PARAMETER = /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g;

/** The text of that name in the page's language, with its parameters put in. */
export function t(name: TextName, parameters: Parameters = {}): string {
  return now().texts[name].replace(PARAMETER, (placeholder, key: string, one?: string, many?: string) => {
    const value = parameters[key];
    if (value === undefined) return placeholder;
    return (Number(value) === 1 ? one : many) ?? String(value);
  });
}

/** Why something was refused, as it goes on after a colon; codes without a text of their own share a general one. */
export function reasonText(code: number): string {
  const name = `error${code}`;
  return name in now().texts ? t(name as TextName) : t('errorOther');
}

/** The same where it stands alone: a sentence of its own. Chinese has no capitals and stays what it is. */
export function errorText(code: number): string {
  const reason = reasonText(code);
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}

function now() {
  if (!spoken) throw new Error('no language is spoken yet');
  return spoken;
}
