import { describe, expect, it } from 'vitest';
import * as format from './format';

const table: [string, string, string][] = [
  ['a time below a second in milliseconds', format.duration(427.6), '428 ms'],
  ['never 1000 ms', format.duration(999.7), '1.00 s'],
  ['seconds with two decimals', format.duration(2080), '2.08 s'],
  ['never 60.00 s', format.duration(59_996), '1:00'],
  ['minutes and seconds', format.duration(67_000), '1:07'],
  ['hours and minutes', format.duration(3_840_000), '1 h 04 min'],
  ['an unknown time as a dash', format.duration(null), '–'],
  ['a running clock in tenths', format.timer(2149), '2.1 s'],
  ['a running clock above a minute', format.timer(72_449), '1:12.4'],
  ['speed with one decimal', format.speed(85.84), '85.8'],
  ['speed without meaning', format.speed(null), 'n/a'],
  ['tokens', format.tokens(1218), '1,218 tok'],
  ['estimated tokens', format.tokens(151, true), '≈ 151 tok'],
  ['unknown tokens', format.tokens(undefined), '–'],
  ['money below a cent with two significant digits', format.money(0.00123), '$0.0012'],
  ['money of one significant digit keeps the zero', format.money(0.001), '$0.0010'],
  ['money above a cent', format.money(0.414), '$0.41'],
  ['money above a dollar', format.money(12.4), '$12.40'],
  ['free is zero, not a dash', format.money(0), '$0.00'],
  ['unknown money is a dash, not zero', format.money(null), '–'],
  ['another currency', format.money(3, 'CHF'), 'CHF 3.00'],
  ['small sizes in full', format.bytes(1294), '1,294 bytes'],
  ['one byte', format.bytes(1), '1 byte'],
  ['kilobytes of 1000', format.bytes(65_900), '65.9 kB'],
  ['no 1000.0 kB', format.bytes(999_960), '1.0 MB'],
  ['gigabytes', format.bytes(1_100_000_000), '1.1 GB'],
  ['a share', format.share(0.3821), '38.2 %'],
  ['a gain', format.signed(842.6), '+842.6'],
  ['a loss with a real minus', format.signed(-72), '−72'],
  ['no change', format.signed(0), '0'],
  ['one of a kind', format.plural(1, 'lane'), '1 lane'],
  ['several of a kind', format.plural(3, 'lane'), '3 lanes'],
  ['an id with both ends', format.middle('req_7Qm2kXv0aLzzzzzzzzzzzz9k', 11), 'req_7…zzz9k'],
  ['a short id whole', format.middle('req_7', 11), 'req_7'],
];

describe('the forms of numbers', () => {
  it.each(table)('writes %s', (_, actual, expected) => expect(actual).toBe(expected));

  it('writes the time of day in the time of this computer', () => {
    expect(format.clock(new Date(2026, 1, 28, 9, 41).getTime())).toBe('09:41');
  });

  it('writes a moment by its distance from now', () => {
    const now = new Date(2026, 2, 4, 12).getTime();
    expect(format.moment(new Date(2026, 2, 4, 8, 5).getTime(), now)).toBe('08:05');
    expect(format.moment(new Date(2026, 2, 2, 14, 10).getTime(), now)).toBe('Mon 14:10');
    expect(format.moment(new Date(2026, 1, 20).getTime(), now)).toBe('20 Feb');
    expect(format.moment(new Date(2025, 1, 20).getTime(), now)).toBe('20 Feb 2025');
  });
});
