/** One hash grid of the scene: its level table in shared memory, its rows, and the kernels for its feature count. */
import type { HashGridConfig } from '../../field/config.ts';
import { hashGridLevels } from '../../ops/hash-grid/levels.ts';
import { levelWords } from '../../ops/hash-grid/level-words.ts';
import { gradientAddress, segmentOf, type ThreadContext, valueAddress } from './thread-context.ts';

export class GridBlock {
  /** Columns of the encoding. */
  readonly width: number;
  private readonly context: ThreadContext;
  private readonly features: number;
  private readonly levelCount: number;
  private readonly levels: number;
  private readonly table: number;
  private readonly gradTable: number;

  constructor(context: ThreadContext, name: string, grid: HashGridConfig) {
    const words = levelWords(hashGridLevels(grid));
    const segment = segmentOf(context, name);
    this.context = context;
    this.features = grid.features;
    this.levelCount = grid.levels;
    this.width = grid.levels * grid.features;
    this.levels = context.shared.take(words.byteLength);
    this.table = valueAddress(context, segment);
    this.gradTable = gradientAddress(context, segment);
    // Every thread writes the same words: a dry run (no memory yet) writes none.
    if (context.memory.buffer.byteLength >= this.levels + words.byteLength)
      new Uint32Array(context.memory.buffer, this.levels, words.length).set(words);
  }

  /** out [n, stride], columns 0 … width−1. */
  forward(n: number, coords: number, out: number, stride: number): void {
    const { kernels } = this.context;
    const { table, levels, levelCount } = this;
    if (this.features === 2) kernels.hashGridForward2(n, coords, table, levels, levelCount, out, stride);
    else if (this.features === 4) kernels.hashGridForward4(n, coords, table, levels, levelCount, out, stride);
    else kernels.hashGridForward8(n, coords, table, levels, levelCount, out, stride);
  }

  /** Adds to this thread's gradient of the table. */
  backward(n: number, coords: number, gradOut: number, stride: number): void {
    const { kernels } = this.context;
    const { table, levels, levelCount, gradTable } = this;
    if (this.features === 2)
      kernels.hashGridBackward2(n, coords, table, levels, levelCount, gradOut, stride, gradTable, 0);
    else if (this.features === 4) kernels.hashGridBackward4(n, coords, levels, levelCount, gradOut, stride, gradTable);
    else kernels.hashGridBackward8(n, coords, levels, levelCount, gradOut, stride, gradTable);
  }

  /** As backward, and gradCoords [n, 3] += the gradient of the coordinates; grids of two features only. */
  backwardWithCoords(n: number, coords: number, gradOut: number, stride: number, gradCoords: number): void {
    const { kernels } = this.context;
    const { table, levels, levelCount, gradTable } = this;
    kernels.hashGridBackward2(n, coords, table, levels, levelCount, gradOut, stride, gradTable, gradCoords);
  }
}
