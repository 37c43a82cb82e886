// What counts as the name of a resource type, AWS's or anybody's. Grammar only: whether a type is known is the
// catalogue's business, and which ARN it has is foreign.ts's for types that AWS does not know.

/** AWS's own limit on a type name in a resource query and a resource filter, in characters. */
const maxLength = 128

// Two to five words, as in `AWS::EC2::Instance`, `Acme::Server` and CloudFormation's modules (`Acme::Net::Vpc::MODULE`).
const typeName = /^[A-Za-z0-9]+(?:::[A-Za-z0-9]+){1,4}$/
// API groups are DNS names (`networking.k8s.io`); the group of pods and services has no name and is written `core`.
const kubernetesName = /^Kubernetes::([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)::([A-Z][A-Za-z0-9]*)$/

export function isTypeName(text: string): boolean {
  return text.length <= maxLength && (typeName.test(text) || kubernetesName.test(text))
}

/** API group (`core` for the nameless one) and kind of `Kubernetes::apps::Deployment`; undefined for any other name. */
export function kubernetesKind(name: string): { group: string; kind: string } | undefined {
  const match = name.length <= maxLength ? kubernetesName.exec(name) : null
  return match?.[1] !== undefined && match[2] !== undefined ? { group: match[1], kind: match[2] } : undefined
}

/** `restore-testing-plan` → `RestoreTestingPlan`: a word for a type name out of any text, at most 40 characters. */
export function wordOf(text: string): string {
  return text
    .slice(0, 40)
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}
