/**
 * Whether a model is one of the first two generations. What has another name is taken for a later one, which takes levels
 * of thinking, wants signatures back and reads media in the results of tools.
 */
export function isBeforeGemini3(model: string): boolean {
  return /gemini-[12]\b/.test(model);
}
