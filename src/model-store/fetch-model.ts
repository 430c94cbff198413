/**
 * Brings the published files of a model into the store. What is there and whole is kept, what is damaged or missing
 * is fetched; the manifest is written after every file, so that a stopped command loses none.
 */
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';
import type { CatalogueModel, ModelFile } from './catalogue.ts';
import type { DownloadOptions } from './download.ts';
import { faultOfFile, type Manifest, type ManifestFile, readManifest, writeManifest } from './manifest.ts';
import { describeSource, type ModelSource, obtainFile, placesOf } from './source.ts';
import { describeBytes, filesFolder } from './store.ts';
import { requireWhole } from './whole-file.ts';

export interface FetchPlan {
  model: CatalogueModel;
  folder: string;
  manifest: Manifest;
  /** Files that are not there, or not whole. */
  wanted: ModelFile[];
  /** What was found damaged, as lines. */
  damaged: string[];
}

/** Looks (and hashes) what is there already; fetches nothing. */
export async function planFetch(store: string, model: CatalogueModel, files: FileSystem): Promise<FetchPlan> {
  const folder = filesFolder(store, model.name);
  const manifest = (await readManifest(folder, files)) ?? emptyManifest(model);
  const wanted: ModelFile[] = [];
  const damaged: string[] = [];
  for (const file of model.files) {
    const entry = manifest.files[file.name];
    const fault = entry && (await faultOfFile(joinPath(folder, file.name), agreed(entry, file), files));
    if (entry && !fault) continue;
    if (fault) damaged.push(`${fault.path} is ${fault.problem}`);
    delete manifest.files[file.name];
    wanted.push(file);
  }
  return { model, folder, manifest, wanted, damaged };
}

/** What the catalogue knows outweighs what came once. */
function agreed(entry: ManifestFile, { bytes, sha256 }: ModelFile): Pick<ManifestFile, 'bytes' | 'sha256'> {
  return { bytes: bytes ?? entry.bytes, sha256: sha256 ?? entry.sha256 };
}

function emptyManifest({ name, licence, repository, revision }: CatalogueModel): Manifest {
  return { version: 1, model: name, licence, repository, revision, files: {} };
}

/** The required files among those that are wanted: optional ones alone are no reason to use a network. */
export const requiredOf = ({ wanted }: FetchPlan): ModelFile[] => wanted.filter(({ optional }) => !optional);

/** What will be fetched, from where, how large, under which licence. */
export function announcePlan(plan: FetchPlan, source: ModelSource): string[] {
  const { model, wanted, folder } = plan;
  if (requiredOf(plan).length === 0) return [`${model.name}: already here and whole, ${folder}`];
  const size = wanted.every(({ bytes }) => bytes !== undefined)
    ? describeBytes(wanted.reduce((sum, { bytes }) => sum + bytes!, 0))
    : wanted.includes(model.files[0])
      ? `about ${describeBytes(model.approximateBytes)}`
      : 'small files';
  const hash = (file: ModelFile) => `${file.name} (${file.sha256 ? 'SHA-256 known' : 'not pinned'})`;
  return [
    `${model.name}: ${model.what}`,
    `  from     ${describeSource(source)}, ${model.repository}, revision ${model.revision}`,
    `  files    ${wanted.map(hash).join(', ')}`,
    `  size     ${size}`,
    `  licence  ${model.licence}`,
    `  to       ${folder}`,
  ];
}

/** Fetches what the plan wants. */
export async function fetchModel(plan: FetchPlan, source: ModelSource, options: DownloadOptions): Promise<Manifest> {
  const { model, folder, manifest, wanted } = plan;
  if (requiredOf(plan).length === 0) return markVerified(folder, manifest, options.files);
  if (source.kind === 'offline') throw offlineFault(plan, source.base);
  for (const file of wanted) {
    const target = joinPath(folder, file.name);
    const obtained = await obtainFile(source, model, file, target, options);
    if (!obtained && file.optional) continue;
    if (!obtained) throw absentFault(plan, file, source);
    await requireWhole(target, obtained.from, options.files);
    const { commit, ...entry } = obtained;
    manifest.files[file.name] = entry;
    if (commit !== undefined) manifest.commit = commit;
    await writeManifest(folder, { ...manifest, verified: undefined }, options.files);
  }
  return markVerified(folder, manifest, options.files);
}

async function markVerified(folder: string, manifest: Manifest, files: FileSystem): Promise<Manifest> {
  const verified = { ...manifest, verified: new Date().toISOString() };
  await writeManifest(folder, verified, files);
  return verified;
}

function offlineFault(plan: FetchPlan, base: string): LangfieldError {
  return new LangfieldError({
    field: plan.model.name,
    problem: 'this model is not here in full, and the network is not to be used (offline)',
    found: `missing: ${requiredOf(plan)
      .map(({ name }) => name)
      .join(', ')}`,
    expected: `${plan.model.repository} from ${base}`,
    advice: 'Leave --offline (LANGFIELD_OFFLINE) out, or give a folder with the files: --from <folder>',
  });
}

function absentFault({ model }: FetchPlan, file: ModelFile, source: Exclude<ModelSource, { kind: 'offline' }>) {
  return new LangfieldError({
    file: describeSource(source),
    field: file.name,
    problem: `this file of ${model.name} is not there`,
    expected: placesOf(source, model, file).join(' or '),
    advice: absentAdvice(model, source),
  });
}

function absentAdvice({ role }: CatalogueModel, source: ModelSource): string {
  const without = role === 'dense' ? ', or do without it: --dense none' : '';
  if (source.kind === 'folder') return `Copy it to one of these places${without}`;
  return `Name another source with --from${without || ', or download the model by hand and use "langfield models add"'}`;
}
