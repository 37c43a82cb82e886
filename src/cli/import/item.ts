// What every import format yields: one item for each row of its input. The formats are pure: text in, items out; they
// know nothing of the server. Sending, reconciling and counting happen elsewhere.

export interface ImportedResource {
  /** The resource's ARN; absent only for declared ones, which are known by stack and logical id. */
  arn?: string
  /** Canonical type name: `AWS::EC2::Instance`, `Kubernetes::apps::Deployment`, `Acme::Rack::Server`. */
  type: string
  /** Where it lives, when the source says so beyond the ARN (an S3 bucket's Region). */
  region?: string
  /** All tags that the source states. Absent: the source says nothing of tags, and none may be taken away for it. */
  tags?: Record<string, string>
  /** It has further tags whose key or value the source does not give: `tags` may add and change, but take none away. */
  partialTags?: true
  /** The stack that holds it, by ARN or by bare name. */
  stack?: { id: string; logicalId: string }
  /** The id within its type, where the source has one: `i-0abc`, a bucket's name. */
  physicalId?: string
  /** A template states it, but nothing says yet that it exists. */
  declared?: true
}

export interface ImportedStack {
  /** Stack ARN, or the bare name where the source has no ARN. */
  id: string
  name: string
  /** CloudFormation's word: `CREATE_COMPLETE`, `DELETE_COMPLETE` … */
  status: string
  region?: string
  tags?: Record<string, string>
}

export type ImportItem =
  | { kind: 'resource'; where: string; resource: ImportedResource }
  | { kind: 'stack'; where: string; stack: ImportedStack }
  /** Rightly left out, as a fixed short reason that can be counted: `not a taggable resource`, `data source`. */
  | { kind: 'skipped'; where: string; reason: string }
  /** Should have been a resource and cannot be: goes to the rejects file. `record` never holds secret attributes. */
  | { kind: 'rejected'; where: string; reason: string; record: unknown }

export interface ImportContext {
  /** Used where the source does not say: partition `aws`, 12-digit account, Region. */
  partition: string
  account: string
  region: string
  /** Stack that a template's resources belong to; a template without it is refused. */
  stackName?: string
  /** Template parameters given by the user; a parameter's Default serves otherwise. */
  parameters: Record<string, string>
  /** Take declared resources as live. */
  assumeDeployed: boolean
  /** Kubernetes cluster's name, part of the ARN of what it holds. */
  cluster: string
}
