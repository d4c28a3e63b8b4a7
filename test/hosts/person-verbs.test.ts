/** The command line of people: which words ask what, and that a PIN never stands among them. */
import { describe, expect, it } from 'vitest'
import type { PersonView } from '#shared'
import { peopleText, personQuestion } from '../../src/main/person-verbs.ts'

const ENV = { UB_PIN: '4711' }
const ask = async (line: string): Promise<unknown> => {
  const question = await personQuestion(line.split(' '), ENV)
  return question && { name: question.name, params: question.params }
}

describe('the words', () => {
  it.each([
    ['person list', { name: 'person.list', params: {} }],
    ['person add O1', { name: 'person.add', params: { badge: 'O1' } }],
    ['person add L1 --name Li --role lead --language zh --pin-env UB_PIN', { name: 'person.add', params: { badge: 'L1', name: 'Li', role: 'lead', language: 'zh', pin: '4711' } }],
    ['person change L1 --name Na', { name: 'person.change', params: { badge: 'L1', name: 'Na' } }],
    ['person change L1 --pin-env UB_PIN', { name: 'person.change', params: { badge: 'L1', pin: '4711' } }],
    ['person remove L1', { name: 'person.remove', params: { badge: 'L1' } }],
    ['hold u1 scratched on top', { name: 'unit.hold', params: { unit: 'u1', reason: 'scratched on top' } }],
    ['hold RB-0002 --reason scratched', { name: 'unit.hold', params: { unit: 'RB-0002', reason: 'scratched' } }],
    ['release u1 looked at', { name: 'unit.release', params: { unit: 'u1', reason: 'looked at' } }]
  ])('%s', async (line, expected) => expect(await ask(line)).toEqual(expected))

  it.each(['person', 'person add', 'person frob x', 'person add a b', 'hold u1', 'release'])('%s asks nothing', async line => expect(await ask(line)).toBeNull())

  it('a role, a language or a variable nobody knows is refused in words; a PIN is no option', async () => {
    await expect(ask('person add L1 --role boss')).rejects.toThrow(/--role/)
    await expect(ask('person add L1 --language fr')).rejects.toThrow(/--language/)
    await expect(ask('person add L1 --role lead --pin-env NOT_SET')).rejects.toThrow('config.invalid')
    await expect(ask('person add L1 --pin=4711')).rejects.toThrow(/--pin/)
  })
})

it('the list names the vendor`s role beside ours, and who is locked', () => {
  const li: PersonView = { badge: 'L1', name: 'Li Na', role: 'lead', language: null, hasPin: true, lockedUntil: Date.UTC(2026, 10, 24, 9, 5), competence: [{ course: 'shift-1', score: 92.6, at: 0 }], isGiven: false }
  expect(peopleText([li])).toBe('L1              Li Na                   lead       vendor: After sale  locked until 09:05 UTC  shift-1 93')
  expect(peopleText([])).toMatch(/enter an admin first/)
})
