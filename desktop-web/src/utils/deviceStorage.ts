/** What the browser gives to this page on this device; null where it does not say. */
export interface DeviceStorage {
  /** Bytes. */
  readonly used: number | null;
  /** Bytes at most, roughly. */
  readonly quota: number | null;
  /** Whether it stays when the device runs out of space. */
  readonly kept: boolean | null;
}

/** Pages without TLS have no `navigator.storage`. */
export async function deviceStorage(): Promise<DeviceStorage> {
  if (!('storage' in navigator)) return { used: null, quota: null, kept: null };
  const [{ usage = null, quota = null }, kept] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ]);
  return { used: usage, quota, kept };
}

/** Asks the browser to keep it; some ask the user, some decide by how much the page is used. */
export function keepDeviceStorage(): Promise<boolean> {
  return navigator.storage.persist();
}
