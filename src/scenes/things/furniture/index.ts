/** Household things of wood, cloth and paper. */
import type { ThingKind } from '../thing-kind.ts';
import { bag } from './bag.ts';
import { box } from './box.ts';
import { candle } from './candle.ts';
import { chair } from './chair.ts';
import { hat } from './hat.ts';
import { napkin } from './napkin.ts';
import { pictureFrame } from './picture-frame.ts';
import { pillow } from './pillow.ts';
import { shoe } from './shoe.ts';
import { vase } from './vase.ts';

export const furniture: readonly ThingKind[] = [vase, pictureFrame, candle, box, chair, pillow, hat, shoe, napkin, bag];
