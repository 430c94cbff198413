/**
 * The radiance field's losses over a batch (spec §2.6, §4.6): the reductions and weights around the per-ray losses of
 * `ops/losses`, with their cotangents. Values are unweighted means; cotangents carry the loss weights.
 */
import { lossWeights } from '../../field/config.ts';
import { distortionLoss, interlevelLoss, squaredError } from '../../ops/losses/losses.ts';
import type { Round } from './rounds.ts';
import { rowOf } from './rounds.ts';

/** Mean over rays and channels of (rgb − target)². */
export function colourLoss(rgb: Float64Array, colours: Float32Array): { loss: number; gradRgb: Float64Array } {
  const { loss, gradPrediction } = squaredError(rgb, colours);
  return { loss: loss / rgb.length, gradRgb: gradPrediction.map((value) => value / rgb.length) };
}

/** Mean over rays of the distortion of the final round. */
export function distortionOfRound({ spacing, weights, samples }: Round): { loss: number; gradWeights: Float64Array } {
  const rays = weights.length / samples;
  const gradWeights = new Float64Array(weights.length);
  let sum = 0;
  for (let ray = 0; ray < rays; ray++) {
    const ofRay = distortionLoss(rowOf(spacing, ray, samples + 1), rowOf(weights, ray, samples));
    sum += ofRay.loss;
    for (let i = 0; i < samples; i++)
      gradWeights[ray * samples + i] = (lossWeights.distortion * ofRay.gradWeights[i]) / rays;
  }
  return { loss: sum / rays, gradWeights };
}

/**
 * Mean over rays and final samples of what a proposal's weights fail to cover; the final round is a constant.
 * @param finalWeights [rays, samples] of the final round
 */
export function interlevelOfRound(
  final: Pick<Round, 'spacing' | 'samples'>,
  finalWeights: Float64Array,
  proposal: Round,
): { loss: number; gradWeights: Float64Array } {
  const rays = finalWeights.length / final.samples;
  const gradWeights = new Float64Array(proposal.weights.length);
  let sum = 0;
  for (let ray = 0; ray < rays; ray++) {
    const ofRay = interlevelLoss(
      rowOf(final.spacing, ray, final.samples + 1),
      rowOf(finalWeights, ray, final.samples),
      rowOf(proposal.spacing, ray, proposal.samples + 1),
      rowOf(proposal.weights, ray, proposal.samples),
    );
    sum += ofRay.loss;
    for (let i = 0; i < proposal.samples; i++)
      gradWeights[ray * proposal.samples + i] =
        (lossWeights.interlevel * ofRay.gradProposalWeights[i]) / finalWeights.length;
  }
  return { loss: sum / finalWeights.length, gradWeights };
}
