/**
 * What may stand in a recipe file, as one table: the reader checks by it with line and column, and the JSON Schema beside
 * the recipes (editor completion) is written from it. Every wait has an end; nothing here can repeat itself.
 */
import { may, must, number, pattern, schemaOf, text, yes, type Keys, type Shape } from './json-shape.ts'

export const WITHIN_SECONDS_MAX = 600
export const STEPS_MAX = 40

const words: Shape = { kind: 'object', keys: { en: must(text(), 'English'), zh: must(text(), 'Chinese') } }
const within = must(number(0.1, WITHIN_SECONDS_MAX), 'Seconds this step may take at most.')
const within_ = must(number(1, WITHIN_SECONDS_MAX), 'Seconds this step may take at most.')

/** One verb a step; the keys beside it. */
export const VERBS: Readonly<Record<string, Keys>> = {
  power: { power: must({ kind: 'choice', values: ['on', 'off', 'cycle'] }, 'Switches the lane, or asks hands to.'), offSeconds: may(number(0.5, 60), 'How long a cycle keeps the unit off; 3 when not said.') },
  pulses: { pulses: must({ kind: 'object', keys: { offSeconds: must(number(0.5, 60), 'Off.'), onSeconds: must(number(0.5, 60), 'On.'), times: must(number(1, 20, true), 'How often.') } }, 'A pattern of power: off, on, so many times.') },
  press: { press: must(words, 'What hands do, as one sentence.'), holdSeconds: may(number(1, 60), 'How long the button is held.'), during: may({ kind: 'choice', values: ['powered', 'power-on'] }, 'Before or while the unit is powered.') },
  interrupt: { interrupt: must(text(8), 'The key that stops the start, sent again and again.'), everyMs: must(number(20, 1000, true), 'Between two of them; 50 to 100 is usual.'), until: must(pattern, 'The prompt that shows the start was stopped.'), clear: may(text(4), 'Clears what the keys left on the line; Ctrl-C when not said.'), within },
  wait: { wait: must(pattern, 'What must be heard.'), restart: may(yes, 'This can only be heard when the unit starts anew.'), nudge: may(text(4), 'Sent once when half of the time is over; must never run anything.'), within },
  run: {
    run: must(text(), 'The line to type; `{name}` is a value, `{mark}` a mark no echo can imitate. Enter is sent after its echo was right.'),
    at: may(pattern, 'The prompt it is typed at; the prompt of the recipe when not said.'), expect: may(pattern, 'What the answer must hold.'),
    erases: may(yes, 'It destroys something; it never runs without its prompt.'), leaves: may(yes, 'No prompt comes after it: the unit restarts, or another prompt follows.'),
    refuse: may({ kind: 'list', of: pattern, min: 1, max: 8 }, 'Words in its answer that mean it failed.'), nudge: may(text(4), 'As in `wait`.'), within
  },
  secret: { secret: must(text(32, /^[a-z][A-Za-z0-9]{0,31}$/), 'Name of a secret value, typed without echo and never written down.'), at: must(pattern, 'The prompt that asks for it.'), within },
  settle: { settle: must(number(0.1, 30), 'Seconds of silence to wait for.'), within },
  break: { break: must(number(10, 2000, true), 'Holds the line in break for so many milliseconds.') },
  announced: { announced: must({ kind: 'choice', values: ['factory'] }, 'The unit must be seen on the LAN in factory state.'), within: within_ }
}
const COMMON: Keys = { why: must(text(), 'Why this step is here.') }
const STEP: Shape = { kind: 'verb', def: 'step', common: COMMON, verbs: VERBS }

export const RECIPE: Keys = {
  $schema: may(text(), 'For editors.'),
  id: must(text(32, /^[a-z][a-z0-9-]{1,31}$/), 'Its name; the file is called so too.'),
  version: must(number(1, 9999, true), 'Counts up with every change, so that success can be told by version.'),
  title: must(words, 'For people.'),
  for: must(text(), 'Which units it is for.'),
  source: must(text(), 'Where this procedure is known from.'),
  danger: must({ kind: 'choice', values: ['none', 'restarts', 'erases-settings'] }, 'The worst it does.'),
  baud: may({ kind: 'choice', values: [9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_500_000] }, 'Speed of the console.'),
  power: may({ kind: 'choice', values: ['none', 'useful', 'required'] }, 'Does it need the lane switched by the station.'),
  prompt: may({ kind: 'object', keys: { pattern: must(pattern, 'The prompt commands are typed at.'), abandon: may(text(4), 'Gives the line up and brings a new prompt; Ctrl-C when not said.') } }, 'The usual prompt.'),
  values: may({
    kind: 'map', max: 16,
    of: { kind: 'object', keys: { default: may(text(64), 'Used when nothing else is said.'), pattern: may(pattern, 'What it may look like.'), secret: may(yes, 'Never written down.'), why: must(text(), 'What it is.') } }
  }, 'What differs from model to model.'),
  failures: may({ kind: 'list', of: pattern, min: 1, max: 16 }, 'Words in any answer that mean failure.'),
  closed: may({ kind: 'object', keys: { words: may({ kind: 'list', of: pattern, min: 1, max: 8 }, 'What a closed console says.'), why: must(text(), 'How a closed console shows.') } }, 'A console that takes no keys is a normal result.'),
  steps: must({ kind: 'list', of: STEP, min: 1, max: STEPS_MAX }, 'From the unit as returned to the erase and the restart.'),
  verify: must({ kind: 'list', of: STEP, min: 1, max: STEPS_MAX }, 'What is seen after the restart, and only then counts as reset.')
}

/** JSON Schema 2020-12, for editors: resources/recipes/recipe.schema.json is this and nothing else. */
export function recipeSchema(): Readonly<Record<string, unknown>> {
  const steps = Object.fromEntries(Object.entries(VERBS).map(([verb, keys]) => [verb, schemaOf({ kind: 'object', keys: { ...COMMON, ...keys } })]))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Reset recipe', ...schemaOf({ kind: 'object', keys: RECIPE }),
    $defs: { step: { oneOf: Object.keys(VERBS).map(verb => ({ $ref: `#/$defs/${verb}` })) }, ...steps }
  }
}
