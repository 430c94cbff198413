/**
 * COLMAP's camera models: their numbers, names and parameters, and how they map to ours. COLMAP's pixel coordinates
 * (centre of the first pixel at 0.5, 0.5) and its distortion polynomials are the same as langfield's.
 */
import { LangfieldError } from '../errors.ts';
import type { CameraModel } from '../math/camera.ts';
import type { ListedIntrinsics } from './listing.ts';

type Parameter = 'f' | 'fx' | 'fy' | 'cx' | 'cy' | 'k1' | 'k2' | 'k3' | 'k4' | 'p1' | 'p2';

interface SupportedModel {
  name: string;
  model: CameraModel;
  parameters: Parameter[];
}

const supported: Record<number, SupportedModel> = {
  0: { name: 'SIMPLE_PINHOLE', model: 'perspective', parameters: ['f', 'cx', 'cy'] },
  1: { name: 'PINHOLE', model: 'perspective', parameters: ['fx', 'fy', 'cx', 'cy'] },
  2: { name: 'SIMPLE_RADIAL', model: 'perspective', parameters: ['f', 'cx', 'cy', 'k1'] },
  3: { name: 'RADIAL', model: 'perspective', parameters: ['f', 'cx', 'cy', 'k1', 'k2'] },
  4: { name: 'OPENCV', model: 'perspective', parameters: ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'p1', 'p2'] },
  5: { name: 'OPENCV_FISHEYE', model: 'fisheye', parameters: ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'k3', 'k4'] },
  8: { name: 'SIMPLE_RADIAL_FISHEYE', model: 'fisheye', parameters: ['f', 'cx', 'cy', 'k1'] },
  9: { name: 'RADIAL_FISHEYE', model: 'fisheye', parameters: ['f', 'cx', 'cy', 'k1', 'k2'] },
};

/** Models that exist in COLMAP but have no counterpart here. */
const unsupported: Record<number, string> = {
  6: 'FULL_OPENCV',
  7: 'FOV',
  10: 'THIN_PRISM_FISHEYE',
  11: 'RAD_TAN_THIN_PRISM_FISHEYE',
};

export interface ColmapCamera {
  id: number;
  model: SupportedModel;
  width: number;
  height: number;
  /** In the order of `model.parameters`. */
  parameters: number[];
}

function refuse(name: string, file: string, field: string): never {
  throw new LangfieldError({
    problem: 'this COLMAP camera model is not supported',
    file,
    field,
    found: name,
    expected: `one of ${Object.values(supported)
      .map((model) => model.name)
      .join(', ')}`,
    advice:
      'Run "colmap image_undistorter" and use its output, or estimate again with --ImageReader.camera_model OPENCV',
  });
}

export function colmapModelById(id: number, file: string, field: string): SupportedModel {
  return supported[id] ?? refuse(unsupported[id] ?? `model number ${id}`, file, field);
}

export function colmapModelByName(name: string, file: string, field: string): SupportedModel {
  return Object.values(supported).find((model) => model.name === name) ?? refuse(name, file, field);
}

/** The parameters as ListedIntrinsics; one focal length stands for both axes. */
export function colmapIntrinsics(camera: ColmapCamera): ListedIntrinsics {
  const value = (name: Parameter) => {
    const index = camera.model.parameters.indexOf(name);
    return index < 0 ? undefined : camera.parameters[index];
  };
  const k = (name: Parameter) => value(name) ?? 0;
  return {
    model: camera.model.model,
    width: camera.width,
    height: camera.height,
    fx: value('f') ?? value('fx'),
    fy: value('f') ?? value('fy'),
    cx: value('cx'),
    cy: value('cy'),
    distortion: [k('k1'), k('k2'), k('k3'), k('k4'), k('p1'), k('p2')],
  };
}
