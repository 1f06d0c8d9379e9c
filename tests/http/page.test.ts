// The page at `/` and its files; what it does is looked at in tests/browser.
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/server.ts';

const linked = /(?:src|href)="\.\/(assets\/[^"]+)"/g;

describe('the page', () => {
  it('comes with a policy that lets in nothing but its own files and this server', async () => {
    const { api } = await startProcess();
    const response = await fetch(`${api.url}/`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://${new URL(api.url).host};`);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(policy).toMatch(/(?:^|; )frame-ancestors 'none'(?:;|$)/);
  });

  it('has a valid policy at an IPv6 address too, which no source but the page’s own can name', async () => {
    const { api } = await startProcess({ HOST: '::1' });
    const policy = (await fetch(`${api.url}/`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("; connect-src 'self'; ");
    expect(policy).not.toContain('[');
  });

  it.each(['/', '/docs/', '/docs/viewer.js'])(
    'is never that of another release: %s has nothing by which a browser could keep it',
    async (path) => {
      const { api } = await startProcess();
      const first = await fetch(api.url + path);
      const { headers } = first;
      expect([first.status, headers.get('etag'), headers.get('last-modified')]).toEqual([200, null, null]);
      expect(headers.get('cache-control')).toBe('no-cache');
      // What a browser may have kept of an earlier one.
      const again = await fetch(api.url + path, {
        headers: { 'if-modified-since': new Date().toUTCString(), 'if-none-match': 'W/"1-19e"' },
      });
      expect(again.status).toBe(200);
      expect(await again.text()).toBe(await first.text());
    },
  );

  it('links its files only, whose names change with their content and which may be kept', async () => {
    const { api } = await startProcess();
    const html = await (await fetch(`${api.url}/`)).text();
    expect(html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    const files = [...html.matchAll(linked)].map(([, path]) => path);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const path of files) {
      const file = await fetch(`${api.url}/${path}`);
      expect([path, file.status]).toEqual([path, 200]);
      expect(file.headers.get('cache-control')).toContain('immutable');
      expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('is not shown without the token; under its prefix it is, also without the last slash', async () => {
    const { api } = await startProcess({ MAESTRO_TOKEN: 'a-token' });
    expect((await fetch(`${api.url}/`)).status).toBe(401);
    const moved = await fetch(`${api.url}/t/a-token`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, './a-token/']);
    expect((await fetch(`${api.url}/t/a-token/`)).status).toBe(200);
  });

  it('leads nobody elsewhere', async () => {
    const { api } = await startProcess();
    for (const path of ['/t/https:evil.example', '/t/x?to=//evil.example', '/t/evil.example']) {
      const { headers } = await fetch(api.url + path, { redirect: 'manual' });
      const there = new URL(headers.get('location') ?? '', api.url + path);
      expect(there.href).toBe(`${api.url}${path.replace(/\?.*/, '')}/`);
    }
  });

  it.each(['/assets/none.js', '/assets/..%2f..%2fmain.js', '/index.html'])(
    '%s is not there: JSON',
    async (path) => {
      const { api } = await startProcess();
      const response = await fetch(api.url + path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: true, code: 'NOT_FOUND' });
    },
  );
});
