/** The settings of the label printer: what is accepted, and that a wrong one is named. */
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/main/config.ts'
import { faultOf } from '../helpers/ledger.ts'

const load = (flags: Record<string, string>): ReturnType<typeof loadConfig> => loadConfig({ file: null, text: null, env: {}, flags })

describe('the settings of the printer', () => {
  it('are off and of the usual label when nothing is said', () => {
    const config = load({})
    expect(['printer.address', 'printer.widthMm', 'printer.heightMm', 'printer.dpi', 'printer.rotate', 'printer.copies'].map(key => config[key as keyof typeof config])).toEqual(['', 50, 30, '203', '0', 1]) // keys of the table
  })

  it.each(['192.168.1.9', '192.168.1.9:9100', ''])('take the address %j', address => expect(load({ 'printer.address': address })['printer.address']).toBe(address))

  it.each([
    ['printer.address', 'printer.local'], ['printer.address', '192.168.1.999'], ['printer.address', '10.0.0.1:123456'], ['printer.address', '10.0.0.1 10.0.0.2'], ['printer.widthMm', '30'], ['printer.heightMm', '20'], ['printer.dpi', '600'], ['printer.rotate', '45'], ['printer.copies', '9']
  ])('refuse %s %j by name', (key, value) => expect(faultOf(() => load({ [key]: value }))).toMatchObject({ code: 'config.invalid', context: { complaints: expect.stringContaining(`${key}: `) as string } }))
})
