/** How long this product's button is held, and what its lamp shows from then on, in pictures. */
import type { ReactNode } from 'react'
import { LAMP_STEPS, LAMP_TABLES, type ProductView } from '#shared'
import { useSpeech } from '../common/page.tsx'
import { CameraLamp } from './camera-lamp.tsx'
import { useView } from './use-view.ts'

export function LampPictures(props: { readonly product: string | null }): ReactNode {
  const { say, words } = useSpeech()
  const { value } = useView('product.list', {}, null)
  const product: ProductView | null = value?.find(p => p.product === props.product) ?? null
  const lamps = product?.lamps ?? LAMP_TABLES.default
  return (
    <div className="lamp-pictures">
      {product === null ? null : <p><bdi>{words(product.name)}</bdi>: {say(product.resetWhen === 'power-on' ? 'lamp.hold-at-power' : 'lamp.hold', { n: product.resetHoldSeconds })}</p>}
      <dl>{LAMP_STEPS.map(step => <div key={step}><dt>{say(`lamp.${step}`)}</dt><dd><CameraLamp light={lamps[step]} /></dd></div>)}</dl>
      <p className="quiet-word small">{say('lamp.no-proof')}</p>
    </div>
  )
}
