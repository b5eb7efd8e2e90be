// Images that come by file, paste or drop. They become `data:` URLs within the message; nothing is read from the network.

export interface ReadImage {
  url: string;
  bytes: number;
}

export function imagesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith('image/'));
}

export function readImage(file: File): Promise<ReadImage> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ url: String(reader.result), bytes: file.size });
    reader.onerror = () => reject(reader.error ?? new Error('The file could not be read'));
    reader.readAsDataURL(file);
  });
}

/** What is wrong with an address for an image, or `null`. Variables may stand in it. */
export function imageAddressProblem(url: string): string | null {
  if (url.trim() === '') return 'An address is missing';
  return /^https:\/\/\S+$/.test(url.trim()) ? null : 'The address has to begin with https://';
}
