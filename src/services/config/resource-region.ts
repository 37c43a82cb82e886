// In which Region a resource is kept. Most ARNs say it. Of those that do not, some are of global services, kept in the
// partition's global Region as AWS does; the others (S3's buckets above all) live in one Region that the ARN leaves out,
// and are where the caller is.
import { type Arn, globalRegion } from '../../model/arn.ts'
import type { Caller } from '../../model/caller.ts'

// Services whose resources belong to no Region, by the service of their ARNs.
const globalServices = new Set(
  (
    'account artifact bcm-data-exports bcm-pricing-calculator billing billingconductor budgets ce chatbot cloudfront cur directconnect ' +
    'elemental-support-cases globalaccelerator health iam invoicing networkmanager notifications ' +
    'notifications-contacts organizations payments pricingplanmanager route53 route53-recovery-control ' +
    'route53-recovery-readiness route53domains route53globalresolver savingsplans shield sts support ' +
    'tax trustedadvisor vendor-insights waf'
  ).split(' '),
)

// As signatures may name one: what is in no such Region (a zone, say, where an ARN is wrong) could never be asked for.
const regionName = /^[a-z]{2}(?:-[a-z]{1,20}){1,3}-\d{1,2}$/

export const isGlobal = (arn: Arn): boolean => arn.region === '' && globalServices.has(arn.service)

export function regionOf(arn: Arn, caller: Caller): string {
  if (regionName.test(arn.region)) return arn.region
  return isGlobal(arn) ? globalRegion(arn.partition) : caller.region
}
