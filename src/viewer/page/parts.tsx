/** The few controls that the page is made of. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

export interface ChoiceProps<T extends string> {
  label: string;
  options: readonly (readonly [T, string])[];
  value: T;
  disabled?(option: T): boolean;
  onChange(value: T): void;
}

/** One of a few, all visible. */
export function Choice<T extends string>({ label, options, value, disabled, onChange }: ChoiceProps<T>) {
  const name = useId();
  // Rows of equal length, so that no option stands alone.
  const columns = options.length <= 3 ? options.length : Math.ceil(options.length / 2);
  return (
    <fieldset class="choice" style={{ gridTemplateColumns: `repeat(${columns}, auto)` }}>
      <legend class="unseen">{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={option === value}
            disabled={disabled?.(option) ?? false}
            onChange={() => onChange(option)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

export interface RangeProps {
  label: string;
  value: number;
  least: number;
  most: number;
  step: number;
  show?(value: number): string;
  onInput(value: number): void;
}

export function Range({ label, value, least, most, step, show = String, onInput }: RangeProps) {
  const id = useId();
  return (
    <div class="range">
      <label for={id}>{label}</label>
      <output for={id}>{show(value)}</output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

/** A label with its control. */
export function Field({ label, children }: { label: string; children(id: string): ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}
