/** The recipes that come with the station, and those a bench has added in its data folder (`recipes/NAME.json`). */
import buttonHold from '../../../resources/recipes/button-hold.json' with { type: 'json' }
import linuxLogin from '../../../resources/recipes/linux-login.json' with { type: 'json' }
import openwrtFailsafe from '../../../resources/recipes/openwrt-failsafe.json' with { type: 'json' }
import powerCycle from '../../../resources/recipes/power-cycle.json' with { type: 'json' }
import rtl8196eEsc from '../../../resources/recipes/rtl8196e-esc.json' with { type: 'json' }
import ubootEnv from '../../../resources/recipes/uboot-env.json' with { type: 'json' }
import { Fault } from '../domain/fault.ts'
import { parseRecipe, type Recipe } from '../domain/recipe.ts'
import type { Disk } from '../ports.ts'

const SHIPPED: readonly unknown[] = [ubootEnv, linuxLogin, openwrtFailsafe, rtl8196eEsc, buttonHold, powerCycle]
const OWN_MAX = 64
let shippedOnce: readonly Recipe[] | null = null

export interface BookEntry { readonly recipe: Recipe; readonly isShipped: boolean }
export interface Book {
  readonly recipes: ReadonlyMap<string, BookEntry>
  /** Files that could not be read; they do not take the others down. */
  readonly faults: readonly Fault[]
}

/** A recipe of the bench with the name of a shipped one takes its place. */
export function openBook(disk: Pick<Disk, 'list' | 'read'> | null): Book {
  const recipes = new Map<string, BookEntry>()
  const faults: Fault[] = []
  shippedOnce ??= SHIPPED.map(shipped => parseRecipe(JSON.stringify(shipped), 'shipped'))
  for (const recipe of shippedOnce) recipes.set(recipe.id, { recipe, isShipped: true })
  for (const name of (disk?.list('recipes') ?? []).filter(n => n.endsWith('.json')).slice(0, OWN_MAX)) {
    try {
      const bytes = disk?.read(`recipes/${name}`)
      if (!bytes) continue
      const recipe = parseRecipe(new TextDecoder().decode(bytes), name)
      if (`${recipe.id}.json` !== name) throw new Fault('recipe.invalid', { file: name, complaints: `${name}:1:1 the file must be called ${recipe.id}.json` })
      recipes.set(recipe.id, { recipe, isShipped: false })
    } catch (thrown) {
      faults.push(Fault.from(thrown))
    }
  }
  return { recipes, faults }
}
