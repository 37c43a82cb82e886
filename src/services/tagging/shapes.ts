// Shapes that several operations of the service share, with the limits of AWS's model.
import { boolean, integer, list, map, required, string, structure } from '../../model/shape.ts'

export const paginationToken = string({ min: 0, max: 2048, pattern: String.raw`[\s\S]*` })

export const resourceARN = string({ min: 1, max: 1011, pattern: String.raw`[\s\S]*` })

export const resourceARNListForGet = list(resourceARN, { min: 1, max: 100 })

export const amazonResourceType = string({ min: 0, max: 256, pattern: String.raw`[\s\S]*` })

export const resourceTypeFilterList = list(amazonResourceType)

export const tagKey = string({ min: 1, max: 128, pattern: String.raw`[\s\S]*` })

export const tagValue = string({ min: 0, max: 256, pattern: String.raw`[\s\S]*` })

export const tagValueList = list(tagValue, { min: 0, max: 20 })

export const tagFilter = structure('TagFilter', {
  Key: tagKey,
  Values: tagValueList,
})

export const tagFilterList = list(tagFilter, { min: 0, max: 50 })

export const tagKeyList = list(tagKey)

export const complianceDetails = structure('ComplianceDetails', {
  ComplianceStatus: boolean,
  KeysWithNoncompliantValues: tagKeyList,
  MissingTagKeys: tagKeyList,
  NoncompliantKeys: tagKeyList,
})

export const tag = structure('Tag', {
  Key: required(tagKey),
  Value: required(tagValue),
})

export const tagList = list(tag)

export const resourceTagMapping = structure('ResourceTagMapping', {
  ComplianceDetails: complianceDetails,
  ResourceARN: resourceARN,
  Tags: tagList,
})

export const resourceTagMappingList = list(resourceTagMapping)

export const tagValuesOutputList = list(tagValue)

export const resourceARNListForTagUntag = list(resourceARN, { min: 1, max: 20 })

export const tagMap = map(tagKey, tagValue, { min: 1, max: 50 })

export const failureInfo = structure('FailureInfo', {
  // The model's enumeration is of the API's own codes; by its documentation the owning service's may stand here too.
  ErrorCode: string(),
  ErrorMessage: string(),
  StatusCode: integer(),
})

export const failedResourcesMap = map(resourceARN, failureInfo)

export const tagKeyListForUntag = list(tagKey, { min: 1, max: 50 })
