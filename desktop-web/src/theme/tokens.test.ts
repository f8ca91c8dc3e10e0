import { describe, expect, it } from 'vitest';
import css from './tokens.css?raw';
import { CUSTOM_PROPERTIES, THEME_TOKENS, type ThemeTokens } from './tokens';

/** The declarations of the rule with this selector. */
function declarations(selector: string): Map<string, string> {
  const start = css.indexOf(`${selector} {`);
  const body = css.slice(css.indexOf('{', start) + 1, css.indexOf('\n}', start));
  return new Map(
    [...body.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
}

const common = declarations(':root');

describe.each(['dark', 'light'] as const)('the %s tokens', (theme) => {
  const themed = declarations(`[data-theme='${theme}']`);
  const resolve = (name: string): string | undefined => {
    const value = themed.get(name) ?? common.get(name);
    const reference = value?.match(/^var\((--[\w-]+)\)$/)?.[1];
    return reference ? resolve(reference) : value;
  };

  it.each(Object.keys(CUSTOM_PROPERTIES) as (keyof ThemeTokens)[])(
    '%s is the same for Ant Design and in tokens.css',
    (name) => {
      expect(THEME_TOKENS[theme][name]).toBe(resolve(CUSTOM_PROPERTIES[name]));
    },
  );
});
