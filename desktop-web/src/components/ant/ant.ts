// Everything of Ant Design that is used: one chunk, which nothing imports but `parts.ts`, lazily.

import { Checkbox, Drawer, Input, Modal, Radio, Segmented } from 'antd';

export { AntTheme } from './AntTheme';
export { Checkbox, Drawer, Input, Modal, Radio, Segmented };
export const RadioGroup = Radio.Group;
export const TextArea = Input.TextArea;
