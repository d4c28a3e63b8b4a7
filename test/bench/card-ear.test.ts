/** What each card hears, for whoever chooses the bench card: it listens, and never says a word. */
import { describe, expect, it } from 'vitest'
import { openBench } from '../helpers/station.ts'

describe('the cards of this computer', () => {
  it('are listed with what they lead to', async () => {
    await using bench = await openBench({})
    const cards = await bench.ask('card.list', {})
    expect(cards.map(c => [c.name, c.isBench, c.isOffice])).toEqual([['bench0', true, false], ['office0', false, true]])
    expect(cards.every(c => c.heard === null)).toBe(true)
  })

  it('a card that units stand on hears them announce themselves and ask for addresses', async () => {
    await using bench = await openBench({ units: 2, settings: { 'bench.card': 'wrong0' } }) // the bench is on another card than was said
    for (const unit of bench.world.units) {
      unit.plug()
      unit.powerOn()
    }
    await bench.sleep(40_000)
    const card = (await bench.run(bench.ask('card.listen', { card: 'bench0' }))).find(c => c.name === 'bench0')
    expect(card).toMatchObject({ isBench: false, heard: { seconds: 25, fault: null } })
    expect(card?.heard?.asking).toBeGreaterThan(0) // nobody lends them one, so they go on asking
    const office = (await bench.run(bench.ask('card.listen', { card: 'office0' }))).find(c => c.name === 'office0')
    expect(office?.heard).toMatchObject({ units: 0, asking: 0 })
  })

  it('of the bench card the station says what its own sockets have heard', async () => {
    await using bench = await openBench({ units: 1 })
    await bench.sleep(15_000)
    for (const unit of bench.world.units) {
      unit.plug()
      unit.powerOn()
    }
    await bench.sleep(60_000)
    expect((await bench.run(bench.ask('card.listen', { card: 'bench0' }))).find(c => c.isBench)?.heard).toMatchObject({ asking: 1 })
  })

  it('a card that is not there is named', async () => {
    await using bench = await openBench({})
    await expect(bench.run(bench.ask('card.listen', { card: 'eth7' }))).rejects.toMatchObject({ code: 'net.card-not-found' })
  })
})

describe('the products', () => {
  it('stand beside what this station has seen of them, and the catalogue is whole', async () => {
    await using bench = await openBench({})
    expect(await bench.ask('profile.test', {})).toEqual({ products: 6, complaints: [] })
    const profiles = await bench.ask('profile.list', {})
    expect(profiles.find(p => p.product === 'nvr8wired0000001')).toMatchObject({ recipe: 'uboot-env', recipeRuns: 0, tested: 0, proven: 0, isProven: false })
  })
})
