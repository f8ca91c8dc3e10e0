// The parts of Ant Design by which dialogs and settings are made. It is half of all script and no chat needs it, so it is loaded when
// the first of them is shown, or before that when there is nothing else to do.

import { createElement, useSyncExternalStore, type ComponentType, type ReactNode } from 'react';
import type {
  CheckboxProps,
  DrawerProps,
  InputProps,
  ModalProps,
  RadioGroupProps,
  RadioProps,
  SegmentedProps,
} from 'antd';
import type { TextAreaProps } from 'antd/es/input';
import { report } from '@/utils/report';
import type * as AntChunk from './ant';

type Ant = typeof AntChunk;

let ant: Ant | null = null;
const waiting = new Set<() => void>();

/** Resolves when the parts are there. Tests and idle pages call it ahead. */
export async function loadAnt(): Promise<void> {
  if (ant) return;
  ant = await import('./ant');
  waiting.forEach((tell) => tell());
}

function subscribe(tell: () => void): () => void {
  waiting.add(tell);
  loadAnt().catch((error: unknown) => report('Ant Design could not be loaded', error));
  return () => waiting.delete(tell);
}

/** A part under our theme; nothing until it is there. */
function part<Props extends object>(
  pick: (ant: Ant) => ComponentType<Props>,
): (props: Props & { readonly children?: ReactNode }) => ReactNode {
  return (props) => {
    const loaded = useSyncExternalStore(subscribe, () => ant);
    return loaded && createElement(loaded.AntTheme, null, createElement(pick(loaded), props));
  };
}

export const Modal = part<ModalProps>(({ Modal }) => Modal);
export const Drawer = part<DrawerProps>(({ Drawer }) => Drawer);
export const Checkbox = part<CheckboxProps>(({ Checkbox }) => Checkbox);
export const Radio = part<RadioProps>(({ Radio }) => Radio);
export const RadioGroup = part<RadioGroupProps>(({ RadioGroup }) => RadioGroup);
export const Input = part<InputProps>(({ Input }) => Input);
export const TextArea = part<TextAreaProps>(({ TextArea }) => TextArea);
export const Segmented = part<SegmentedProps<string>>(
  ({ Segmented }) => Segmented as ComponentType<SegmentedProps<string>>,
);
