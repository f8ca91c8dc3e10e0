import { useEffect, useRef, type RefObject } from 'react';

/** Shows a file of this device in a picture, and lets go of its address with it. */
export function useLocalPicture(file: Blob | null): RefObject<HTMLImageElement | null> {
  const picture = useRef<HTMLImageElement>(null);
  useEffect(() => {
    if (!file || !picture.current) return;
    const url = URL.createObjectURL(file);
    picture.current.src = url;
    return () => URL.revokeObjectURL(url);
  }, [file]);
  return picture;
}
