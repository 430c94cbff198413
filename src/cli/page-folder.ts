/** Where the built page of the viewer is. */
import type { Platform } from '../platform/platform.ts';

export const pageFolder = ({ packagePath }: Pick<Platform, 'packagePath'>): string => packagePath('build/viewer');
