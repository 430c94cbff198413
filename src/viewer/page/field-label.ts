/** Language fields are named after their prior; the one without is LERF as published. */
export const fieldLabel = (name: string): string => (name === 'none' ? 'none (LERF)' : name);
