/** The scale of every phrase that was asked, per language field and set of canonical phrases, and where it was chosen. */
import type { Camera } from '../../math/camera.ts';
import type { FieldAnswer } from '../../query/answer-view.ts';
import type { AskedPhrase, Question } from './protocol.ts';

interface Choice {
  scale: number;
  curve?: Float32Array;
  /** The view in which it was chosen. */
  view: string;
}

export class ScaleMemory {
  private readonly choices = new Map<string, Choice>();

  /** Every phrase has a scale; with a camera: its own, or one chosen in that very view. */
  covers(question: Question, camera?: Camera): boolean {
    const view = camera && viewKey(camera);
    return question.fields.every((field) =>
      question.phrases.every((phrase) => {
        if (phrase.scale !== undefined) return true;
        const choice = this.choices.get(phraseKey(question, field, phrase));
        return choice !== undefined && (view === undefined || choice.view === view);
      }),
    );
  }

  forget(): void {
    this.choices.clear();
  }

  remember(question: Question, camera: Camera, answers: readonly FieldAnswer[]): void {
    const view = viewKey(camera);
    answers.forEach(({ phrases }, index) => {
      phrases.forEach(({ scale, curve }, i) => {
        this.choices.set(phraseKey(question, question.fields[index], question.phrases[i]), { scale, curve, view });
      });
    });
  }

  /** One scale per phrase; `covers` must hold. */
  scalesOf(question: Question, field: number): number[] {
    return question.phrases.map(
      (phrase) => phrase.scale ?? this.choices.get(phraseKey(question, field, phrase))!.scale,
    );
  }

  /** The answers with the curves of the sweep that chose their scales. */
  withCurves(question: Question, answers: readonly FieldAnswer[]): FieldAnswer[] {
    return answers.map(({ field, phrases }, index) => ({
      field,
      phrases: phrases.map((answer, i) => {
        const choice = this.choices.get(phraseKey(question, question.fields[index], question.phrases[i]));
        // A copy: what is sent to the page is taken from here.
        return choice?.curve ? { ...answer, curve: choice.curve.slice() } : answer;
      }),
    }));
  }
}

const phraseKey = ({ negatives }: Question, field: number, { text }: AskedPhrase) =>
  JSON.stringify([field, text, negatives ?? null]);

/** The same at every size of the picture. */
function viewKey({ model, width, height, fx, fy, cx, cy, distortion, cameraToWorld }: Camera): string {
  const relative = [fx / height, fy / height, cx / width, cy / height, width / height];
  return [model, ...relative, ...distortion, ...cameraToWorld].join();
}
