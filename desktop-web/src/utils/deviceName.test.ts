import { describe, expect, it } from 'vitest';
import type { Device } from '@/types/account';
import { deviceName } from './deviceName';

const device = (changes: Partial<Device>): Device => ({
  id: '1',
  deviceId: 'a',
  platform: 'web',
  name: '',
  userAgent: '',
  address: '',
  createdAt: 0,
  lastSeenAt: 0,
  online: false,
  current: false,
  ...changes,
});

/** B16 */
describe('a device', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36', 'Chrome · Windows'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge · Windows'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/26.0 Safari/605.1.15', 'Safari · macOS'],
    ['Mozilla/5.0 (iPad; CPU OS 26_0 like Mac OS X) Version/26.0 Safari/604.1', 'Safari · iPadOS'],
    ['Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox · Android'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux'],
  ])('that says %s is called %s', (userAgent, name) => {
    expect(deviceName(device({ userAgent }))).toBe(name);
  });

  it('is called what it calls itself, or else its platform', () => {
    expect(deviceName(device({ name: 'Pixel', userAgent: 'Chrome/140' }))).toBe('Pixel');
    expect(deviceName(device({ platform: 'terminal' }))).toBe('terminal');
  });
});
