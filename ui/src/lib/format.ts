// Numbers and words of the interface, one form for each kind. Unknown is a dash.

export const dash = '–';
const minus = '−';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

function fixed(value: number, digits: number): string {
  return new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

const known = (value: number | null | undefined): value is number =>
  value !== null && value !== undefined && Number.isFinite(value);

const two = (value: number): string => String(value).padStart(2, '0');

/** `428 ms`, `2.08 s`, `1:07`, `1 h 04 min`. */
export function duration(ms: number | null | undefined): string {
  if (!known(ms)) return dash;
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${fixed(ms / 1000, 2)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `3,414.7`, for a table whose head has the unit. */
export function tenths(ms: number | null | undefined): string {
  return known(ms) ? fixed(ms, 1) : dash;
}

/** A running clock, in tenths: `2.1 s`, `1:12.4`. */
export function timer(ms: number | null | undefined): string {
  if (!known(ms)) return dash;
  const tenths = Math.floor(Math.max(0, ms) / 100);
  if (tenths < 600) return `${fixed(tenths / 10, 1)} s`;
  const minutes = Math.floor(tenths / 600);
  const rest = tenths - minutes * 600;
  return `${minutes}:${two(Math.floor(rest / 10))}.${rest % 10}`;
}

/** `85.8`, to stand under `tok/s`; `n/a` when it has no meaning. */
export function speed(tokensPerSecond: number | null | undefined): string {
  return known(tokensPerSecond) ? fixed(tokensPerSecond, 1) : 'n/a';
}

/** `1,218`. */
export function count(value: number | null | undefined): string {
  return known(value) ? whole.format(value) : dash;
}

/** `86 tok`; estimates carry `≈`. */
export function tokens(value: number | null | undefined, estimated = false): string {
  if (!known(value)) return dash;
  return `${estimated ? '≈ ' : ''}${whole.format(value)} tok`;
}

const symbols: Record<string, string> = { USD: '$', EUR: '€', GBP: '£' };

/** `$0.0012`, `$0.41`, `$12.40`: two significant digits below a cent, cents above. */
export function money(amount: number | null | undefined, currency = 'USD'): string {
  if (!known(amount)) return dash;
  const symbol = symbols[currency] ?? `${currency} `;
  const size = Math.abs(amount);
  const sign = amount < 0 ? minus : '';
  if (size === 0 || size >= 0.01) return `${sign}${symbol}${fixed(size, 2)}`;
  const digits = Math.min(20, 1 - Math.floor(Math.log10(size)));
  return `${sign}${symbol}${size.toFixed(digits)}`;
}

/** `1,294 bytes`, `65.9 kB`, `1.1 GB`, by powers of 1000. */
export function bytes(value: number | null | undefined): string {
  if (!known(value)) return dash;
  if (value === 1) return '1 byte';
  if (value < 10_000) return `${whole.format(value)} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.95 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${fixed(scaled, 1)} ${units[unit]}`;
}

/** `38.2 %` of a fraction. */
export function share(fraction: number | null | undefined): string {
  return known(fraction) ? `${fixed(fraction * 100, 1)} %` : dash;
}

/** `+842.6`, `−72`: a difference with its sign, up to one decimal. */
export function signed(value: number | null | undefined): string {
  if (!known(value)) return dash;
  const size = Math.abs(value);
  const text = Number.isInteger(size) ? whole.format(size) : fixed(size, 1);
  if (value === 0) return '0';
  return `${value < 0 ? minus : '+'}${text}`;
}

/** `09:41`, in the time of this computer. */
export function clock(unixMs: number | null | undefined): string {
  if (!known(unixMs)) return dash;
  const date = new Date(unixMs);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const longMonths = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `09:41` today, `Mon 14:10` within the week, `28 Feb` before that, with the year when it is another one. */
export function moment(unixMs: number | null | undefined, now: number): string {
  if (!known(unixMs)) return dash;
  const date = new Date(unixMs);
  const today = new Date(now);
  const days = Math.round((startOfDay(today) - startOfDay(date)) / 86_400_000);
  if (days === 0) return clock(unixMs);
  if (days > 0 && days < 7) return `${weekdays[date.getDay()]} ${clock(unixMs)}`;
  const day = `${date.getDate()} ${months[date.getMonth()]}`;
  return date.getFullYear() === today.getFullYear() ? day : `${day} ${date.getFullYear()}`;
}

/** `21 Nov`. */
export function shortDay(unixMs: number): string {
  const date = new Date(unixMs);
  return `${date.getDate()} ${months[date.getMonth()]}`;
}

/** `21 Nov 14:22`, with the year when it is another one: names a moment for good. */
export function dateAndTime(unixMs: number, now: number): string {
  const date = new Date(unixMs);
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${months[date.getMonth()]}${year} ${clock(unixMs)}`;
}

/** `today 14:22:08`, `21 Nov 14:22:08`: a moment told to the second. */
export function exactly(unixMs: number, now: number): string {
  const day = dayName(unixMs, now);
  const when = /^(Today|Yesterday)$/.test(day) ? `${day.toLowerCase()} ${clock(unixMs)}` : dateAndTime(unixMs, now);
  return `${when}:${two(new Date(unixMs).getSeconds())}`;
}

/** `Today`, `Yesterday`, `12 March`, with the year when it is another one. */
export function dayName(unixMs: number, now: number): string {
  const date = new Date(unixMs);
  const today = new Date(now);
  const ago = Math.round((startOfDay(today) - startOfDay(date)) / 86_400_000);
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  const year = date.getFullYear() === today.getFullYear() ? '' : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${longMonths[date.getMonth()]}${year}`;
}

export function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** `1 lane`, `3 lanes`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

/** Keeps both ends of an id: `req_7Qm2…v0aL`. */
export function middle(text: string, length = 24): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}
