// Gives a command one flag for each setting that may have one, and `--config` for the file.
import type { Command } from 'commander'
import { type ConfigSources, environmentOf, flagOf, settings } from '../config.ts'

export function addSettingFlags(command: Command): Command {
  command.option('--config <file>', 'JSON file of settings')
  for (const setting of settings) {
    const flag = flagOf(setting)
    if (flag === undefined) continue
    const standard = setting.default === undefined ? '' : `, default ${setting.default}`
    command.option(`${flag} <value>`, `${setting.description} (${environmentOf(setting)}${standard})`)
  }
  return command
}

/** The sources of settings that a command was called with. */
export function configSources(options: Record<string, string>): ConfigSources {
  const { config: file = process.env['CORRAL_CONFIG'], ...flags } = options
  return { flags, environment: process.env, ...(file === undefined ? {} : { file }) }
}
