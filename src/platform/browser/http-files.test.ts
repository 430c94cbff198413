import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpFiles } from './http-files.ts';

const contents: Record<string, string> = { '/scene/config.json': '{"a":1}', '/scene/encoder/text.onnx': 'graph' };
let server: Server;
let base = '';
beforeAll(async () => {
  server = createServer(({ url = '' }, response) => {
    response.statusCode = url in contents ? 200 : 404;
    response.end(contents[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scene/`;
});
afterAll(() => void server.close());

const listed = [
  { path: 'config.json', size: 7 },
  { path: 'encoder/text.onnx', size: 5 },
];

describe('files over HTTP', () => {
  it('reads what is listed, reports its bytes, and answers for folders', async () => {
    const seen: [string, number, number][] = [];
    const files = httpFiles(base, listed, { onBytes: (...each) => seen.push(each) });
    expect(await files.readText('config.json')).toBe('{"a":1}');
    expect(new TextDecoder().decode(await files.readBytes('./encoder/text.onnx'))).toBe('graph');
    expect(new TextDecoder().decode(await files.readRange('encoder/text.onnx', 1, 3))).toBe('rap');
    expect(seen.at(-1)).toEqual(['encoder/text.onnx', 5, 5]);
    expect(await files.stat('encoder')).toMatchObject({ isDirectory: true });
    expect(await files.stat('config.json')).toMatchObject({ size: 7, isDirectory: false });
    expect(await files.stat('other')).toBeUndefined();
    expect(await files.list('.')).toEqual(['config.json', 'encoder']);
    expect(await files.list('encoder')).toEqual(['text.onnx']);
  });

  it('says what is wrong: unlisted, gone, of another size, no server, read-only', async () => {
    const files = httpFiles(base, [...listed, { path: 'gone', size: 1 }]);
    await expect(files.readBytes('../secret')).rejects.toThrow(/secret.*not part of this scene/);
    await expect(files.readBytes('gone')).rejects.toThrow(/gone.*status 404/);
    await expect(httpFiles(base, [{ path: 'config.json', size: 6 }]).readBytes('config.json')).rejects.toThrow(
      /longer/,
    );
    await expect(httpFiles(base, [{ path: 'config.json', size: 8 }]).readBytes('config.json')).rejects.toThrow(
      /shorter/,
    );
    await expect(httpFiles('http://127.0.0.1:1/', listed).readBytes('config.json')).rejects.toThrow(/fetched.*server/);
    await expect(files.writeAtomic('config.json', 'x')).rejects.toThrow(/cannot write/);
    expect(() => files.readRangeSync('config.json', 0, 1)).toThrow(/waiting/);
  });
});
