/** Pixels along a side of an avatar. */
export const PICTURE_SIDE = 512;

/** The part of a picture that becomes the square: as large as fits, in the middle. */
export function middleSquare(width: number, height: number): { x: number; y: number; side: number } {
  const side = Math.min(width, height);
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/**
 * A picture cut to a square in its middle and made smaller, in the browser: what is cut off, and where it was taken, is not uploaded.
 * Rejects when it is no picture.
 */
export async function squarePicture(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const { x, y, side } = middleSquare(picture.width, picture.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.min(PICTURE_SIDE, side);
  canvas.getContext('2d')?.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => {
    // Browsers that cannot write WebP write PNG.
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new TypeError('no picture'))), 'image/webp', 0.9);
  });
}
