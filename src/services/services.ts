// Every service there is, not yet joined to what its handlers need.
import { config } from './config/service.ts'
import { corral } from './corral/service.ts'
import { resourceGroups } from './resource-groups/service.ts'
import { sts } from './sts/service.ts'
import { tagging } from './tagging/service.ts'

export const services = [resourceGroups, tagging, config, sts, corral] as const
