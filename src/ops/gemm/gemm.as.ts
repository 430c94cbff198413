// Dense kernels of the CPU engine.
import { madd } from '../simd/simd.as';

export function placeholderGemm(p: usize): void {
  v128.store(p, madd(v128.load(p), v128.load(p, 16), v128.load(p, 32)));
}
