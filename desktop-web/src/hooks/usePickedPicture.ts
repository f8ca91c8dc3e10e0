import { useCallback, useEffect, useState } from 'react';

export interface PickedPicture {
  /** Null: none. */
  readonly picture: Blob | null;
  /** Where it is on this device, or empty. */
  readonly url: string;
  readonly pick: (picture: Blob | null) => void;
}

/** A picture that is chosen and not uploaded yet. */
export function usePickedPicture(): PickedPicture {
  const [picked, setPicked] = useState<{ readonly picture: Blob | null; readonly url: string }>({
    picture: null,
    url: '',
  });
  const pick = useCallback((picture: Blob | null) => {
    setPicked({ picture, url: picture ? URL.createObjectURL(picture) : '' });
  }, []);
  useEffect(() => () => URL.revokeObjectURL(picked.url), [picked.url]);
  return { ...picked, pick };
}
