// Ids are UUIDs of version 7, like those the app itself makes, so that rows sort by the time they were made.
let lastMillisecond = 0;
let counter = 0;

export function newId(now: number = Date.now()): string {
  // Several ids within one millisecond stay in order by the 12 bits that follow the time.
  if (now > lastMillisecond) {
    lastMillisecond = now;
    counter = 0;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMillisecond += 1;
      counter = 0;
    }
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  const time = lastMillisecond.toString(16).padStart(12, '0');
  const order = (0x7000 | counter).toString(16);
  const high = (0x8000 | ((((random[0] ?? 0) << 8) | (random[1] ?? 0)) & 0x3fff)).toString(16);
  const low = Array.from(random.slice(2), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-${order}-${high}-${low}`;
}
