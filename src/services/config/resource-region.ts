// In which Region a resource is kept. Most ARNs say it. Of those that do not, some are of global services, kept in the
// partition's global Region as AWS does; the others (S3's buckets above all) live in one Region that the ARN leaves out,
// and are where the caller is.
import { isGlobalService } from '../../catalogue/global-services.ts'
import { type Arn, globalRegion, isRegionName } from '../../model/arn.ts'
import type { Caller } from '../../model/caller.ts'

export const isGlobal = (arn: Arn): boolean => arn.region === '' && isGlobalService(arn.service)

export function regionOf(arn: Arn, caller: Caller): string {
  // What is in no such Region (a zone, say, where an ARN is wrong) could never be asked for.
  if (isRegionName(arn.region)) return arn.region
  return isGlobal(arn) ? globalRegion(arn.partition) : caller.region
}
