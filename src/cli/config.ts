// `corral config`: every setting, its value and where that comes from. Secrets are named, never shown.
import { Command } from 'commander'
import { environmentOf, flagOf, resolveSettings } from '../config.ts'
import { addSettingFlags, configSources } from './settings-flags.ts'

export function configCommand(): Command {
  return addSettingFlags(new Command('config').description('List all settings with their values and origins')).action(
    (options: Record<string, string>) => {
      for (const { setting, text, origin } of resolveSettings(configSources(options))) {
        const value = text === undefined ? '(unset)' : setting.secret ? '(secret)' : text
        const flag = flagOf(setting) ?? 'no flag'
        console.log(`${setting.name} = ${value}  [${origin}]`)
        console.log(`    ${setting.description}; ${flag}, ${environmentOf(setting)}`)
      }
    },
  )
}
