/** Saves a text as a file on the person's machine. */
export function download(path: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = path.split('/').at(-1) ?? path;
  anchor.click();
  URL.revokeObjectURL(address);
}
