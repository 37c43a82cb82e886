// Services whose resources belong to no Region, by the service of their ARNs: they are kept in the partition's global
// Region, as AWS does. Other ARNs that name no Region (S3's buckets above all) are of resources that do live in one.

const globalServices = new Set(
  (
    'account artifact bcm-data-exports bcm-pricing-calculator billing billingconductor budgets ce chatbot cloudfront cur ' +
    'directconnect elemental-support-cases globalaccelerator health iam invoicing networkmanager notifications ' +
    'notifications-contacts organizations payments pricingplanmanager route53 route53-recovery-control ' +
    'route53-recovery-readiness route53domains route53globalresolver savingsplans shield sts support ' +
    'tax trustedadvisor vendor-insights waf'
  ).split(' '),
)

export const isGlobalService = (service: string): boolean => globalServices.has(service)
