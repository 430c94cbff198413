import { expect, it } from 'vitest';
import { plainLooks } from './looks.ts';
import { readFragment, type SharedState, sharedPoint, writeFragment } from './share-link.ts';
import { orbit } from './view-point.ts';

const pose = Float64Array.of(0.6, 0, 0.8, 0.123456, 0.8, 0, -0.6, -2, 0, 1, 0, 1);
const full: SharedState = {
  point: { pose, pivot: 1.5, fov: 42.25 },
  photo: 7,
  looks: {
    phrases: [
      { text: 'red mug & "teapot" ~ 50 %', colour: 3, visible: false, opacity: 0.4, scale: 0.5172 },
      { text: 'чашка', colour: 0, visible: true, opacity: 1 },
    ],
    selected: 1,
    layer: 'relevancy',
    display: 'raw',
    features: 'clip',
    featureScale: 0.724,
    level: 4,
    threshold: 0.62,
    negatives: ['object', 'a;b=c'],
    field: 'panoptic',
    comparison: 'field',
    otherField: 'none',
    divider: 0.25,
    longSide: 768,
  },
};

it('brings everything back', () => {
  expect(readFragment(`#${writeFragment(full)}`)).toEqual(full);
});

it('brings a view point that has been shared before back to the last digit', () => {
  for (let turn = 1; turn <= 200; turn++) {
    const point = orbit({ pose, pivot: 1.23456, fov: 42.251 }, 0.37 * turn, Math.sin(turn) / 3);
    const shared = sharedPoint(point);
    Array.from(point.pose).forEach((value, i) => {
      expect(shared.pose[i]).toBeCloseTo(value, 5);
    });
    expect(sharedPoint(shared)).toEqual(shared);
    const again = readFragment(writeFragment({ looks: plainLooks, point: shared }));
    expect(again.point).toEqual(shared);
  }
});

it('mends a pose that many roundings have bent', () => {
  const bent = sharedPoint({ pose: pose.map((value, i) => value + 3e-4 * Math.sin(i)), pivot: 1, fov: 50 });
  expect(sharedPoint(bent)).toEqual(bent);
  expect(Math.hypot(bent.pose[0], bent.pose[4], bent.pose[8])).toBeCloseTo(1, 5);
});

it('says nothing about what is as usual', () => {
  expect(writeFragment({ looks: plainLooks })).toBe('');
  expect(readFragment('')).toEqual({ looks: plainLooks });
});

it('survives being mangled', () => {
  const broken =
    'pose=1,2,x&fov=900&photo=-1&q=~&q=cup~99~1~7~abc&q=plain&layer=x&threshold=NaN&divider=2&selected=9&side=500';
  expect(readFragment(broken)).toEqual({
    looks: {
      ...plainLooks,
      phrases: [{ text: 'plain', colour: 0, visible: true, opacity: 1 }],
    },
  });
  const whole = writeFragment(full);
  for (let cut = 0; cut < whole.length; cut++) expect(() => readFragment(whole.slice(0, cut))).not.toThrow();
  expect(readFragment(new Array(100).fill('q=cup').join('&')).looks.phrases).toHaveLength(24);
});
