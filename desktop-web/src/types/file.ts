export type { FileInfo } from './generated/rest';
