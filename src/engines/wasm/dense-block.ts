/**
 * Some rows of one linear layer's weight [inputs, outputs] as the kernels use it: packed for the forward product,
 * packed transposed for the gradient to the inputs. Splitting a layer by rows is how per-ray inputs (view direction,
 * appearance; savings A9) and the scale input (A7) stay out of the per-sample product.
 */
import { padTo4 } from './layout.ts';
import {
  gradientAddress,
  hasSegment,
  type PackJob,
  segmentOf,
  type ThreadContext,
  valueAddress,
} from './thread-context.ts';

export interface BlockOptions {
  /** First row of the weight that belongs to the block. */
  firstRow?: number;
  /** Rows; the rest of the weight by default. */
  inputs?: number;
  /** Inputs that get gradients; all by default, 0 for none. */
  gradientInputs?: number;
  /** Columns left free in front of the input gradient: it is written from column `gradientShift` on. */
  gradientShift?: number;
}

export class DenseBlock {
  readonly inputs: number;
  /** Outputs, padded to a multiple of 4. */
  readonly outputs: number;
  /** Address of the bias, or of zeros. */
  readonly bias: number;
  /** Address of this thread's bias gradient; 0 when the layer has no bias. */
  readonly gradBias: number;
  /** Address of the block's rows as they are stored, [inputs, outputs]. */
  readonly weight: number;
  /** Columns that inputGradient writes. */
  readonly gradientColumns: number;
  private readonly context: ThreadContext;
  private readonly gradWeight: number;
  private readonly packed: number;
  private readonly packedTransposed: number;
  private readonly shiftedWeight: number;
  private readonly gradientRows: number;

  constructor(context: ThreadContext, layer: string, options: BlockOptions = {}) {
    const segment = segmentOf(context, `${layer}.weight`);
    const { firstRow = 0, inputs = segment.rows - firstRow, gradientInputs = inputs, gradientShift = 0 } = options;
    const rowBytes = segment.paddedColumns * 4;
    this.context = context;
    this.inputs = inputs;
    this.outputs = segment.paddedColumns;
    this.weight = valueAddress(context, segment) + firstRow * rowBytes;
    this.gradWeight = gradientAddress(context, segment) + firstRow * rowBytes;
    this.shiftedWeight = this.weight - gradientShift * rowBytes;
    this.gradientRows = gradientInputs + gradientShift;
    this.gradientColumns = gradientInputs > 0 ? padTo4(this.gradientRows) : 0;
    this.packed = context.shared.floats(inputs * this.outputs);
    this.packedTransposed = this.gradientColumns > 0 ? context.shared.floats(this.gradientColumns * this.outputs) : 0;
    const hasBias = firstRow === 0 && hasSegment(context, `${layer}.bias`);
    const bias = hasBias ? segmentOf(context, `${layer}.bias`) : undefined;
    this.bias = bias ? valueAddress(context, bias) : context.zeros;
    this.gradBias = bias ? gradientAddress(context, bias) : 0;
  }

  packJobs(): PackJob[] {
    const { kernels } = this.context;
    const { inputs, outputs, gradientColumns } = this;
    const jobs: PackJob[] = [() => kernels.packPanels(inputs, outputs, this.weight, outputs, this.packed)];
    if (gradientColumns > 0)
      jobs.push(() =>
        kernels.packPanelsTransposed(
          outputs,
          gradientColumns,
          this.gradientRows,
          this.shiftedWeight,
          outputs,
          this.packedTransposed,
        ),
      );
    return jobs;
  }

  /** Y [M, outputs] = bias + X·W. */
  forward(M: number, X: number, ldx: number, Y: number, ldy = this.outputs): void {
    this.context.kernels.gemm(M, this.outputs, this.inputs, X, ldx, this.packed, this.bias, 0, Y, ldy);
  }

  /** Y [M, outputs] = max(0, bias + X·W). */
  forwardRelu(M: number, X: number, ldx: number, Y: number, ldy = this.outputs): void {
    this.context.kernels.gemmRelu(M, this.outputs, this.inputs, X, ldx, this.packed, this.bias, 0, Y, ldy);
  }

  /** Y += X·W. */
  forwardAdd(M: number, X: number, ldx: number, Y: number, ldy = this.outputs): void {
    this.context.kernels.gemm(M, this.outputs, this.inputs, X, ldx, this.packed, Y, ldy, Y, ldy);
  }

  /** Y [groups·M, outputs] = max(0, base of the group + X·W). */
  forwardReluGrouped(groups: number, M: number, X: number, ldx: number, base: number, Y: number): void {
    const { outputs, inputs } = this;
    this.context.kernels.gemmReluGrouped(groups, M, outputs, inputs, X, ldx, this.packed, base, outputs, Y, outputs);
  }

  /** G [M, gradientColumns] = D·Wᵀ. */
  inputGradient(M: number, D: number, G: number, ldg: number): void {
    const { kernels, zeros } = this.context;
    kernels.gemm(M, this.gradientColumns, this.outputs, D, this.outputs, this.packedTransposed, zeros, 0, G, ldg);
  }

  /** G += D·Wᵀ. */
  inputGradientAdd(M: number, D: number, G: number, ldg: number): void {
    const { kernels } = this.context;
    kernels.gemm(M, this.gradientColumns, this.outputs, D, this.outputs, this.packedTransposed, G, ldg, G, ldg);
  }

  /** Adds to this thread's gradient of the weight, and of the bias unless `withBias` is false. */
  parameterGradient(M: number, X: number, ldx: number, D: number, withBias = true): void {
    const { kernels } = this.context;
    kernels.gemmTransposed(M, this.inputs, this.outputs, X, ldx, D, this.outputs, this.gradWeight, this.outputs);
    if (withBias && this.gradBias !== 0) kernels.columnSums(M, this.outputs, D, this.outputs, this.gradBias);
  }
}
