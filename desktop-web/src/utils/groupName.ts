import { MAX_GROUP_NAME } from '@/protocol/limits';
import { t } from '@/utils/t';

/** What a group is called whose maker gives it no name: its people, as many as fit. */
export function defaultGroupName(names: readonly string[]): string {
  let result = '';
  for (const name of names) {
    const longer = result === '' ? name : `${result}${t('nameSeparator')}${name}`;
    if ([...longer].length > MAX_GROUP_NAME) break;
    result = longer;
  }
  return result === '' ? [...(names[0] ?? '')].slice(0, MAX_GROUP_NAME).join('') : result;
}

/** Why a name cannot be a group's; null: it can. */
export function groupNameProblem(name: string): string | null {
  const length = [...name.trim()].length;
  return length === 0 || length > MAX_GROUP_NAME ? t('groupNameHelp') : null;
}
