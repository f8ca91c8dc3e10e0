import { report } from './report';

/** How large a picture is shown, pixels, so that its place is kept; nothing of what the browser does not show. */
export async function pictureSize(
  file: Blob,
): Promise<{ readonly width?: number; readonly height?: number }> {
  if (!file.type.startsWith('image/')) return {};
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch (error) {
    report('a picture cannot be read', error);
    return {};
  }
}
