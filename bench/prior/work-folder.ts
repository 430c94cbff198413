/**
 * The work folder of `bench prior`. Everything is written atomically and looked for before it is made, so that a bench
 * that was interrupted goes on, and one with more scenes, seeds or priors adds to what is there:
 *   <captures>/settings.json              what captures and radiance fields depend on
 *   <captures>/cache                      region maps and embeddings
 *   <captures>/<scene>-<seed>/capture     the photographs and their truth
 *   <captures>/<scene>-<seed>/radiance    a run without language
 *   <captures>/<scene>-<seed>/photos.json PSNR and SSIM of the held-out photos
 *   <out>/settings.json                   what the scores depend on
 *   <out>/<scene>-<seed>/builtin, exact   copies of that run with language fields; "-coarse" behind a name: fewer tiles
 *   <out>/<scene>-<seed>/*.json           one FieldResult per language field
 *   <out>/report.md, report.json, report.png
 */
import { LangfieldError } from '../../src/errors.ts';
import { type FileSystem, joinPath } from '../../src/platform/platform.ts';
import type { Prior } from '../../src/pyramid/prior.ts';
import type { TileChoice } from '../../src/pyramid/tile-choice.ts';
import type { RegionSource } from './options.ts';
import type { FieldResult, Unit } from './results.ts';

export class WorkFolder {
  readonly out: string;
  readonly captures: string;
  private readonly files: FileSystem;

  constructor({ out, captures }: { out: string; captures?: string }, files: FileSystem) {
    this.out = out;
    this.captures = captures ?? joinPath(out, 'captures');
    this.files = files;
  }

  get cache(): string {
    return joinPath(this.captures, 'cache');
  }

  capture(unit: Unit): string {
    return joinPath(this.captures, unitName(unit), 'capture');
  }

  radiance(unit: Unit): string {
    return joinPath(this.captures, unitName(unit), 'radiance');
  }

  photos(unit: Unit): string {
    return joinPath(this.captures, unitName(unit), 'photos.json');
  }

  run(unit: Unit, regions: RegionSource, tiles: TileChoice): string {
    return joinPath(this.out, unitName(unit), regions + suffix(tiles));
  }

  result(unit: Unit, prior: Prior, regions: RegionSource, tiles: TileChoice): string {
    const name = prior === 'none' ? 'none' : `${regions}.${prior}`;
    return joinPath(this.out, unitName(unit), `${name}${suffix(tiles)}.json`);
  }

  /** Every result that is there. */
  async results(): Promise<FieldResult[]> {
    const found: FieldResult[] = [];
    const folders = (await this.files.stat(this.out)) ? await this.files.list(this.out) : [];
    for (const folder of folders.filter((name) => /-\d+$/.test(name)))
      for (const name of await this.files.list(joinPath(this.out, folder)))
        if (name.endsWith('.json')) found.push((await this.readJson(joinPath(this.out, folder, name))) as FieldResult);
    return found;
  }

  async readJson(path: string): Promise<unknown> {
    return JSON.parse(await this.files.readText(path));
  }

  async writeJson(path: string, value: unknown): Promise<void> {
    await this.files.writeAtomic(path, `${JSON.stringify(value, undefined, 1)}\n`);
  }

  async has(path: string): Promise<boolean> {
    return (await this.files.stat(path)) !== undefined;
  }

  /** Numbers of different settings must not meet in one table. @throws LangfieldError naming what differs */
  async requireSettings(
    folder: string,
    option: '--out' | '--captures',
    settings: Record<string, unknown>,
  ): Promise<void> {
    const path = joinPath(folder, 'settings.json');
    if (!(await this.has(path))) return this.writeJson(path, settings);
    const saved = (await this.readJson(path)) as Record<string, unknown>;
    const changed = Object.keys(settings).filter((key) => settings[key] !== saved[key]);
    if (changed.length === 0) return;
    const list = (of: Record<string, unknown>) => changed.map((key) => `${key} ${of[key]}`).join(', ');
    throw new LangfieldError({
      problem: 'this folder was made with other settings',
      file: folder,
      found: list(settings),
      expected: list(saved),
      advice: `Choose another folder with ${option}, or remove this one`,
    });
  }
}

const suffix = (tiles: TileChoice): string => (tiles === 'full' ? '' : `-${tiles}`);

export const unitName = ({ scene, seed }: Unit): string => `${scene}-${seed}`;
