import { describe, expect, it } from 'vitest';
import { runsOf } from './highlight';
import { create, patch } from './patch';
import { sampleMarkdown } from './sample';
import { parse } from './tree';

function html(source: string): string {
  const box = document.createElement('div');
  for (const tree of parse(source)) box.append(create(tree));
  return box.innerHTML;
}

function element(source: string): HTMLElement {
  const box = document.createElement('div');
  for (const tree of parse(source)) box.append(create(tree));
  return box;
}

describe('parse', () => {
  it('draws the Markdown that models write', () => {
    expect(html('**b** _i_ ~~d~~ `c<d`')).toBe('<p><strong>b</strong> <em>i</em> <del>d</del> <code>c&lt;d</code></p>');
    expect(html('3. a\n4. b')).toBe('<ol start="3"><li><span>a</span></li><li><span>b</span></li></ol>');
    expect(html('```js\nlet x\n```')).toBe('<pre tabindex="0"><code data-language="js">let x</code></pre>');
    expect(html('one\ntwo')).toBe('<p>one<br>two</p>');
    expect(html('a &amp; b &#128512; &unknown;')).toBe('<p>a &amp; b 😀 &amp;unknown;</p>');
  });

  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<iframe src="https://evil.test"></iframe>',
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert(1))',
    '[a](data:text/html,<script>alert(1)</script>)',
    '[a](vbscript:x) [b](file:///etc/passwd)',
    '![a](https://evil.test/pixel.png)',
    '![a](//evil.test/pixel.png)',
    '![a](data:image/svg+xml;base64,PHN2Zz4=)',
    '![a](file:///etc/passwd)',
    '<https://evil.test> https://evil.test www.evil.test',
    '<a href="https://evil.test" style="position:fixed">x</a>',
    '<style>*{display:none}</style><link rel=stylesheet href=https://evil.test>',
    '| <b onclick=x>a</b> |\n|---|\n| <svg/onload=alert(1)> |',
    '- <details open ontoggle=alert(1)>',
    '`<script>`\n\n    <script>indented</script>',
    '[x]: https://evil.test "t"\n\n[x]',
  ];

  it.each(hostile)('makes nothing that runs, loads or navigates of %s', (source) => {
    const box = element(source);
    expect(
      box.querySelectorAll('script, iframe, object, embed, link, style, svg, form, a, img, video, audio, base, meta')
        .length,
    ).toBe(0);
    for (const node of box.querySelectorAll('*')) {
      for (const attribute of node.getAttributeNames()) {
        expect([
          'class',
          'role',
          'tabindex',
          'data-href',
          'data-language',
          'aria-level',
          'aria-label',
          'start',
          'type',
          'disabled',
          'checked',
        ]).toContain(attribute);
      }
      expect(node.getAttribute('data-href') ?? 'https:').toMatch(/^(?:https?|mailto):/);
    }
  });

  it('shows raw HTML as the text it is', () => {
    expect(element('<b>bold</b>\n\n<div>x</div>').textContent).toBe('<b>bold</b><div>x</div>');
  });

  it('shows a remote image as its words and its address', () => {
    const chip = element('![A cat](https://a.test/cat.png)').querySelector('.remote-image')!;
    expect(chip.textContent).toBe('A cat, https://a.test/cat.png');
    expect(chip.getAttribute('role')).toBe('link');
  });

  it('shows a small picture that came inside the answer', () => {
    const image = element('![dot](data:image/png;base64,iVBORw0KGgo=)').querySelector('img')!;
    expect(image.getAttribute('src')).toBe('data:image/png;base64,iVBORw0KGgo=');
  });
});

describe('patch', () => {
  it('ends where drawing anew would, from every point of a stream', () => {
    const text = sampleMarkdown(4_000, 11);
    const box = document.createElement('div');
    let shown = parse('');
    for (let at = 0; at <= text.length; at += 61) {
      const next = parse(text.slice(0, at));
      patch(box, shown, next);
      shown = next;
      expect(box.innerHTML).toBe(html(text.slice(0, at)));
    }
  });

  it('leaves unchanged parts alone, so that a selection there stays', () => {
    const box = document.createElement('div');
    const before = parse('first paragraph\n\nsecond');
    patch(box, [], before);
    const first = box.firstChild;
    patch(box, before, parse('first paragraph\n\nsecond grows **bold**'));
    expect(box.firstChild).toBe(first);
    expect(box.textContent).toBe('first paragraphsecond grows bold');
  });
});

describe('runsOf', () => {
  it('keeps every character of the code', () => {
    const markup =
      '<span class="hljs-keyword">let</span> a = <span class="hljs-string">&quot;&lt;<span class="hljs-subst">${b}</span>&gt;&quot;</span>; <span class="hljs-comment">// &amp; &#x27;</span>';
    expect(
      runsOf(markup)
        .map((run) => run.text)
        .join(''),
    ).toBe('let a = "<${b}>"; // & \'');
    expect(runsOf(markup)[0]).toEqual({ kind: 'kw', text: 'let' });
  });
});
