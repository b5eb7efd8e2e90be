import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../bindings/Dialect';
import { profiles } from '../../platform/memory/data';
import { chatAddress, originOf, plainHttpHost, readAddress, recognise } from './address';

const chat = (typed: string, dialect: Dialect): string => {
  const address = chatAddress(typed, dialect);
  return address.kind === 'ready' ? address.url.href : address.message;
};

describe('the address of a chat', () => {
  const cases: [string, Dialect, string][] = [
    ['https://api.egp.scale.com', 'scaleV5', 'https://api.egp.scale.com/v5/chat/completions'],
    ['https://api.egp.scale.com/', 'scaleV5', 'https://api.egp.scale.com/v5/chat/completions'],
    ['https://api.egp.scale.com/v5/', 'scaleV5', 'https://api.egp.scale.com/v5/chat/completions'],
    ['https://api.egp.scale.com/v5/chat/completions', 'scaleV5', 'https://api.egp.scale.com/v5/chat/completions'],
    ['http://127.0.0.1:5003/public', 'scaleV5', 'http://127.0.0.1:5003/public/v5/chat/completions'],
    ['grid.example', 'scaigridV1', 'https://grid.example/v1/inference/chat'],
    ['https://grid.example/v1/inference', 'scaigridV1', 'https://grid.example/v1/inference/chat'],
    ['localhost:8000', 'openAi', 'http://localhost:8000/v1/chat/completions'],
    ['http://localhost:8000/v1', 'openAi', 'http://localhost:8000/v1/chat/completions'],
    ['https://host.example/v1beta/openai', 'openAi', 'https://host.example/v1beta/openai/chat/completions'],
    ['https://host.example/chat/completions', 'openAi', 'https://host.example/chat/completions'],
    ['', 'openAi', 'An address is needed'],
    ['ftp://host.example', 'openAi', 'An address begins with https:// or http://'],
    [
      'https://me:secret@host.example',
      'openAi',
      'A user name or password does not belong into the address; a header can carry it',
    ],
    ['https://', 'openAi', 'This is not an address'],
  ];
  it.each(cases)('from %j in %s is %s', (typed, dialect, expected) => {
    expect(chat(typed, dialect)).toBe(expected);
  });
});

describe('recognising an address', () => {
  it('goes by the host, and by an ending of it only at a dot', () => {
    expect(recognise('https://api.egp.scale.com/v5', profiles)?.id).toBe('scaleGp');
    expect(recognise('https://new.scale.com', profiles)?.id).toBe('scaleGp');
    expect(recognise('https://upscale.com', profiles)).toBeNull();
  });
  it('goes by a path that only one dialect has', () => {
    expect(recognise('https://grid.example/v1/inference/chat', profiles)?.id).toBe('scaigrid');
  });
  it('says nothing of half an address', () => {
    expect(recognise('https://', profiles)).toBeNull();
  });
});

describe('plain http', () => {
  it('is a question for every host but this computer', () => {
    expect(
      [
        'http://host.example',
        'http://10.0.0.2:8000',
        'http://localhost:8000',
        'http://127.0.0.1',
        'http://[::1]:1',
        'https://host.example',
      ].map(plainHttpHost),
    ).toEqual(['host.example', '10.0.0.2', null, null, null, null]);
  });
  it('is another origin than https', () => {
    expect(originOf('http://host.example/v1')).not.toBe(originOf('https://host.example/v1'));
    expect(readAddress('host.example').kind).toBe('ready');
  });
});
