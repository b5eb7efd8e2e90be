// Addresses that a rule may ask: only this machine.

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What is wrong with the address of a tool's server, or `null`. The engine looks at what it resolves to as well. */
export function loopbackProblem(address: string): string | null {
  if (address.trim() === '') return 'The address is missing';
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    return 'This is no address. Write one such as http://127.0.0.1:8000/tool';
  }
  if (url.protocol !== 'http:') return 'Only http:// on this machine can be asked';
  if (!LOOPBACK.test(url.hostname)) {
    return `${url.hostname || 'This'} is not this machine. Only 127.0.0.1, [::1] and localhost can be asked`;
  }
  if (url.username !== '' || url.password !== '') return 'An address with a name or password is not sent';
  return null;
}
