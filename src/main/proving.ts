/** How each step of the checklist that proves the bench is tried on this station, and what the page of profiles says. */
import { millis, type CatalogueView, type DAILY_STEPS, type ProfileView, type RecipeView } from '#shared'
import { assessBenchCard } from './bench/bench-card.ts'
import { CardEar, type BenchHeard } from './bench/card-ear.ts'
import type { buildCloudBench } from './bench/cloud-bench.ts'
import type { ConsoleBench } from './bench/console-bench.ts'
import type { DhcpServer } from './bench/dhcp-server.ts'
import type { LabelDesk } from './bench/label-desk.ts'
import type { Ledger } from './bench/ledger.ts'
import type { LanListener } from './bench/listener.ts'
import type { Printer } from './bench/printer.ts'
import { ReadyDesk, type ReadySettings, type StepCheck, type StepFound } from './bench/ready.ts'
import { proveGuard, proveLease } from './bench/self-lease.ts'
import { splitCidr, type Config } from './config.ts'
import { Fault } from './domain/fault.ts'
import type { Catalogue } from './domain/product.ts'
import { recipes } from './gate/serial-answers.ts'
import type { SettingsSources } from './gate/settings-answers.ts'
import type { Ports } from './ports.ts'

/** A unit that does not exist, from intake to a certificate that was checked, in a world and a ledger of its own. */
export interface SimulatedUnit { readonly outcome: string; readonly certificate: string; readonly facts: number }
export type Simulate = (signal: AbortSignal) => Promise<SimulatedUnit>

export interface ProvenBench {
  readonly config: Config
  readonly dhcp: DhcpServer
  readonly listener: LanListener
  readonly cloud: ReturnType<typeof buildCloudBench>
  readonly serial: ConsoleBench
  readonly printer: Printer
  readonly labels: LabelDesk
  readonly simulate: Simulate | null
}

/** The parts of the settings pages that try things: cards, products, checklist. */
export function proving(ports: Ports, bench: ProvenBench, { ledger, catalogue, signing }: { readonly ledger: Ledger; readonly catalogue: Catalogue; readonly signing: Omit<ReadySettings, 'checks'> }): Pick<SettingsSources, 'cards' | 'profiles' | 'catalogue' | 'ready'> {
  const known = (): readonly RecipeView[] => recipes(bench.serial, ledger)
  return {
    cards: new CardEar(ports, bench.config['bench.card'], () => benchHeard(bench)), profiles: () => profilesOf(ledger, catalogue, known()), catalogue: () => assessCatalogue(catalogue, known()),
    ready: new ReadyDesk(ports.clock, ledger, { ...signing, checks: stepChecks(ports, bench) })
  }
}

/** The printer is looked at every few seconds by itself; so long until it has answered for the first time. */
const PRINTER_MS = millis(3000)

export function stepChecks(ports: Ports, bench: ProvenBench): Readonly<Record<(typeof DAILY_STEPS)[number], StepCheck>> {
  const { config, dhcp } = bench
  return {
    card: async (): Promise<StepFound> => {
      const { address, prefix } = splitCidr(config['bench.address'])
      const judged = assessBenchCard(ports.net.interfaces(), { card: config['bench.card'], address, prefix }, false)
      if (judged instanceof Fault) throw judged
      const listening = bench.listener.view()
      if (listening.fault !== null) return await Promise.resolve({ state: 'failed', fault: listening.fault })
      return { state: 'done', found: { card: judged.name, ...benchHeard(bench) } }
    },
    guard: async signal => {
      await proveGuard(dhcp.provable, () => dhcp.view(), signal)
      return { state: 'done', found: { seconds: config['dhcp.probeSeconds'] } }
    },
    lease: async signal => {
      const { ip, ms } = await proveLease(dhcp.provable, signal)
      return { state: 'done', found: { ip, ms } }
    },
    printer: async (signal, isDaily) => {
      if (!bench.printer.isSet) return { state: 'skipped', found: { why: 'none' } }
      if (!isDaily) bench.labels.test()
      await ports.clock.sleep(PRINTER_MS, signal)
      const { fault, address } = bench.printer.view()
      if (fault !== null) return { state: 'failed', fault }
      return { state: isDaily ? 'done' : 'open', found: { address, label: isDaily ? 'link' : 'sent' } }
    },
    account: signal => tryAccounts(bench.cloud, signal),
    unit: async signal => {
      if (bench.simulate === null) return { state: 'skipped', found: { why: 'none' } }
      const { outcome, certificate, facts } = await bench.simulate(signal)
      return { state: outcome === 'proven' && certificate === 'valid' ? 'done' : 'failed', fault: outcome === 'proven' && certificate === 'valid' ? null : new Fault('ready.failed', { outcome, certificate }).toView(), found: { outcome, certificate, facts } }
    }
  }
}

/** Nobody is asked whose codes come from a phone or a file. */
async function tryAccounts({ book, permissions }: ProvenBench['cloud'], signal: AbortSignal): Promise<StepFound> {
  const accounts = book.usable().filter(a => (a.source ?? 'openapi') === 'openapi')
  if (accounts.length === 0) return { state: 'skipped', found: { why: 'none' } }
  const tested = await Promise.all(accounts.map(a => permissions.test(a.id, null, signal)))
  const products = tested.flatMap(t => t.products)
  const found = { accounts: tested.length, allowed: products.filter(p => p.state === 'allowed').length, denied: products.filter(p => p.state === 'denied').length }
  const fault = tested.find(t => t.fault !== null)?.fault ?? (products.length > 0 && found.denied === products.length ? new Fault('cloud.no-permission').toView() : null)
  return { state: fault === null ? 'done' : 'failed', fault, found }
}

/** What the station itself has heard on the bench card. */
export function benchHeard({ dhcp, listener }: Pick<ProvenBench, 'dhcp' | 'listener'>): BenchHeard {
  return { units: listener.senders, asking: dhcp.leases().length }
}

/** The products of the catalogue beside what this station has seen of them. */
export function profilesOf(ledger: Ledger, catalogue: Catalogue, book: readonly RecipeView[]): ProfileView[] {
  return catalogue.all().map(p => {
    const recipe = book.find(r => r.id === p.recipe)
    const proven = ledger.counter(`proven.${p.productKey}`)
    return {
      product: p.productKey, name: p.name, kind: p.kind, method: p.method, resetHoldSeconds: p.resetHoldSeconds, pairingSeconds: p.pairingSeconds, rebootSeconds: p.rebootSeconds, centre: p.centre ?? null,
      recipe: p.recipe ?? null, recipeRuns: recipe?.runs ?? 0, recipeVerified: recipe?.verified ?? 0,
      tested: Math.max(proven, ledger.counter(`tested.${p.productKey}`)), proven, isProven: proven > 0
    }
  })
}

/** Every product has what its way through the street needs: a name in both languages, times that make sense, and the recipe it names. */
export function assessCatalogue(catalogue: Catalogue, book: readonly RecipeView[]): CatalogueView {
  const products = catalogue.all()
  const complaints = products.flatMap(p => [
    ...p.name.en === '' || p.name.zh === '' ? [`${p.productKey}: has no name in one of the languages`] : [],
    ...p.resetHoldSeconds < 1 || p.pairingSeconds <= p.rebootSeconds ? [`${p.productKey}: its times do not fit each other`] : [],
    ...p.recipe !== undefined && !book.some(r => r.id === p.recipe) ? [`${p.productKey}: there is no recipe ${p.recipe}`] : []
  ])
  return { products: products.length, complaints }
}
