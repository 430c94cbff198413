/**
 * The keys of transforms.json files that langfield reads (nerfstudio, instant-ngp and Blender share most of them), and
 * how their intrinsics become ListedIntrinsics. Unknown keys are fine; known keys must have the right type.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import type { CameraModel } from '../math/camera.ts';
import type { ListedIntrinsics } from './listing.ts';

const number = z.number().nullish();
const path = z.string().nullish();

const intrinsicsKeys = {
  fl_x: number,
  fl_y: number,
  cx: number,
  cy: number,
  w: number,
  h: number,
  k1: number,
  k2: number,
  k3: number,
  k4: number,
  p1: number,
  p2: number,
  distortion_params: z.array(z.number()).length(6, 'the six numbers k1, k2, k3, k4, p1, p2').nullish(),
  camera_angle_x: number,
  camera_angle_y: number,
  camera_model: z.string().nullish(),
  is_fisheye: z.boolean().nullish(),
};

const matrixRow = z.array(z.number()).length(4, 'four numbers in each row');
const matrix = z.array(matrixRow).min(3, 'three or four rows').max(4, 'three or four rows');

const frameSchema = z.looseObject({
  ...intrinsicsKeys,
  file_path: z.string().min(1, 'the path of a photo'),
  transform_matrix: matrix,
  mask_path: path,
  depth_file_path: path,
});

export const transformsSchema = z.looseObject({
  ...intrinsicsKeys,
  frames: z.array(frameSchema),
  applied_transform: matrix.nullish(),
  applied_scale: number,
  orientation_override: z.string().nullish(),
  train_filenames: z.array(z.string()).nullish(),
  val_filenames: z.array(z.string()).nullish(),
  test_filenames: z.array(z.string()).nullish(),
  fisheye_crop_radius: number,
});

export type Transforms = z.infer<typeof transformsSchema>;
export type Frame = z.infer<typeof frameSchema>;

const models: Record<string, CameraModel> = {
  PERSPECTIVE: 'perspective',
  SIMPLE_PINHOLE: 'perspective',
  PINHOLE: 'perspective',
  SIMPLE_RADIAL: 'perspective',
  RADIAL: 'perspective',
  OPENCV: 'perspective',
  OPENCV_FISHEYE: 'fisheye',
  RADIAL_FISHEYE: 'fisheye',
  SIMPLE_RADIAL_FISHEYE: 'fisheye',
};

function modelOf(name: string | null | undefined, isFisheye: boolean, file: string, field: string): CameraModel {
  if (name === null || name === undefined) return isFisheye ? 'fisheye' : 'perspective';
  const model = models[name.toUpperCase()];
  if (model !== undefined) return model;
  throw new LangfieldError({
    problem: 'this camera model is not supported',
    file,
    field: `${field}camera_model`,
    found: name,
    expected: Object.keys(models).join(', '),
    advice: name.toUpperCase().includes('EQUIRECT')
      ? 'Cut the panoramas into perspective views first'
      : 'Undistort the photos first, or estimate the cameras again with the model OPENCV',
  });
}

/** Intrinsics of one frame: its own entries, else the global ones. */
export function intrinsicsOf(transforms: Transforms, frame: Frame, file: string, field: string): ListedIntrinsics {
  const own = (key: keyof typeof intrinsicsKeys) => frame[key] ?? transforms[key] ?? undefined;
  const value = (key: keyof typeof intrinsicsKeys) => own(key) as number | undefined;
  const modelField = frame.camera_model ? `${field}.` : '';
  const list = (frame.distortion_params ?? transforms.distortion_params) as ListedIntrinsics['distortion'] | undefined;
  return {
    model: modelOf(own('camera_model') as string | undefined, own('is_fisheye') === true, file, modelField),
    width: value('w'),
    height: value('h'),
    fx: value('fl_x'),
    fy: value('fl_y'),
    cx: value('cx'),
    cy: value('cy'),
    angleX: value('camera_angle_x'),
    angleY: value('camera_angle_y'),
    distortion: list ?? [
      value('k1') ?? 0,
      value('k2') ?? 0,
      value('k3') ?? 0,
      value('k4') ?? 0,
      value('p1') ?? 0,
      value('p2') ?? 0,
    ],
  };
}

/** The upper [3, 4] of a listed matrix; a transposed or projective matrix is refused. */
export function poseOf(rows: number[][], file: string, field: string): Float64Array {
  const last = rows[3];
  if (last !== undefined && Math.max(...last.map((v, i) => Math.abs(v - (i === 3 ? 1 : 0)))) > 1e-3) {
    throw new LangfieldError({
      problem: 'the last row of this matrix must be 0 0 0 1',
      file,
      field,
      found: last.join(' '),
      expected: '0 0 0 1',
      advice: 'The matrix may be transposed; write camera-to-world with the position in the last column',
    });
  }
  return Float64Array.from(rows.slice(0, 3).flat());
}
